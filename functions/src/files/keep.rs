//! A case's files: their records stand in its partition under one of three fixed keys, so that a fourth has nowhere to go however many come
//! at once.

use std::{collections::BTreeMap, time::Instant};

use domain::{
    Moment,
    appeal::State,
    attachment::{self, Kind, Refused},
    value::TrackingNumber,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Examine, Files, examine::Examined, store::StoreError};
use crate::{
    Service, ServiceError,
    appeals::Case,
    draft::after,
    encoding,
    log::concerns,
    seal::{Place, Sealed, file::FileKey, random},
    submission::{head_key, partition},
    table::{Expect, Index, Item, Key, NewItem, Query, TableError, Write, query_all},
};

/// The list of all records, by the names of their bytes: what a backup has to hold.
pub(super) const LIST: &str = "FILES";
/// Bytes that no record names: about to get one, or about to be removed.
const LOOSE: &str = "FILES#LOOSE";
/// Bytes are not loose for longer unless something died.
const LOOSE_FOR: SignedDuration = SignedDuration::from_hours(1);
/// How often a record is tried again when somebody else comes between.
const ATTEMPTS: usize = 8;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// It is kept.
    New(FileRecord),
    /// The same bytes were kept before.
    Already(FileRecord),
    /// It is not taken.
    Refused(Refused),
    /// Nothing can be added to this case, in words.
    Closed(&'static str),
}

/// A file of a case, nothing opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileRecord {
    /// 1, 2 or 3.
    pub(crate) place: usize,
    pub(crate) kind: Kind,
    /// Bytes that are kept, before they were sealed.
    pub(crate) size: u64,
    pub(crate) at: Moment,
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    /// The name of its bytes.
    bytes: String,
    /// Under which the same bytes are found again. They were sent otherwise than they are kept, so it cannot be made anew for another key.
    same: String,
    kind: Kind,
    size: u64,
    at: Moment,
    /// What it was called, and the key that its bytes are sealed with.
    sealed: BTreeMap<String, Sealed>,
}

/// Bytes that no record names.
#[derive(Serialize, Deserialize)]
struct Loose {
    since: Moment,
}

const NAME: &str = "name";
const KEY: &str = "key";

impl Service {
    /// The files of a case, in order.
    pub(crate) async fn files_of(&self, number: &TrackingNumber) -> Result<Vec<FileRecord>, ServiceError> {
        Ok(self.stored_files(number).await?.iter().map(|(place, _, stored)| stored.record(*place)).collect())
    }

    /// Why no file can be added to a case now, in words; nothing when one can.
    pub(crate) fn closed_to_files(&self, case: &Case) -> Option<&'static str> {
        if case.origin.is_discarded() || case.origin.is_quarantined() {
            return Some("这一件还在等待人工核对，核对以后才能传文件。");
        }
        match case.head.state {
            State::Submitted
            | State::Accepted
            | State::Graded
            | State::Assigned
            | State::Working
            | State::Waiting
            | State::Answered => None,
            _ => Some("这一件已经不在办理，不能再传文件。"),
        }
    }

    /// Examines what was sent to a case and keeps it.
    pub(crate) async fn keep_file(
        &self,
        number: &TrackingNumber,
        name: &str,
        bytes: Vec<u8>,
        examine: Examine,
    ) -> Result<Kept, ServiceError> {
        concerns(number);
        let files = self.files.as_ref().ok_or_else(|| StoreError("no files are kept here".to_owned()))?;
        if let Some(why) = self.closed_to_files(&self.case_item(number).await?.0) {
            return Ok(Kept::Closed(why));
        }
        let same = self.keys.lasting("file", &encoding::hex(&Sha256::digest(&bytes)));
        let known = self.stored_files(number).await?;
        if let Some(record) = kept_before(&known, &same) {
            return Ok(Kept::Already(record));
        }
        if known.len() >= attachment::MOST {
            return Ok(Kept::Refused(Refused::Full));
        }
        let examined = match files.examined(bytes, examine).await? {
            Ok(examined) => examined,
            Err(refused) => {
                tracing::info!(%number, why = refused.id(), "a file was refused");
                return Ok(Kept::Refused(refused));
            }
        };
        let kept = self.store_file(files, number, name, examined, same).await?;
        if let Kept::New(record) = &kept {
            tracing::info!(%number, place = record.place, kind = ?record.kind, size = record.size, "a file was kept");
        }
        Ok(kept)
    }

    /// Bytes first, then their record. In between they are loose.
    async fn store_file(
        &self,
        files: &Files,
        number: &TrackingNumber,
        name: &str,
        examined: Examined,
        same: String,
    ) -> Result<Kept, ServiceError> {
        let bytes = encoding::base32(&random::<20>());
        let key = FileKey::new();
        let loose = loose_key(&bytes);
        let since = self.clock.now();
        self.table.transact(vec![Write::create(NewItem::json(loose.clone(), &Loose { since }))]).await?;
        files.store.put(&bytes, key.seal(&bytes, &examined.bytes)).await?;

        let mut kept = Err(ServiceError::Busy);
        for _ in 0..ATTEMPTS {
            let (case, head) = self.case_item(number).await?;
            if let Some(why) = self.closed_to_files(&case) {
                kept = Ok(Kept::Closed(why));
                break;
            }
            let known = self.stored_files(number).await?;
            if let Some(record) = kept_before(&known, &same) {
                kept = Ok(Kept::Already(record));
                break;
            }
            let Some(place) = (1..=attachment::MOST).find(|place| known.iter().all(|(taken, ..)| taken != place)) else {
                kept = Ok(Kept::Refused(Refused::Full));
                break;
            };
            let at = file_key(number, place);
            let seal = |field: &str, text: &str| (field.to_owned(), self.keys.seal(Place { key: &at, field, version: 1 }, text));
            let sealed = [seal(NAME, &attachment::shown_name(name, examined.kind)), seal(KEY, &key.to_text())];
            let stored = Stored {
                bytes: bytes.clone(),
                same: same.clone(),
                kind: examined.kind,
                size: examined.bytes.len() as u64,
                at: self.clock.now(),
                sealed: sealed.into(),
            };
            let record = NewItem::json(at.clone(), &stored).listed(Index::First, Key::new(LIST, &bytes));
            let writes = vec![
                Write::create(record),
                Write::create(NewItem::json(same_key(number, &same), &())),
                Write::Check { key: head_key(number), expect: Expect::Version(head.version) },
                // Fails when a sweep has taken the bytes for left behind.
                Write::Delete { key: loose.clone(), version: 1 },
            ];
            match self.table.transact(writes).await {
                Ok(()) => return Ok(Kept::New(stored.record(place))),
                Err(TableError::Conflict { .. }) => {}
                // It may have been done all the same: then the bytes have a record and are not loose any more.
                Err(error) => return Err(error.into()),
            }
        }
        self.remove_loose(files, &bytes).await?;
        kept
    }

    /// What a file was called and what is in it. Whoever calls this has recorded it.
    pub(crate) async fn open_file(
        &self,
        number: &TrackingNumber,
        place: usize,
    ) -> Result<Option<(FileRecord, String, Vec<u8>)>, ServiceError> {
        let Some((_, item, stored)) = self.stored_files(number).await?.into_iter().find(|(known, ..)| *known == place) else {
            return Ok(None);
        };
        let open = |field: &str| {
            let sealed = stored.sealed.get(field).ok_or_else(|| StoreError(format!("`{}` has no {field}", item.key)))?;
            Ok::<_, ServiceError>(self.keys.open(Place { key: &item.key, field, version: item.version }, sealed)?)
        };
        let (name, key) = (open(NAME)?, FileKey::from_text(&open(KEY)?));
        let files = self.files.as_ref().ok_or_else(|| StoreError("no files are kept here".to_owned()))?;
        let sealed = files.store.get(&stored.bytes).await?;
        let sealed = sealed.ok_or_else(|| StoreError(format!("the bytes of `{}` are not there", item.key)))?;
        let bytes = key.and_then(|key| key.open(&stored.bytes, &sealed));
        let bytes = bytes.ok_or_else(|| StoreError(format!("the bytes of `{}` were changed", item.key)))?;
        Ok(Some((stored.record(place), name, bytes)))
    }

    /// Removes all files of a case for good; how many. Erasing a case calls this **before** it removes anything else of the case: what is listed
    /// as loose here is removed even when the process dies or the store cannot be reached, by a later pass of the scheduled work, while bytes whose
    /// record is simply deleted would stay where they are. It calls it **once more after** it has changed the case's head, for a file that came in
    /// between; later none can come.
    pub async fn remove_files(&self, number: &TrackingNumber) -> Result<usize, ServiceError> {
        for _ in 0..ATTEMPTS {
            let known = self.stored_files(number).await?;
            let mut writes = Vec::new();
            for (_, item, stored) in &known {
                writes.push(Write::Delete { key: item.key.clone(), version: item.version });
                let since = after(self.clock.now(), -LOOSE_FOR);
                writes.push(Write::create(NewItem::json(loose_key(&stored.bytes), &Loose { since })));
            }
            for item in query_all(self.table.as_ref(), Query::prefix(partition(number), SAME)).await? {
                writes.push(Write::Delete { key: item.key, version: item.version });
            }
            if !writes.is_empty() {
                match self.table.transact(writes).await {
                    Ok(()) => tracing::info!(%number, files = known.len(), "the files of a case were removed"),
                    Err(TableError::Conflict { .. }) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            if let Some(files) = &self.files {
                for (_, _, stored) in &known {
                    // With the record its key went, so nobody can read it any more: what is left is no reason to erase nothing.
                    if let Err(error) = self.remove_loose(files, &stored.bytes).await {
                        tracing::warn!(%number, %error, "the bytes of an erased file are left to the scheduled work");
                    }
                }
            }
            return Ok(known.len());
        }
        Err(ServiceError::Busy)
    }

    /// Removes bytes that were left loose; how many.
    pub(crate) async fn sweep_files(&self, until: Instant) -> Result<usize, ServiceError> {
        let Some(files) = &self.files else { return Ok(0) };
        let mut removed = 0;
        for item in query_all(self.table.as_ref(), Query::all(LOOSE)).await? {
            let left = after(item.read::<Loose>()?.since, LOOSE_FOR) <= self.clock.now();
            if left && Instant::now() < until {
                removed += usize::from(self.remove_loose(files, &item.key.sort).await?);
            }
        }
        Ok(removed)
    }

    /// Removes bytes that are loose; whether they were. They are taken first, so that nobody who still holds them can give them a record.
    async fn remove_loose(&self, files: &Files, bytes: &str) -> Result<bool, ServiceError> {
        let key = loose_key(bytes);
        let Some(item) = self.table.get(&key).await? else { return Ok(false) };
        let taken = Loose { since: after(self.clock.now(), -LOOSE_FOR) };
        match self.table.transact(vec![Write::replace(NewItem::json(key.clone(), &taken), item.version)]).await {
            Ok(()) => {}
            Err(TableError::Conflict { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        files.store.remove(bytes).await?;
        match self.table.transact(vec![Write::Delete { key, version: item.version + 1 }]).await {
            Ok(()) | Err(TableError::Conflict { .. }) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    async fn stored_files(&self, number: &TrackingNumber) -> Result<Vec<(usize, Item, Stored)>, ServiceError> {
        let mut files = Vec::new();
        for item in query_all(self.table.as_ref(), Query::prefix(partition(number), FILE)).await? {
            let place = item.key.sort.strip_prefix(FILE).and_then(|place| place.parse().ok());
            let place = place.ok_or_else(|| TableError::Failed(format!("`{}` is no file", item.key)))?;
            let stored = item.read()?;
            files.push((place, item, stored));
        }
        Ok(files)
    }
}

impl Files {
    async fn examined(&self, bytes: Vec<u8>, examine: Examine) -> Result<Result<Examined, Refused>, StoreError> {
        let failed = || StoreError("a file could not be examined".to_owned());
        let _turn = self.examining.acquire().await.map_err(|_| failed())?;
        // A decoder that panics has met a file that it should have refused.
        Ok(tokio::task::spawn_blocking(move || examine(bytes)).await.unwrap_or(Err(Refused::Broken)))
    }
}

impl Stored {
    fn record(&self, place: usize) -> FileRecord {
        FileRecord { place, kind: self.kind, size: self.size, at: self.at }
    }
}

fn kept_before(known: &[(usize, Item, Stored)], same: &str) -> Option<FileRecord> {
    known.iter().find(|(_, _, stored)| stored.same == same).map(|(place, _, stored)| stored.record(*place))
}

const FILE: &str = "FILE#";
const SAME: &str = "SAMEFILE#";

fn file_key(number: &TrackingNumber, place: usize) -> Key {
    Key::new(partition(number), format!("{FILE}{place}"))
}

fn same_key(number: &TrackingNumber, same: &str) -> Key {
    Key::new(partition(number), format!("{SAME}{same}"))
}

fn loose_key(bytes: &str) -> Key {
    Key::new(LOOSE, bytes)
}
