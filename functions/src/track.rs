//! Finding a case or a registration again by number and code.
//!
//! An unknown number and a wrong code take the same path: the same reads, one comparison in constant time, the same answer. Wrong tries
//! are counted for the number and for the block of addresses they come from, and slow the next ones down; nobody is locked out,
//! because a village may share one address.

use std::{net::IpAddr, time::Duration};

use domain::{
    Moment,
    value::{QueryCode, TrackingNumber},
};
use jiff::SignedDuration;
use pages::{registration::Acts, service::CaseContext};

use crate::{
    Service, ServiceError,
    catalogue::Published,
    draft::after,
    http::act_link,
    log::concerns,
    rights::Record,
    submission::{code, head_key, origin_of},
    table::{Item, Key, Write},
};

/// Wrong tries an hour that cost nothing, for one number.
const FREE_PER_NUMBER: u32 = 5;
/// Wrong tries an hour that cost nothing, from one block of addresses: many people may be behind it.
const FREE_PER_BLOCK: u32 = 60;
/// Wrong digits an hour that cost nothing at a door, from one block of addresses.
const FREE_AT_A_DOOR: u32 = 30;
/// Lost codes an hour that are reported for nothing, from one block of addresses.
const FREE_REPORTS: u32 = 10;
/// Nobody waits longer, so that a slow answer never becomes a lost one.
const LONGEST: Duration = Duration::from_secs(8);

impl Service {
    /// What the tracker shows of `number` to whoever also has its code; none for an unknown number and for a wrong code alike.
    pub(crate) async fn look_up(
        &self,
        published: &Published,
        number: &TrackingNumber,
        given: &QueryCode,
        address: IpAddr,
    ) -> Result<Option<CaseContext>, ServiceError> {
        let now = self.clock.now();
        let hour = now.0.as_second() / 3600;
        let counters = [
            (Key::new(format!("TRIES#{number}"), format!("HOUR#{hour}")), FREE_PER_NUMBER),
            (
                Key::new(format!("TRIES#{}", self.keys.lasting("address", &block(address))), format!("HOUR#{hour}")),
                FREE_PER_BLOCK,
            ),
        ];
        self.slow_down(&counters).await?;

        let item = self.table.get(&head_key(number)).await?;
        let counter = item.as_ref().map(origin_of).transpose()?.map_or(0, |origin| origin.code_counter);
        let right = code(&self.keys, number, counter).matches(given);
        match item {
            Some(item) if right => {
                concerns(number);
                Ok(Some(self.page_of(published, number, &item).await?))
            }
            _ => {
                let expires = after(now, SignedDuration::from_hours(2));
                self.count_try(counters.map(|(key, _)| key), expires).await?;
                Ok(None)
            }
        }
    }

    /// Slows down whoever has typed wrong digits at a door; the counter of the next wrong ones. Counted for the place only: a venue has one
    /// address for all who arrive, and the digits name nobody.
    pub(crate) async fn slow_down_at_the_door(&self, address: IpAddr) -> Result<Key, ServiceError> {
        let hour = self.clock.now().0.as_second() / 3600;
        let place = self.keys.lasting("address", &block(address));
        let counter = (Key::new(format!("TRIES#DOOR#{place}"), format!("HOUR#{hour}")), FREE_AT_A_DOOR);
        self.slow_down(std::slice::from_ref(&counter)).await?;
        Ok(counter.0)
    }

    /// Slows down whoever has reported many lost codes; the counter of the next ones. Each costs somebody a call.
    pub(crate) async fn slow_down_reports(&self, address: IpAddr) -> Result<Key, ServiceError> {
        let hour = self.clock.now().0.as_second() / 3600;
        let place = self.keys.lasting("address", &block(address));
        let counter = (Key::new(format!("TRIES#LOST#{place}"), format!("HOUR#{hour}")), FREE_REPORTS);
        self.slow_down(std::slice::from_ref(&counter)).await?;
        Ok(counter.0)
    }

    /// Counts a report of a lost code.
    pub(crate) async fn count_report(&self, counter: Key) -> Result<(), ServiceError> {
        self.count_try([counter], after(self.clock.now(), SignedDuration::from_hours(2))).await
    }

    /// Counts wrong digits at a door.
    pub(crate) async fn count_at_the_door(&self, counter: Key) -> Result<(), ServiceError> {
        self.count_try([counter], after(self.clock.now(), SignedDuration::from_hours(2))).await
    }

    /// Waits as long as the wrong tries before this one ask for.
    async fn slow_down(&self, counters: &[(Key, u32)]) -> Result<(), ServiceError> {
        let mut wait = Duration::ZERO;
        for (key, free) in counters {
            let tries = self.table.get(key).await?.map_or(0, |item| u32::try_from(item.count).unwrap_or(u32::MAX));
            wait = wait.max(wait_after(tries, *free, self.config.slow_down));
        }
        tokio::time::sleep(wait).await;
        Ok(())
    }

    pub(crate) async fn page_of(
        &self,
        published: &Published,
        number: &TrackingNumber,
        item: &Item,
    ) -> Result<CaseContext, ServiceError> {
        let record = Record::read(number, item)?;
        if let Some(erased) = record.origin().erased {
            return self.erased_page(number, &record, erased).await;
        }
        let mut page = match &record {
            Record::Appeal(case) => self.appeal_page(published, number, case).await?,
            Record::Intake(intake) => self.intake_page(published, number, intake).await?,
            Record::Registration(registration) => self.registration_page(published, number, registration).await?,
        };
        page.rights = Acts {
            links: vec![act_link("stored", "查看、更正、删除我的信息", false)], token: self.act_token(number)
        };
        Ok(page)
    }

    async fn count_try(&self, keys: impl IntoIterator<Item = Key>, expires: Moment) -> Result<(), ServiceError> {
        for key in keys {
            let add = Write::Add { key, by: 1, at_most: i64::from(u32::MAX), expires: Some(expires) };
            self.table.transact(vec![add]).await?;
        }
        Ok(())
    }
}

/// How long the next try waits after so many wrong ones within the hour: longer with each, and never for ever.
fn wait_after(wrong: u32, free: u32, step: Duration) -> Duration {
    let slowed = wrong.saturating_add(1).saturating_sub(free).min(60);
    step.saturating_mul(slowed).min(LONGEST)
}

/// The addresses that one line or one household usually has: /24 of IPv4, /48 of IPv6.
fn block(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tries_are_waited_for_a_little_longer_each_and_never_locked_out() {
        let second = Duration::from_secs(1);
        for (wrong, free, seconds) in [
            (0, FREE_PER_NUMBER, 0),
            (4, FREE_PER_NUMBER, 0),
            (5, FREE_PER_NUMBER, 1),
            (7, FREE_PER_NUMBER, 3),
            (100, FREE_PER_NUMBER, 8),
            // A village behind one address mistypes more often than one person.
            (59, FREE_PER_BLOCK, 0),
            (60, FREE_PER_BLOCK, 1),
            (u32::MAX, FREE_PER_BLOCK, 8),
        ] {
            assert_eq!(wait_after(wrong, free, second), second * seconds, "{wrong} of {free}");
        }
    }

    #[test]
    fn neighbours_share_a_block_and_strangers_do_not() {
        for (one, other, same) in [
            ("203.0.113.7", "203.0.113.200", true),
            ("203.0.113.7", "203.0.114.7", false),
            ("::ffff:203.0.113.7", "203.0.113.8", true),
            ("2001:db8:1:2::1", "2001:db8:1:ffff::9", true),
            ("2001:db8:1::1", "2001:db8:2::1", false),
        ] {
            let (one, other) = (block(one.parse().unwrap()), block(other.parse().unwrap()));
            assert_eq!(one == other, same, "{one} and {other}");
        }
    }
}
