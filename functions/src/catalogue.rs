//! What the site has published for the functions: forms, sessions, limits and templates.
//!
//! A manifest is stored as one item per part under its version; a pointer names the version that counts and is flipped last.
//! Services look at the pointer at most every 30 seconds. Two things outlive versions: the declarations of forms, because pages
//! stay open and cached for weeks, and the counters of sessions.

mod known;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::{Duration, Instant},
};

use domain::{Moment, Session, Way, calendar::Calendar, form::Form, limits::Limits};
use jiff::SignedDuration;
use pages::{Frame, Manifest, TemplateError, Templates, service::ServicePage};
use serde::{Deserialize, Serialize};

use crate::{
    registrations::{News, news_key},
    service::{PublishError, Service, ServiceError},
    table::{Expect, Item, Key, NewItem, Query, Table, TableError, Write, query_all},
};

/// How long a service may go on with what it has read.
const FRESH: Duration = Duration::from_secs(30);
/// How long a form's earlier version is understood after another took its place.
const UNDERSTOOD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What is published, ready for use.
pub(crate) struct Published {
    pub(crate) version: String,
    pub(crate) frame: Frame,
    pub(crate) limits: Limits,
    pub(crate) calendar: Calendar,
    pub(crate) templates: Arc<ServiceTemplates>,
    sessions: BTreeMap<String, Session>,
    /// Current and earlier declarations.
    forms: BTreeMap<(String, u32), Form>,
    /// The current version of each form.
    current: BTreeMap<String, u32>,
}

impl Published {
    /// The current declaration of a form.
    pub(crate) fn form(&self, id: &str) -> Option<&Form> {
        self.form_version(id, *self.current.get(id)?)
    }

    /// A declaration that is current or was within the last 30 days.
    pub(crate) fn form_version(&self, id: &str, version: u32) -> Option<&Form> {
        self.forms.get(&(id.to_owned(), version))
    }

    /// The form as somebody filled it in, or as it is now when that version is not kept any more.
    pub(crate) fn form_filled_in(&self, id: &str, version: u32) -> Option<&Form> {
        self.form_version(id, version).or_else(|| self.form(id))
    }

    pub(crate) fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.get(id)
    }

    /// All sessions, in the order of their ids.
    pub(crate) fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values()
    }

    /// All forms in their current versions.
    pub(crate) fn current_forms(&self) -> impl Iterator<Item = &Form> {
        self.current.keys().filter_map(|id| self.form(id))
    }
}

impl Published {
    /// Refuses templates that cannot be shown.
    fn checked(self) -> Result<Published, TableError> {
        match self.templates.parsed() {
            Ok(_) => Ok(self),
            Err(error) => Err(TableError::Failed(format!("the manifest `{}`: {error}", self.version))),
        }
    }
}

/// The templates of service pages, parsed for the first page that is shown. A first step without mistakes is answered by none, and
/// a function that starts cold for it does not make its visitor wait. Publishing has checked them.
pub(crate) struct ServiceTemplates {
    sources: BTreeMap<String, String>,
    parsed: OnceLock<Result<Templates, TemplateError>>,
}

impl ServiceTemplates {
    fn new(sources: BTreeMap<String, String>) -> ServiceTemplates {
        ServiceTemplates { sources, parsed: OnceLock::new() }
    }

    pub(crate) fn page<P: ServicePage>(&self, page: &P, frame: &Frame) -> Result<String, TemplateError> {
        self.parsed()?.page(page, frame)
    }

    fn parsed(&self) -> Result<&Templates, TemplateError> {
        self.parsed.get_or_init(|| Templates::new(&self.sources)).as_ref().map_err(Clone::clone)
    }
}

/// What a service has read last. Its clones share it.
#[derive(Clone, Default)]
pub(crate) struct Cache(Arc<RwLock<Option<Read>>>);

/// When it was read, and what.
type Read = (Instant, Arc<Published>);

impl Cache {
    fn read(&self) -> Option<Read> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, published: Arc<Published>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), published));
    }

    /// What was read last, however long ago: for pages about failures.
    pub(crate) fn last(&self) -> Option<Arc<Published>> {
        self.read().map(|(_, published)| published)
    }
}

/// The item that names the version that counts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pointer {
    pub(crate) version: String,
    /// The version before: somebody may still be reading it.
    previous: Option<String>,
    at: Moment,
    /// Ids of its sessions and forms, so that what vanishes is noticed.
    sessions: BTreeSet<String>,
    forms: BTreeSet<String>,
    /// Those of which earlier versions are understood too; only they are looked for apart. What was published before this was noted does not say.
    #[serde(default)]
    with_earlier: Option<BTreeSet<String>>,
}

/// The part of a manifest that is neither session nor template.
#[derive(Serialize, Deserialize)]
struct Common {
    frame: Frame,
    limits: Limits,
    calendar: Calendar,
    current: BTreeMap<String, u32>,
    /// The current declarations. They are also kept under their own keys, which outlive this version, but from here they come in one
    /// read with all the rest.
    #[serde(default)]
    forms: Vec<Form>,
}

fn pointer_key() -> Key {
    Key::new("MANIFEST", "POINTER")
}

fn version_partition(version: &str) -> String {
    format!("MANIFEST#{version}")
}

fn form_partition(id: &str) -> String {
    format!("FORM#{id}")
}

impl Service {
    /// Makes `manifest` the one that forms, sessions and service pages are taken from.
    ///
    /// Its items are written under its version and the pointer is flipped last, so that a reader sees the old or the new one. A
    /// session that has registrants may not vanish: it must stay and say `cancelled: true`. A form whose questions
    /// changed must say so by its version.
    ///
    /// What changes about a session counts at once: seats that were added go to those who wait, and its registrants hear of another time or
    /// place and of its being cancelled (see `registrations::settle`). Nobody loses a seat when there are fewer.
    pub async fn publish(&self, manifest: Manifest) -> Result<(), PublishError> {
        // Everything that can be refused is, before anything is written.
        let templates = self.templates_of(&manifest)?;
        for write in self.examine(&manifest).await? {
            self.table.transact(vec![write]).await?;
        }
        let table = self.table.as_ref();
        let before = read_pointer(table).await?;
        let (mut concerned, mut grown) = (BTreeSet::new(), Vec::new());
        let now = self.clock.now();
        let stays = |session: &&Session| now < session.end || session.postponed;
        // An earlier attempt may have been cut off after the pointer was flipped: nothing tells what it changed.
        let mut resized: Vec<&Session> = manifest.sessions.iter().filter(stays).collect();
        let earlier_forms = before.as_ref().map(|(pointer, _)| pointer.forms.clone()).unwrap_or_default();
        if before.as_ref().is_none_or(|(pointer, _)| pointer.version != manifest.version) {
            self.store_parts(&manifest).await?;
            let earlier = match &before {
                Some((pointer, _)) => Some(self.published_at(pointer).await?),
                None => None,
            };
            resized.clear();
            for session in manifest.sessions.iter().filter(stays) {
                let Some(before) = earlier.as_ref().and_then(|earlier| earlier.session(&session.id)) else { continue };
                if session.cancelled != before.cancelled || session.announced() != before.announced() {
                    concerned.insert(session.id.clone());
                }
                if Way::ALL.iter().any(|way| session.seats(*way) > before.seats(*way)) {
                    grown.push(session);
                }
                if Way::ALL.iter().any(|way| session.seats(*way) != before.seats(*way)) {
                    resized.push(session);
                }
            }
            self.flip(&manifest, before, concerned).await?;
        }
        // Only now is another version current for good.
        let current: BTreeMap<&String, u32> = manifest.forms.iter().map(|form| (&form.id, form.version)).collect();
        for id in current.keys().copied().chain(&earlier_forms).collect::<BTreeSet<_>>() {
            self.retire_forms(id, current.get(id).copied()).await?;
        }
        if let Some((pointer, _)) = read_pointer(table).await? {
            let published = load(table, &pointer).await?;
            // What is parsed need not be parsed again for the first page that is shown.
            let templates =
                if published.templates.sources == templates.sources { templates } else { published.templates.clone() };
            self.cache.keep(Arc::new(Published { templates, ..published }));
        }
        // After that: whoever sees the note sees the new number of seats.
        self.seats_changed(&resized).await?;
        for session in grown {
            self.promote_or_leave(session, None).await;
        }
        Ok(())
    }

    /// Whether `version` is what counts: somebody else may have published another since.
    pub async fn is_published(&self, version: &str) -> Result<bool, TableError> {
        Ok(read_pointer(self.table.as_ref()).await?.is_some_and(|(pointer, _)| pointer.version == version))
    }

    /// The templates of `manifest`, parsed, which most versions have in common. Refuses those that cannot be shown.
    pub(crate) fn templates_of(&self, manifest: &Manifest) -> Result<Arc<ServiceTemplates>, PublishError> {
        let known = self.cache.last().map(|published| published.templates.clone());
        let templates = known.filter(|known| known.sources == manifest.templates);
        let templates = templates.unwrap_or_else(|| Arc::new(ServiceTemplates::new(manifest.templates.clone())));
        match templates.parsed() {
            Ok(_) => Ok(templates),
            Err(error) => Err(PublishError::Template(error.to_string())),
        }
    }

    /// Refuses what may not be published; gives the writes that keep its forms under their versions.
    pub(crate) async fn examine(&self, manifest: &Manifest) -> Result<Vec<Write>, PublishError> {
        if let Some((pointer, _)) = read_pointer(self.table.as_ref()).await? {
            self.keep_sessions(&pointer, manifest).await?;
        }
        let mut writes = Vec::new();
        for form in &manifest.forms {
            writes.extend(self.keep_form(form).await?);
        }
        Ok(writes)
    }

    /// What is published, at most 30 seconds old.
    pub(crate) async fn published(&self) -> Result<Arc<Published>, ServiceError> {
        let cached = self.cache.read();
        if let Some((read, published)) = &cached
            && read.elapsed() < FRESH
        {
            return Ok(published.clone());
        }
        match (self.published_now().await, cached) {
            (Ok(published), _) => Ok(published),
            // A table that cannot be read for a moment does not make what was read wrong.
            (Err(error), Some((_, published))) => {
                tracing::warn!(%error, "the manifest could not be read again");
                Ok(published)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// Takes up what another process has published, without waiting for what was read to be half a minute old. One read by key when
    /// there is nothing new.
    pub(crate) async fn look_again(&self) -> Result<(), ServiceError> {
        let Some((_, read)) = self.cache.read() else { return Ok(()) };
        let table = self.table.as_ref();
        if let Some((pointer, _)) = read_pointer(table).await?
            && pointer.version != read.version
        {
            self.cache.keep(Arc::new(load(table, &pointer).await?.checked()?));
            tracing::info!(version = pointer.version, "took up a manifest that was published elsewhere");
        }
        Ok(())
    }

    /// What is published at this moment.
    pub(crate) async fn published_now(&self) -> Result<Arc<Published>, ServiceError> {
        let table = self.table.as_ref();
        let Some((pointer, _)) = read_pointer(table).await? else { return Err(ServiceError::NoManifest) };
        let published = match self.cache.last() {
            Some(published) if published.version == pointer.version => published,
            // What is shown is not exchanged for what cannot be.
            Some(_) => Arc::new(load(table, &pointer).await?.checked()?),
            None => Arc::new(load(table, &pointer).await?),
        };
        self.cache.keep(published.clone());
        Ok(published)
    }

    /// All that `pointer` points to, without reading it again when it was read last.
    pub(crate) async fn published_at(&self, pointer: &Pointer) -> Result<Arc<Published>, TableError> {
        match self.cache.last().filter(|published| published.version == pointer.version) {
            Some(published) => Ok(published),
            None => Ok(Arc::new(load(self.table.as_ref(), pointer).await?)),
        }
    }

    async fn keep_sessions(&self, pointer: &Pointer, manifest: &Manifest) -> Result<(), PublishError> {
        let mut vanished = Vec::new();
        for id in pointer.sessions.iter().filter(|id| manifest.sessions.iter().all(|session| session.id != **id)) {
            if self.has_registrants(id).await? {
                vanished.push(id.clone());
            }
        }
        if vanished.is_empty() { Ok(()) } else { Err(PublishError::SessionsVanished { sessions: vanished }) }
    }

    /// The write that keeps the declaration under its version; none when it is kept already.
    async fn keep_form(&self, form: &Form) -> Result<Option<Write>, PublishError> {
        let key = Key::new(form_partition(&form.id), form_sort(form.version));
        let kept = self.table.get(&key).await?;
        Ok(match kept {
            None => Some(Write::create(NewItem::json(key, form))),
            Some(item) => {
                let before: Form = known::read(&item)?;
                if asks_otherwise(&before, form) {
                    return Err(PublishError::FormChanged { form: form.id.clone(), version: form.version });
                }
                let same = before == *form && item.expires.is_none();
                (!same).then(|| Write::replace(NewItem::json(key, form), item.version))
            }
        })
    }

    /// The forms of `manifest` of which other versions than its own are kept.
    async fn with_earlier(&self, manifest: &Manifest) -> Result<BTreeSet<String>, TableError> {
        let mut found = BTreeSet::new();
        for form in &manifest.forms {
            let kept = query_all(self.table.as_ref(), Query::all(form_partition(&form.id))).await?;
            if kept.iter().any(|item| item.key.sort != form_sort(form.version)) {
                found.insert(form.id.clone());
            }
        }
        Ok(found)
    }

    /// Lets all versions of a form but the current one expire in 30 days.
    async fn retire_forms(&self, id: &str, current: Option<u32>) -> Result<(), PublishError> {
        let expires = Moment(self.clock.now().0.saturating_add(UNDERSTOOD).unwrap_or(jiff::Timestamp::MAX));
        for item in query_all(self.table.as_ref(), Query::all(form_partition(id))).await? {
            let is_current = current.is_some_and(|version| item.key.sort == form_sort(version));
            if !is_current && item.expires.is_none() {
                let retired = NewItem { key: item.key, index: item.index, expires: Some(expires), body: item.body };
                self.table.transact(vec![Write::replace(retired, item.version)]).await?;
            }
        }
        Ok(())
    }

    async fn store_parts(&self, manifest: &Manifest) -> Result<(), PublishError> {
        let partition = version_partition(&manifest.version);
        // An earlier attempt may have been cut off: its parts are the same, since the version is their hash.
        let stored = query_all(self.table.as_ref(), Query::all(&partition)).await?;
        let stored: BTreeSet<String> = stored.into_iter().map(|item| item.key.sort).collect();
        let mut batch: Vec<Write> = Vec::new();
        let mut bytes = 0;
        for (sort, body) in parts(manifest) {
            if stored.contains(&sort) {
                continue;
            }
            if batch.len() == crate::table::MAX_WRITES || bytes + body.len() > crate::table::MAX_TRANSACTION / 2 {
                self.table.transact(std::mem::take(&mut batch)).await?;
                bytes = 0;
            }
            bytes += body.len();
            let item = NewItem { key: Key::new(&partition, sort), index: [None, None], expires: None, body };
            batch.push(Write::create(item));
        }
        if !batch.is_empty() {
            self.table.transact(batch).await?;
        }
        Ok(())
    }

    /// Points to the new version, notes in the same transaction whose registrants have to hear of it, and drops the version before the last.
    async fn flip(
        &self,
        manifest: &Manifest,
        before: Option<(Pointer, u64)>,
        concerned: BTreeSet<String>,
    ) -> Result<(), PublishError> {
        let pointer = Pointer {
            version: manifest.version.clone(),
            previous: before.as_ref().map(|(pointer, _)| pointer.version.clone()),
            at: self.clock.now(),
            sessions: manifest.sessions.iter().map(|session| session.id.clone()).collect(),
            forms: manifest.forms.iter().map(|form| form.id.clone()).collect(),
            with_earlier: Some(self.with_earlier(manifest).await?),
        };
        let expect = before.as_ref().map_or(Expect::Absent, |(_, version)| Expect::Version(*version));
        let item = NewItem::json(pointer_key(), &pointer);
        let mut writes = vec![Write::Put { item, expect }];
        let news = News { sessions: concerned, at: pointer.at };
        if !news.sessions.is_empty() {
            let key = news_key(&manifest.version);
            // The same version was published before and another since.
            let expect = self.table.get(&key).await?.map_or(Expect::Absent, |item| Expect::Version(item.version));
            writes.push(Write::Put { item: NewItem::json(key, &news), expect });
        }
        self.table.transact(writes).await?;
        tracing::info!(version = pointer.version, "published a manifest");
        let outdated = before.and_then(|(pointer, _)| pointer.previous).filter(|outdated| *outdated != manifest.version);
        if let Some(outdated) = outdated {
            let items = query_all(self.table.as_ref(), Query::all(version_partition(&outdated))).await?;
            for items in items.chunks(crate::table::MAX_WRITES) {
                let delete = |item: &Item| Write::Delete { key: item.key.clone(), version: item.version };
                self.table.transact(items.iter().map(delete).collect()).await?;
            }
        }
        Ok(())
    }
}

fn form_sort(version: u32) -> String {
    format!("VERSION#{version:010}")
}

/// Whether a declaration asks something else than the one before under the same version. Wording and answers may be mended; what is asked,
/// needed and agreed to may not change unseen.
fn asks_otherwise(before: &Form, now: &Form) -> bool {
    let asked = |form: &Form| -> Vec<_> {
        let field =
            |field: &domain::form::Field| (field.id.clone(), field.kind, field.required, field.when.clone(), field.privacy);
        form.steps.iter().map(|step| (step.id.clone(), step.fields.iter().map(field).collect::<Vec<_>>())).collect()
    };
    let agreed = |form: &Form| -> Vec<_> { form.consents.iter().map(|consent| (consent.id.clone(), consent.required)).collect() };
    before.service != now.service || asked(before) != asked(now) || agreed(before) != agreed(now)
}

/// The parts of a manifest by their sort keys.
fn parts(manifest: &Manifest) -> Vec<(String, Vec<u8>)> {
    fn json(value: &impl Serialize) -> Vec<u8> {
        serde_json::to_vec(value).expect("a manifest's parts were read from JSON or are written to it")
    }
    let common = Common {
        frame: manifest.frame.clone(),
        limits: manifest.limits.clone(),
        calendar: manifest.calendar.clone(),
        current: manifest.forms.iter().map(|form| (form.id.clone(), form.version)).collect(),
        forms: manifest.forms.clone(),
    };
    let sessions = manifest.sessions.iter().map(|session| (format!("SESSION#{}", session.id), json(session)));
    let templates = manifest.templates.iter().map(|(name, text)| (format!("TEMPLATE#{name}"), json(text)));
    std::iter::once(("COMMON".to_owned(), json(&common))).chain(sessions).chain(templates).collect()
}

pub(crate) async fn read_pointer(table: &dyn Table) -> Result<Option<(Pointer, u64)>, TableError> {
    let item = table.get(&pointer_key()).await?;
    item.map(|item| Ok((item.read()?, item.version))).transpose()
}

/// All that `pointer` points to.
pub(crate) async fn load(table: &dyn Table, pointer: &Pointer) -> Result<Published, TableError> {
    let version = &pointer.version;
    let (mut common, mut sessions, mut sources) = (None, BTreeMap::new(), BTreeMap::new());
    for item in query_all(table, Query::all(version_partition(version))).await? {
        match item.key.sort.split_once('#') {
            None => common = Some(known::read::<Common>(&item)?),
            Some(("SESSION", id)) => drop(sessions.insert(id.to_owned(), known::read::<Session>(&item)?)),
            Some((_, name)) => drop(sources.insert(name.to_owned(), item.read::<String>()?)),
        }
    }
    let common = common.ok_or_else(|| TableError::Failed(format!("the manifest `{version}` is not whole")))?;
    let Common { frame, limits, calendar, current, forms } = common;
    // One by one: a map that is collected sorts first, and the code of a sort is large.
    let mut known = BTreeMap::new();
    known.extend(forms.into_iter().map(|form| ((form.id.clone(), form.version), form)));
    for (id, version) in &current {
        let alone = pointer.with_earlier.as_ref().is_some_and(|with_earlier| !with_earlier.contains(id));
        if alone && known.contains_key(&(id.clone(), *version)) {
            continue;
        }
        for item in query_all(table, Query::all(form_partition(id))).await? {
            let form: Form = known::read(&item)?;
            known.insert((form.id.clone(), form.version), form);
        }
    }
    let templates = Arc::new(ServiceTemplates::new(sources));
    Ok(Published { version: version.clone(), frame, limits, calendar, templates, sessions, forms: known, current })
}
