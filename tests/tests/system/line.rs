//! The whole line without a browser: a form's POSTs by hand, a receipt, kill -9, and everything is found again.

use std::{collections::BTreeMap, thread, time::Duration};

use anyhow::{Context, Result, ensure};
use domain::value::{TrackingKind, TrackingNumber};
use tests::{Server, Site};

/// What a shop owner would write.
const MATTER: [(&str, &str); 5] = [
    ("category", "finance"),
    ("title", "续贷手续反复补件，贷款快到期了"),
    ("description", "我店三年前的经营贷下月到期，申请续贷已经补了四次材料，每次要的都不一样，希望一次说清。"),
    ("urgency", "normal"),
    ("publish", "no"),
];
const PERSON: [(&str, &str); 3] =
    [("company", "相山区老街早点铺"), ("contact", "王女士"), ("mobile", "１３８ ０５６１-１２３４")];

#[test]
fn an_appeal_is_found_again_after_kill_9() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let receipt = Visit::to(&server).file_an_appeal()?;
    ensure!(receipt.number.starts_with("XS"), "`{}` is no tracking number of an appeal", receipt.number);
    server.kill()?;

    let server = site.serve()?;
    let found = Visit::to(&server).track(&receipt.number, &receipt.code)?;
    ensure!(found.contains(&receipt.number), "the tracker does not show the case:\n{found}");
    for sealed in ["老街早点铺", "王女士", "13805611234"] {
        ensure!(!found.contains(sealed), "the tracker shows `{sealed}`");
    }
    let inbox = site.office(&["inbox"])?;
    ensure!(inbox.contains(&receipt.number), "the office does not see it:\n{inbox}");
    ensure!(!inbox.contains("王女士"), "the inbox shows a name unasked:\n{inbox}");
    let revealed = site.office(&["case", &receipt.number, "--reveal", "--reason", "首次联系", "--operator", "收集岗"])?;
    ensure!(revealed.contains("王女士") && revealed.contains("13805611234"), "the reveal shows no telephone:\n{revealed}");
    Ok(())
}

#[test]
fn a_wrong_code_and_an_unknown_number_get_the_same_answer() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let receipt = Visit::to(&server).file_an_appeal()?;
    let wrong_code = if receipt.code == "00000000" { "11111111" } else { "00000000" };
    let wrong = Visit::to(&server).track(&receipt.number, wrong_code)?;
    // Well formed, with its check digit, and never given out: random digits that the known one does not have.
    let known: TrackingNumber = receipt.number.parse()?;
    let never = [0, 1].map(|random| TrackingNumber::new(TrackingKind::Appeal, known.date(), random));
    let never = never.iter().find(|number| **number != known).context("two numbers differ")?.to_string();
    let unknown = Visit::to(&server).track(&never, wrong_code)?;
    ensure!(wrong.replace(&receipt.number, "") == unknown.replace(&never, ""), "the two answers differ");
    Ok(())
}

#[test]
fn a_registration_is_found_again_after_kill_9_and_fills_a_seat() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    let receipt = Visit::to(&server).register("13905610001")?;
    ensure!(receipt.number.starts_with("XB"), "`{}` is no tracking number of a registration", receipt.number);
    server.kill()?;

    let server = site.serve()?;
    let found = Visit::to(&server).track(&receipt.number, &receipt.code)?;
    ensure!(found.contains(&receipt.number), "the tracker does not show the registration:\n{found}");
    let again = Visit::to(&server).register("139 0561 0001");
    ensure!(again.is_err(), "the same telephone got a second seat of the same session");
    Ok(())
}

#[test]
fn a_copy_of_the_data_folder_gives_no_name_and_no_telephone() -> Result<()> {
    let site = Site::new()?;
    let server = site.serve()?;
    Visit::to(&server).file_an_appeal()?;
    server.kill()?;
    let mut files = 0;
    for entry in std::fs::read_dir(site.root().join("data"))? {
        let bytes = std::fs::read(entry?.path())?;
        files += 1;
        for sealed in ["老街早点铺", "王女士", "13805611234", "续贷手续"] {
            ensure!(!bytes.windows(sealed.len()).any(|window| window == sealed.as_bytes()), "the data folder holds `{sealed}`");
        }
    }
    ensure!(files > 0, "there is no data folder to look into");
    Ok(())
}

/// What one keeps after confirming.
struct Receipt {
    number: String,
    code: String,
}

/// One visitor who follows forms as a browser without JavaScript does.
struct Visit<'a> {
    server: &'a Server,
    agent: ureq::Agent,
}

impl<'a> Visit<'a> {
    fn to(server: &'a Server) -> Visit<'a> {
        Visit { server, agent: Server::agent() }
    }

    fn file_an_appeal(&self) -> Result<Receipt> {
        let first = self.get("/appeal/")?;
        let second = self.post_form(&first, &MATTER)?;
        let review = self.post_form(&second, &PERSON)?;
        self.confirm(&review)
    }

    fn register(&self, mobile: &str) -> Result<Receipt> {
        let page = self.first_open_session()?;
        let review = self.post_form(
            &page,
            &[("name", "李先生"), ("mobile", mobile), ("company", "相山区某印务有限公司"), ("attendance", "onsite")],
        )?;
        self.confirm(&review)
    }

    /// The registration page of the first course that is open.
    fn first_open_session(&self) -> Result<String> {
        let courses = self.get("/courses/")?;
        for link in attributes(&courses, "href").filter(|link| link.starts_with("/courses/") && link.len() > "/courses/".len()) {
            // A course that is closed has a page there too, which says so and has no form.
            match self.get(&format!("{link}register/")) {
                Ok(page) if form_of(&page).is_ok() => return Ok(page),
                _ => {}
            }
        }
        anyhow::bail!("no course is open for registration")
    }

    fn confirm(&self, review: &str) -> Result<Receipt> {
        // Nobody reads 核对 in less than three seconds; whoever does is put into quarantine.
        thread::sleep(Duration::from_millis(3200));
        let receipt = self.post_form(review, &[("handle", "yes"), ("forward", "yes")])?;
        let number = receipt
            .split(|character: char| !character.is_ascii_alphanumeric())
            .find(|word| (word.starts_with("XS") || word.starts_with("XB")) && word.len() > 10)
            .context("the receipt shows no number")?
            .to_owned();
        let code = digits_in_fours(&receipt).context("the receipt shows no code")?;
        Ok(Receipt { number, code })
    }

    fn track(&self, number: &str, code: &str) -> Result<String> {
        let page = self.get("/track/")?;
        let (action, _) = form_of(&page)?;
        let mut answer =
            self.agent.post(format!("{}{action}", self.server.url)).send_form([("number", number), ("code", code)])?;
        Ok(answer.body_mut().read_to_string()?)
    }

    fn get(&self, path: &str) -> Result<String> {
        let mut answer = self.agent.get(format!("{}{path}", self.server.url)).call()?;
        ensure!(answer.status() == 200, "`{path}` answers {}", answer.status());
        Ok(answer.body_mut().read_to_string()?)
    }

    /// Posts the form on `page` with its hidden values and `answers`, and gives the page that the redirect leads to.
    fn post_form(&self, page: &str, answers: &[(&str, &str)]) -> Result<String> {
        let (action, mut values) = form_of(page)?;
        values.extend(answers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut answer = self
            .agent
            .post(format!("{}{action}", self.server.url))
            .send_form(values.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
        if answer.status() != 303 {
            let page = answer.body_mut().read_to_string()?;
            anyhow::bail!("`{action}` answers {}:\n{page}", answer.status());
        }
        let location = answer.headers().get("location").context("a redirect without a place")?.to_str()?.to_owned();
        self.get(location.strip_prefix(&self.server.url).unwrap_or(&location))
    }
}

/// The action and the hidden values of the form that posts to `/f/`.
fn form_of(page: &str) -> Result<(String, BTreeMap<String, String>)> {
    let start = page.find("action=\"/f/").context("the page has no form of ours")?;
    let form = &page[start..];
    let form = &form[..form.find("</form>").unwrap_or(form.len())];
    let action = attributes(form, "action").next().context("the form has no action")?;
    // The further steps wait in templates, for whoever runs scripts; without, they are no part of the form.
    let own = form.split("</template>").filter_map(|part| part.split("<template").next());
    let hidden = own
        .flat_map(|part| part.split("<input").skip(1))
        .filter(|input| input.contains("type=\"hidden\""))
        .filter_map(|input| Some((attributes(input, "name").next()?, attributes(input, "value").next()?)))
        .collect();
    Ok((action, hidden))
}

/// The values of an attribute, in order.
fn attributes<'p>(html: &'p str, name: &str) -> impl Iterator<Item = String> + 'p {
    let marker = format!("{name}=\"");
    let mut rest = html;
    std::iter::from_fn(move || {
        let value = &rest[rest.find(&marker)? + marker.len()..];
        let (value, after) = value.split_once('"')?;
        rest = after;
        Some(value.replace("&amp;", "&"))
    })
}

/// A query code as receipts show it: four digits, a hyphen or space, four digits.
fn digits_in_fours(page: &str) -> Option<String> {
    let bytes = page.as_bytes();
    (0..bytes.len().saturating_sub(9)).find_map(|at| {
        let window = &bytes[at..at + 9];
        let shaped = window
            .iter()
            .enumerate()
            .all(|(place, byte)| if place == 4 { matches!(byte, b'-' | b' ') } else { byte.is_ascii_digit() });
        let alone = (at == 0 || !bytes[at - 1].is_ascii_digit())
            && bytes.get(at + 9).is_none_or(|byte| !byte.is_ascii_digit() && *byte != b'-');
        (shaped && alone).then(|| window.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect())
    })
}
