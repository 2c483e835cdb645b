//! What is promised of every parser of bytes from outside, as properties of any bytes whatever.
//!
//! A property is a function that panics when it does not hold, so that the same one serves twice: the tests below try the kept corpus
//! and what chance makes of it, in seconds; `tests/fuzz/run` lets libFuzzer look for bytes that lead somewhere new, for as long as one likes.
//! Beside "it does not panic": what was read prints as something that reads as the same again, a normal form is its own normal form, nothing
//! grows beyond a bound, and what is refused is refused in words.

mod files;
mod site;

use std::{net::IpAddr, str::FromStr, sync::OnceLock};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use domain::{
    Moment, Session,
    form::{self, Answer, FieldKind, Form, Raw},
    value::{CreditCode, Mobile, Plate, QueryCode, Telephone, TrackingKind, TrackingNumber, text},
};

use crate::{
    draft::DraftId,
    http::request,
    keys as key_texts,
    seal::{Keys, Place, Sealed},
    table::Key,
    token::{self, Purpose},
};

/// A promise about any bytes.
///
/// # Panics
///
/// When it does not hold.
pub type Property = fn(&[u8]);

/// All properties by name; the corpus of each lies in a folder of that name.
pub const TARGETS: &[(&str, Property)] = &[
    ("tracking_number", tracking_number),
    ("query_code", query_code),
    ("mobile", mobile),
    ("telephone", telephone),
    ("credit_code", credit_code),
    ("plate", plate),
    ("moment", moment),
    ("text", free_text),
    ("draft_id", draft_id),
    ("sealed", sealed),
    ("forwarded", forwarded),
    ("body", body),
    ("answers", answers),
    ("declaration", declaration),
    ("file", files::file),
    ("file_name", files::file_name),
    ("token", any_token),
    ("key_text", key_text),
    ("request", site::any_request),
    ("act", site::act),
    ("sent", files::sent),
];

/// Holds `bytes` to the property of `target`.
///
/// # Panics
///
/// When it does not hold, or when there is no such target.
pub fn hold(target: &str, bytes: &[u8]) {
    let (_, property) =
        TARGETS.iter().find(|(name, _)| *name == target).unwrap_or_else(|| panic!("there is no target `{target}`"));
    property(bytes);
}

/// A value that people type: what is taken prints as its normal form, which is taken as the same value, and is short.
fn value<T>(bytes: &[u8], longest: usize) -> Option<T>
where
    T: FromStr + ToString,
    T::Err: ToString,
{
    let typed = String::from_utf8_lossy(bytes);
    match typed.parse::<T>() {
        Ok(value) => {
            let printed = value.to_string();
            assert!(printed.chars().count() <= longest, "`{printed}` is too long");
            let again = printed.parse::<T>().unwrap_or_else(|why| panic!("`{printed}` is not taken again: {}", why.to_string()));
            assert_eq!(again.to_string(), printed, "the normal form of {typed:?} has another normal form");
            // Whoever spaces it, types it full-width or with a hidden sign in it means the same.
            for spaced in [format!(" {printed}\u{200b}"), format!("\u{feff}{printed}　")] {
                assert_eq!(spaced.parse::<T>().map(|value| value.to_string()).ok(), Some(printed.clone()), "{spaced:?}");
            }
            Some(value)
        }
        Err(why) => {
            assert!(!why.to_string().is_empty(), "a refusal says why");
            None
        }
    }
}

fn tracking_number(bytes: &[u8]) {
    let Some(number) = value::<TrackingNumber>(bytes, 17) else { return };
    // One digit wrong is always noticed.
    let printed = number.to_string();
    for at in 2..printed.len() {
        let wrong = (printed.as_bytes()[at] - b'0' + 1) % 10;
        let slipped = format!("{}{wrong}{}", &printed[..at], &printed[at + 1..]);
        assert!(slipped.parse::<TrackingNumber>().is_err(), "{slipped} passes for {printed}");
    }
}

fn query_code(bytes: &[u8]) {
    if let Some(code) = value::<QueryCode>(bytes, 9) {
        assert!(code.matches(&code.to_string().parse().expect("a code as it is printed")));
        assert!(!format!("{code:?}").contains(|character: char| character.is_ascii_digit()), "a log shows a code");
    }
}

fn mobile(bytes: &[u8]) {
    if let Some(mobile) = value::<Mobile>(bytes, 11) {
        assert!(mobile.as_str().bytes().all(|byte| byte.is_ascii_digit()));
        assert!(mobile.masked().contains("****"));
        // A mobile number is a telephone number, and the same one.
        assert_eq!(
            mobile.as_str().parse::<Telephone>().expect("a mobile number is a telephone number").to_string(),
            mobile.to_string()
        );
    }
}

fn telephone(bytes: &[u8]) {
    if let Some(telephone) = value::<Telephone>(bytes, 20) {
        assert!(telephone.masked().contains("***"), "{} is shown as it is", telephone.masked());
    }
}

fn credit_code(bytes: &[u8]) {
    if let Some(code) = value::<CreditCode>(bytes, 18) {
        assert_eq!(code.as_str().len(), 18);
    }
}

fn plate(bytes: &[u8]) {
    if let Some(plate) = value::<Plate>(bytes, 8) {
        assert!(plate.as_str().chars().count() >= 7);
    }
}

fn moment(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(moment) = text.parse::<Moment>() {
        let printed = moment.to_string();
        let again: Moment = printed.parse().unwrap_or_else(|why| panic!("{text:?} is shown as {printed:?}: {why}"));
        assert_eq!(again.to_string(), printed);
        let written = serde_json::to_string(&moment).expect("a moment is a text");
        assert_eq!(serde_json::from_str::<Moment>(&written).expect("a moment as we write it"), again);
        let by_jiff = text.parse().map(Moment).or_else(|_| text.parse().map(Moment::from_local));
        assert_eq!(by_jiff.ok(), Some(moment), "{text:?} means something else to jiff");
    }
}

fn free_text(bytes: &[u8]) {
    let typed = String::from_utf8_lossy(bytes);
    for normal in [text::normalise, text::one_line, text::fold, text::compact, text::search_key] {
        let once = normal(&typed);
        assert_eq!(normal(&once), once, "{typed:?} has no normal form");
        // The longest that NFKC makes of one character is 18 characters of at most 3 bytes.
        assert!(once.len() <= typed.len().max(1) * 18, "{} bytes became {}", typed.len(), once.len());
        assert!(!once.contains(['\0', '\u{200b}', '\u{202e}', '\u{feff}', '\r']), "{once:?} holds what nobody sees");
    }
    assert!(!text::one_line(&typed).contains('\n'));
    assert!(text::sensitive(&typed).len() <= 3);
}

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::from_master(&[7; 32]))
}

/// An id is taken in the form in which it was given out and in no other; one that was not given out is not taken.
fn draft_id(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(id) = DraftId::parse(keys(), &text) {
        assert_eq!(id.as_str(), text.to_ascii_lowercase());
        assert_eq!(DraftId::parse(keys(), id.as_str()), Some(id));
    }
    // Whatever is changed in a genuine one, or put behind it, is noticed: the bytes say where and what.
    let genuine = genuine_draft_id();
    assert!(DraftId::parse(keys(), genuine).is_some());
    if let [at, into, ..] = bytes {
        let mut changed = genuine.as_bytes().to_vec();
        match changed.get_mut(usize::from(*at) % (genuine.len() + 1)) {
            Some(byte) => *byte = *into,
            None => changed.push(*into),
        }
        if let Ok(changed) = String::from_utf8(changed)
            && !changed.eq_ignore_ascii_case(genuine)
        {
            assert_eq!(DraftId::parse(keys(), &changed), None, "{changed} was never given out");
        }
    }
}

fn genuine_draft_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| DraftId::new(keys(), "2026-12-01 09:00".parse().expect("a moment")).as_str().to_owned())
}

/// A sealed field that was changed does not open, whatever it was changed into.
fn sealed(bytes: &[u8]) {
    let key = Key::new("CASE#XS1", "ANSWERS");
    let place = Place { key: &key, field: "contact", version: 1 };
    let Ok(given) = serde_json::from_value::<Sealed>(String::from_utf8_lossy(bytes).into()) else { return };
    assert!(keys().open(place, &given).is_err(), "made up, and it opens");
    let typed = String::from_utf8_lossy(bytes);
    assert_eq!(keys().open(place, &keys().seal(place, &typed)).expect("sealed for this place"), typed);
}

/// A token opens for its purpose as it was given out; whatever was changed in one, or made up, names nobody.
fn any_token(bytes: &[u8]) {
    const PURPOSES: [Purpose; 3] = [Purpose::Act, Purpose::Post, Purpose::Calendar];
    let now: Moment = "2026-12-01 09:00".parse().expect("a moment");
    let number = TrackingNumber::new(TrackingKind::Appeal, now.date(), 7);
    let text = String::from_utf8_lossy(bytes);
    for purpose in PURPOSES {
        assert_eq!(token::read(keys(), purpose, &text, now), None, "made up, and it opens");
        let genuine = token::give(keys(), purpose, &number, now);
        assert_eq!(token::read(keys(), purpose, &genuine, now), Some(number));
        if let [at, into, ..] = bytes {
            let mut changed = genuine.clone().into_bytes();
            let at = usize::from(*at) % changed.len();
            changed[at] = *into;
            // The two alphabets of base64 say the same.
            let same = |byte: &u8| match byte {
                b'+' => b'-',
                b'/' => b'_',
                other => *other,
            };
            let is_changed = !changed.iter().map(same).eq(genuine.bytes());
            if let (true, Ok(changed)) = (is_changed, String::from_utf8(changed)) {
                assert_eq!(token::read(keys(), purpose, &changed, now), None, "{changed} was never given out");
            }
        }
    }
}

/// A key text that is understood has one form without what is being exchanged, and leads on to the next; what is refused is not repeated.
fn key_text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(alone) = key_texts::alone(&text) else {
        let why = key_texts::exchange(&text).err().expect("what is no key text cannot be exchanged").to_string();
        // What is refused may be the very words of a refusal, or a piece of them.
        let words = key_texts::exchange("no key").err().expect("that is no key").to_string();
        let given = text.trim();
        assert!(given.len() < 20 || !why.contains(given) || words.contains(given), "a refusal shows a key");
        return;
    };
    assert_eq!(key_texts::alone(&alone).expect("a text as we write it"), alone);
    match key_texts::exchange(&text) {
        Ok(next) => {
            assert_eq!(key_texts::alone(&next.known).expect("a text as we write it"), alone, "the old key is still in use");
            assert_eq!(key_texts::alone(&next.used).expect("a text as we write it"), next.alone);
            assert!(next.used.contains(alone.split('.').next().expect("a text has a first part")), "the old key still opens");
            assert!(key_texts::exchange(&next.known).is_err() && key_texts::exchange(&next.used).is_err(), "one after the other");
            assert!(key_texts::exchange(&next.alone).is_ok());
        }
        Err(why) => assert!(text.contains(".also:"), "`alone` understands it and `exchange` does not: {why}"),
    }
}

/// From anybody but the trusted proxy the header changes nothing; from the proxy only its own last word counts.
fn forwarded(bytes: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
    let headers: HeaderMap = [(HeaderName::from_static("x-forwarded-for"), value)].into_iter().collect();
    let peer: IpAddr = [10, 0, 0, 9].into();
    assert_eq!(request::behind(peer, None, &headers), peer);
    let told = request::behind(peer, Some(peer), &headers);
    let last = bytes.rsplit(|byte| *byte == b',').next().and_then(|last| std::str::from_utf8(last).ok());
    assert!(told == peer || last.is_some_and(|last| last.trim().parse() == Ok(told)), "{told} was not the proxy's word");
}

/// What a browser posts is read as it was meant, and written by us it reads the same.
fn body(bytes: &[u8]) {
    let Ok(raw) = request::read(&Bytes::copy_from_slice(bytes)) else { return };
    let pairs = || raw.0.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    assert!(pairs().count() <= 200);
    // Each lost byte becomes a sign of three, and nothing else grows.
    assert!(pairs().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= bytes.len() * 3);
    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs()).finish();
    let again = request::read(&Bytes::from(written.into_bytes())).expect("as many values as before");
    assert_eq!(again, raw);
}

/// Answers that are right stay right and the same when they are typed once more; a wrong one names a question of the form, in words.
fn answers(bytes: &[u8]) {
    let Ok(raw) = request::read(&Bytes::copy_from_slice(bytes)) else { return };
    for form in forms() {
        check(form, &raw);
    }
}

fn check(form: &Form, raw: &Raw) {
    match form::check_all(form, raw) {
        Ok(values) => {
            let mut typed = Raw::default();
            for field in form.fields() {
                let Some(answer) = values.get(&field.id) else {
                    // Left open on purpose: what was chosen beforehand must not come back.
                    typed.0.extend(raw.0.contains_key(&field.id).then(|| (field.id.clone(), vec![String::new()])));
                    continue;
                };
                assert!(fits(field, answer), "{answer:?} is longer than the form allows");
                let lines = |many: &Vec<String>| match field.kind {
                    FieldKind::Names => vec![many.join("\n")],
                    _ => many.clone(),
                };
                let answer = match answer {
                    Answer::Text(text) => vec![text.clone()],
                    Answer::Number(number) => vec![number.to_string()],
                    Answer::Many(many) => lines(many),
                };
                typed.0.insert(field.id.clone(), answer);
            }
            assert_eq!(form::check_all(form, &typed).as_ref(), Ok(&values), "typed again: {typed:?}");
            for step in 0..form.steps.len() {
                assert!(form::check_step(form, step, raw).is_ok(), "the whole is right and step {step} is not");
            }
            form::warnings(form, &values);
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            for error in &errors {
                assert!(form.field(&error.field).is_some() && !error.message.is_empty(), "{error:?}");
                assert!(!error.message.contains('\0'), "{error:?}");
            }
            let in_steps = (0..form.steps.len()).any(|step| form::check_step(form, step, raw).is_err());
            assert!(in_steps, "the whole is wrong and no step is: {errors:?}");
        }
    }
}

fn fits(field: &form::Field, answer: &Answer) -> bool {
    let most = field.max.map_or(usize::MAX, |max| max as usize);
    match (field.kind, answer) {
        (FieldKind::Text | FieldKind::Paragraph, Answer::Text(text)) => text.chars().count() <= most,
        (_, Answer::Many(many)) => many.len() <= most,
        _ => true,
    }
}

fn forms() -> &'static [Form] {
    static FORMS: OnceLock<Vec<Form>> = OnceLock::new();
    FORMS.get_or_init(|| {
        let read = |text: &str| serde_json::from_str(text).expect("the tests' forms are declarations");
        vec![
            read(include_str!("../tests/services/given/appeal.json")),
            read(include_str!("../tests/services/given/registration.json")),
        ]
    })
}

/// A declaration that is read is written as the same declaration; one without mistakes can be filled in, and offered for a session.
fn declaration(bytes: &[u8]) {
    let Ok(form) = serde_json::from_slice::<Form>(bytes) else { return };
    let written = serde_json::to_vec(&form).expect("our own structs have text keys and are written to memory");
    assert_eq!(serde_json::from_slice::<Form>(&written).expect("a declaration as we write it"), form);
    let problems = form.problems();
    assert!(problems.iter().all(|problem| !problem.message.is_empty()));
    if problems.is_empty() {
        check(&form, &Raw::default());
        let offered = form.for_session(&a_session());
        assert!(offered.steps.len() <= form.steps.len());
        check(&offered, &Raw::default());
    }
}

fn a_session() -> Session {
    serde_json::from_value(serde_json::json!({
        "id": "salon", "title": "产业链沙龙", "url": "/activities/salon/", "start": "2026-12-10 14:00", "end": "2026-12-10 17:00",
        "place": "会客厅", "attendance": "onsite", "onsite_seats": 6, "online_seats": 0, "onsite_reserved": 0, "online_reserved": 0,
        "waitlist": true, "opens": null, "deadline": "2026-12-09 18:00", "party_limit": 3, "firm_limit": 2, "contact": "工商联办公室",
        "cancelled": false, "example": true,
    }))
    .expect("a session")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many variations of the corpus each property is held to; `OUTSIDE_ROUNDS` in the environment asks for more.
    fn rounds(usual: usize) -> usize {
        std::env::var("OUTSIDE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    }

    fn corpus(target: &str) -> Vec<Vec<u8>> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus").join(target);
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .expect("each target has a corpus")
            .map(|entry| entry.expect("a corpus can be listed").path())
            .collect();
        files.sort();
        files.iter().map(|file| std::fs::read(file).expect("a corpus can be read")).collect()
    }

    /// Numbers that only look like chance, so that a failure happens again (Marsaglia's xorshift).
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % bound.max(1) as u64).expect("below a `usize`")
        }
    }

    /// Pieces that parsers look for: chance alone seldom finds more than one byte of them.
    const PIECES: &[&str] = &[
        "\0", " ", "-", "+86", "０", "８", "\u{200b}", "\u{202e}", "\u{301}", "ﷺ", "ﾞ", "=", "&", "%", "\"", "{", "[", "\u{feff}",
        "\n", "XB",
    ];

    /// One of the corpus with a few bytes changed, dropped, doubled, or pieces put in.
    fn vary(corpus: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
        let mut bytes = corpus[chance.below(corpus.len())].clone();
        for _ in 0..=chance.below(4) {
            let at = chance.below(bytes.len() + 1);
            match chance.below(6) {
                0 if at < bytes.len() => bytes[at] = chance.below(256) as u8,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 => bytes.truncate(at),
                3 => {
                    let other = &corpus[chance.below(corpus.len())];
                    let from = chance.below(other.len() + 1);
                    bytes.splice(at..at, other[from..].iter().copied());
                }
                4 if at < bytes.len() => bytes[at] ^= 1 << chance.below(8),
                _ => drop(bytes.splice(at..at, PIECES[chance.below(PIECES.len())].bytes())),
            }
        }
        bytes.truncate(8_192);
        bytes
    }

    fn hold_all(target: &str, usual: usize) {
        let corpus = corpus(target);
        assert!(!corpus.is_empty(), "`{target}` has no corpus");
        for bytes in &corpus {
            hold(target, bytes);
        }
        let mut chance = Chance(0x5853_574C + target.len() as u64);
        for _ in 0..rounds(usual) {
            let bytes = vary(&corpus, &mut chance);
            let held = std::panic::catch_unwind(|| hold(target, &bytes));
            assert!(held.is_ok(), "{target}: {:?} ({})", String::from_utf8_lossy(&bytes), data_encoding::HEXLOWER.encode(&bytes));
        }
    }

    #[test]
    fn every_parser_of_outside_bytes_keeps_its_promise() {
        for (target, _) in TARGETS.iter().filter(|(name, _)| !ANSWERED.contains(name)) {
            hold_all(target, 1_000);
        }
    }

    /// Those that ask a whole site.
    const ANSWERED: [&str; 3] = ["request", "act", "sent"];

    #[test]
    fn whatever_is_sent_is_answered_and_never_by_a_failure() {
        for target in ANSWERED {
            hold_all(target, 500);
        }
    }

    #[test]
    fn every_corpus_belongs_to_a_parser() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fuzz/corpus");
        for entry in std::fs::read_dir(folder).expect("the corpus lies in the repository") {
            let name = entry.expect("it can be listed").file_name().into_string().expect("named after a target");
            assert!(TARGETS.iter().any(|(target, _)| *target == name), "`{name}` is nobody's corpus");
        }
    }
}
