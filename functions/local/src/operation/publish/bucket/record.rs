//! What publications have put into a bucket, kept there in an object beside it.
//!
//! The record is exchanged on condition that it is still the one that was read, so of two publishers that begin at the same time one is told. It is
//! written twice: before anything is sent, with all names that may be there from now on, and when all is done.

use std::collections::BTreeMap;

use domain::Moment;
use serde::{Deserialize, Serialize};

use super::{super::super::git::Commit, client::Client, plan::Plan};
use crate::failure::Failure;

/// The object's name below the prefix. No page has such a one: what begins with a dot is not published.
const NAME: &str = ".published.json";

/// What is known of a bucket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Record {
    /// The moment as of which the site was made; none before the first publication has ended.
    at: Option<Moment>,
    /// What it was made of, by its name alone: whoever knows the address can read this, and messages are not written for everybody.
    commit: Option<String>,
    /// The next moment at which the site would change by itself.
    until: Option<Moment>,
    /// By key, the hash of what was sent with its headers; empty where nobody knows what became of it.
    pub objects: BTreeMap<String, String>,
    /// What the object was like when it was read.
    #[serde(skip)]
    tag: Option<String>,
    /// It was not there.
    #[serde(skip)]
    is_first: bool,
}

impl Record {
    /// What stands in the bucket; an empty one before the first publication.
    pub fn fetch(client: &Client, prefix: &str) -> anyhow::Result<Record> {
        let Some((text, tag)) = client.get(&format!("{prefix}{NAME}"))? else {
            return Ok(Record { is_first: true, ..Record::default() });
        };
        let record: Record = serde_json::from_slice(&text).map_err(|_| {
            let hint = "它是更新的版本写的，或者坏了；坏了就删掉它再发布：全部重传，以前传的、现在没有了的文件不会删";
            Failure::new(format!("桶里的 `{prefix}{NAME}` 看不懂"), hint)
        })?;
        Ok(Record { tag, ..record })
    }

    /// Whether something is to be published: another commit, or a moment at which the site changes by itself has come. So has what was cut off.
    pub fn is_due(&self, tip: Option<&str>, now: Moment) -> bool {
        self.at.is_none()
            || (tip.is_some() && tip != self.commit.as_deref())
            || self.until.is_some_and(|until| until <= now)
            || self.objects.values().any(String::is_empty)
    }

    /// Says what is about to be sent and deleted: of none of it is it known any more what the bucket holds.
    pub fn announce(mut self, client: &Client, prefix: &str, plan: &Plan) -> anyhow::Result<Record> {
        for key in plan.uploads.iter().map(|upload| &upload.key).chain(&plan.deletes) {
            self.objects.insert(key.clone(), String::new());
        }
        self.write(client, prefix)?;
        Ok(self)
    }

    /// Says what the bucket holds now that all is done.
    pub fn settle(
        mut self,
        client: &Client,
        prefix: &str,
        plan: &Plan,
        commit: Option<Commit>,
        until: Option<Moment>,
        now: Moment,
    ) -> anyhow::Result<()> {
        for upload in &plan.uploads {
            self.objects.insert(upload.key.clone(), upload.hash.clone());
        }
        for key in &plan.deletes {
            self.objects.remove(key);
        }
        (self.at, self.commit, self.until) = (Some(now), commit.map(|commit| commit.id), until);
        self.write(client, prefix)
    }

    fn write(&mut self, client: &Client, prefix: &str) -> anyhow::Result<()> {
        let text = serde_json::to_vec(self).expect("a record is plain data with text keys");
        let mut headers =
            vec![("content-type", "application/json; charset=utf-8".to_owned()), ("cache-control", "no-store".to_owned())];
        match &self.tag {
            Some(tag) => headers.push(("if-match", tag.clone())),
            None if self.is_first => headers.push(("if-none-match", "*".to_owned())),
            None => {}
        }
        self.tag = client.put(&format!("{prefix}{NAME}"), text, &headers)?;
        self.is_first = false;
        Ok(())
    }
}
