//! Delivers what is in the outbox: by the webhook where there is one for a kind of message, otherwise it is left to the call list.
//!
//! At least once: whoever sends a message first takes it for a minute by a conditional write, so that two passes at once do not both
//! send it; when the process dies in between, it is sent again with the same id.

use std::time::{Duration, Instant};

use domain::{
    Moment,
    message::{MOST_ATTEMPTS, Reach, wait_after},
    value::{Mobile, TrackingKind, TrackingNumber},
    words,
};
use jiff::SignedDuration;
use tokio::task::JoinSet;

use super::{
    Entry, Found, NEXT, State, What,
    contact::{Contact, How},
    webhook::{Answer, Channel, Parameters, Request},
};
use crate::{
    Service, ServiceError,
    draft::after,
    registrations::Registration,
    seal::random,
    submission::{Answers, answers_key, head_key},
    table::{Index, Query, SortRange, TableError, Write, query_all},
};

/// Most messages that one pass looks at.
const AT_ONCE: usize = 64;
/// Most that are being sent at the same time.
const IN_FLIGHT: usize = 8;
/// For how long a message is taken by whoever sends it: longer than any request lasts.
const TAKEN: SignedDuration = SignedDuration::from_secs(60);
/// Longest that a receiver may ask us to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What a pass over the outbox has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Delivered {
    /// Sent by the webhook.
    pub(crate) sent: usize,
    /// To be sent again later.
    pub(crate) failed: usize,
    /// Left to the call list.
    pub(crate) to_call: usize,
    /// Given up and not worth a call.
    pub(crate) undelivered: usize,
    /// Not needed any more.
    pub(crate) dropped: usize,
    /// There is more to do at once.
    pub(crate) more: bool,
}

/// What became of one message.
enum Became {
    Sent,
    Failed,
    ToCall,
    Undelivered,
    Dropped,
    /// It is somebody else's, or was put off.
    Untouched,
}

/// Whether a message can be sent.
enum Prepared {
    Request(Request),
    /// They left no telephone that takes messages.
    NoMobile,
    /// There is nobody left to send it to.
    Gone,
}

impl Service {
    /// Delivers what is due, and begins nothing after `until`.
    pub(crate) async fn deliver(&self, until: Instant) -> Result<Delivered, ServiceError> {
        let now = self.clock.now();
        // `$` follows `#`, which ends the moment in the list's order.
        let range = SortRange::Between("0".to_owned(), format!("{:016}$", now.0.as_millisecond().max(0)));
        let query = Query { sort: range, limit: AT_ONCE, ..Query::all(NEXT) };
        let page = self.table.query_index(Index::Second, query).await?;
        let mut delivered = Delivered { more: page.next.is_some(), ..Delivered::default() };
        let channel = self.config.webhook.as_ref().map(super::webhook::Webhook::open);
        let mut sending = JoinSet::new();
        let mut failure = None;
        let mut items = page.items.into_iter();
        loop {
            let next = if sending.len() < IN_FLIGHT && Instant::now() < until { items.next() } else { None };
            match next {
                Some(item) => {
                    let Some(found) = Found::read(item)? else { continue };
                    let (service, channel) = (self.clone(), channel.clone());
                    sending.spawn(async move {
                        let number = found.number.to_string();
                        (number, service.deliver_one(found, channel).await)
                    });
                }
                None => {
                    let Some(done) = sending.join_next().await else { break };
                    match done {
                        Ok((_, Ok(became))) => delivered.count(became),
                        Ok((number, Err(error))) => {
                            tracing::warn!(number, %error, "a message was not delivered; it is tried again");
                            failure = Some(error);
                        }
                        Err(error) => tracing::error!(%error, "delivering a message was broken off"),
                    }
                }
            }
        }
        delivered.more |= items.next().is_some();
        match failure {
            Some(error) if delivered == Delivered::default() => Err(error),
            _ => Ok(delivered),
        }
    }

    /// The next moment at which there is something to deliver.
    pub(crate) async fn next_delivery(&self) -> Result<Option<Moment>, ServiceError> {
        let page = self.table.query_index(Index::Second, Query { limit: 1, ..Query::all(NEXT) }).await?;
        let first = page.items.into_iter().next().map(Found::read).transpose()?.flatten();
        Ok(first.and_then(|found| found.next))
    }

    async fn deliver_one(&self, found: Found, channel: Option<Channel>) -> Result<Became, ServiceError> {
        let now = self.clock.now();
        let what = found.entry.message.what;
        if found.entry.sent.is_some() {
            // It was sent, and what follows from that was not done.
            return self.note_sent(found.number, now).await;
        }
        if !self.is_still_so(&found.number, what).await? {
            return self.settle(found.end(&found.entry, now), Became::Dropped).await;
        }
        let template = self.config.webhook.as_ref().and_then(|webhook| webhook.template(what));
        let (Some(channel), Some(template)) = (channel, template) else { return self.leave(&found, None, now).await };
        // Nobody wants to hear of an event that has begun; whether somebody must be called all the same is for staff to see.
        if found.due <= now && found.entry.message.due.is_some() {
            return self.leave(&found, Some("到期前没有发出"), now).await;
        }
        let morning = what.may_be_sent(now);
        if morning > now {
            return self.settle(found.keep(&found.entry, Some(morning)), Became::Untouched).await;
        }

        let mut entry = Entry { attempts: found.entry.attempts + 1, ..found.entry.clone() };
        let taken = found.keep(&entry, Some(after(now, TAKEN)));
        if !self.still_ours(taken).await? {
            return Ok(Became::Untouched);
        }
        let found = Found { version: found.version + 1, entry: entry.clone(), ..found };
        let request = match self.prepare(&found, template.to_owned()).await? {
            Prepared::Request(request) => request,
            Prepared::NoMobile => return self.leave(&found, Some("留的不是手机号"), now).await,
            Prepared::Gone => return self.settle(found.end(&entry, now), Became::Dropped).await,
        };
        let answer = tokio::task::spawn_blocking(move || channel.send(&request, now)).await;
        let answer = answer.unwrap_or_else(|error| Answer::Failed { why: error.to_string(), retry_after: None });

        let now = self.clock.now();
        match answer {
            Answer::Delivered => {
                // Remembered first: what follows may fail, and then it must not be sent again for that.
                entry.sent = Some(now);
                entry.failure = None;
                let contact = Contact::write(&self.keys, &found.number, None, vec![what], (How::Sent, None), now);
                self.table.transact(vec![found.keep(&entry, Some(now)), contact]).await?;
                tracing::info!(number = %found.number, what = what.id(), attempts = entry.attempts, "a message was sent");
                self.note_sent(found.number, now).await
            }
            Answer::Failed { why, retry_after } if entry.attempts < MOST_ATTEMPTS => {
                tracing::info!(number = %found.number, what = what.id(), attempts = entry.attempts, why, "a message was not taken");
                let chance = f64::from(u32::from_be_bytes(random())) / f64::from(u32::MAX);
                let asked = SignedDuration::try_from(retry_after.unwrap_or_default().min(LONGEST_WAIT)).unwrap_or_default();
                let next = what.may_be_sent(after(now, wait_after(entry.attempts, chance).max(asked)));
                entry.failure = Some(why);
                self.settle(found.keep(&entry, Some(next)), Became::Failed).await
            }
            Answer::Failed { why, .. } | Answer::Rejected { why } => {
                tracing::warn!(number = %found.number, what = what.id(), attempts = entry.attempts, why, "a message was given up");
                self.leave(&found, Some(&why), now).await
            }
        }
    }

    /// Does what follows from messages of `number` that were sent, and ends them.
    async fn note_sent(&self, number: TrackingNumber, now: Moment) -> Result<Became, ServiceError> {
        // Whoever ends a message counts it: another pass may do so at the same time.
        let mut became = Became::Untouched;
        for found in self.open_messages(&number).await? {
            let Some(at) = found.entry.sent else { continue };
            self.told(&found, at).await?;
            if let Became::Sent = self.settle(found.end(&found.entry, now), Became::Sent).await? {
                became = Became::Sent;
            }
        }
        Ok(became)
    }

    /// What follows when somebody was told.
    pub(crate) async fn told(&self, found: &Found, at: Moment) -> Result<(), ServiceError> {
        let message = &found.entry.message;
        match message.number.parse() {
            Ok(number) if message.what == What::Offered => self.offer_delivered(&number, at).await,
            _ => Ok(()),
        }
    }

    /// Whether somebody still has to hear of it. What nobody needs to hear any more is ended: whoever was to be called about an offer may
    /// have answered it meanwhile.
    pub(crate) async fn is_needed(&self, found: &Found) -> Result<bool, ServiceError> {
        if self.is_still_so(&found.number, found.entry.message.what).await? {
            return Ok(true);
        }
        self.settle(found.end(&found.entry, self.clock.now()), Became::Dropped).await?;
        Ok(false)
    }

    /// Leaves a message to staff, or to nobody when it is not worth a call.
    async fn leave(&self, found: &Found, failure: Option<&str>, now: Moment) -> Result<Became, ServiceError> {
        let mut entry = found.entry.clone();
        entry.failure = failure.map(str::to_owned).or(entry.failure);
        let (state, became) = match (entry.message.what.reach(), &entry.failure) {
            (Reach::Call | Reach::MessageOrCall, _) => (State::Call, Became::ToCall),
            (Reach::Message, Some(_)) => (State::Undelivered, Became::Undelivered),
            (Reach::Message, None) => return self.settle(found.end(&entry, now), Became::Dropped).await,
        };
        entry.state = state;
        self.settle(found.keep(&entry, None), became).await
    }

    async fn settle(&self, write: Write, became: Became) -> Result<Became, ServiceError> {
        Ok(if self.still_ours(write).await? { became } else { Became::Untouched })
    }

    /// Does a write on a message; false when somebody else has changed it meanwhile: then it is theirs.
    async fn still_ours(&self, write: Write) -> Result<bool, ServiceError> {
        match self.table.transact(vec![write]).await {
            Ok(()) => Ok(true),
            Err(TableError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens what is needed to send a message.
    async fn prepare(&self, found: &Found, template: String) -> Result<Prepared, ServiceError> {
        if found.number.kind() != TrackingKind::Registration {
            return Ok(Prepared::Gone);
        }
        let (Some(head), Some(answers)) =
            (self.table.get(&head_key(&found.number)).await?, self.table.get(&answers_key(&found.number)).await?)
        else {
            return Ok(Prepared::Gone);
        };
        let registration: Registration = head.read()?;
        let mobile = match Answers::read(answers)?.any(&self.keys, "mobile")? {
            Some(domain::form::Answer::Text(text)) => text.parse::<Mobile>().ok(),
            _ => None,
        };
        let Some(mobile) = mobile else { return Ok(Prepared::NoMobile) };
        let published = self.published().await?;
        let session = published.session(&registration.session);
        Ok(Prepared::Request(Request {
            id: self.keys.lasting("message", &found.cause()),
            kind: found.entry.message.what.id(),
            template,
            telephone: mobile.to_string(),
            parameters: Parameters {
                number: found.number.to_string(),
                event: session.map(|session| session.title.clone()).unwrap_or_default(),
                date: session.map(|session| words::moment(session.start)).unwrap_or_default(),
            },
        }))
    }

    /// The open messages of `number`.
    pub(crate) async fn open_messages(&self, number: &TrackingNumber) -> Result<Vec<Found>, ServiceError> {
        let items = query_all(self.table.as_ref(), Query::all(super::partition(number))).await?;
        Ok(items.into_iter().map(Found::read).filter_map(Result::transpose).collect::<Result<_, _>>()?)
    }
}

impl Delivered {
    fn count(&mut self, became: Became) {
        match became {
            Became::Sent => self.sent += 1,
            Became::Failed => self.failed += 1,
            Became::ToCall => self.to_call += 1,
            Became::Undelivered => self.undelivered += 1,
            Became::Dropped => self.dropped += 1,
            Became::Untouched => {}
        }
    }
}
