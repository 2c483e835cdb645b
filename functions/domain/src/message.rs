//! Messages to people: what each is about, whether somebody must speak with them, and when they may be disturbed.
//!
//! Firms leave telephones, not e-mail, so a call is the channel that always works. A message by machine (SMS, WeCom) saves the call
//! where it suffices.

use jiff::{SignedDuration, civil::Time};
use serde::{Deserialize, Serialize};

use crate::time::Moment;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An appeal came in; somebody must be spoken with by the promised moment.
    FirstContact,
    /// A submission tripped a rule against robots; a person has to find out whether it is real.
    Check,
    /// They have seats.
    Registered,
    /// A person has looked at their registration, and they have seats or wait for them.
    Released,
    /// They wait for seats.
    Waitlisted,
    /// Seats are held for them; they must say whether they want them.
    Offered,
    /// The seats that were held for them went to the next.
    OfferLapsed,
    /// They waited and now have seats.
    Seated,
    /// They did not want the seats that were held for them.
    Declined,
    /// They do not wait any more.
    LeftWaitlist,
    /// They sat online and now have seats in the room, as they would have liked.
    MovedOnsite,
    /// They changed their registration.
    Changed,
    /// They cancelled it.
    Cancelled,
    /// The session does not take place.
    SessionCancelled,
    /// The session is at another time or place.
    SessionMoved,
    /// Their appeal is graded: by when there will be an answer.
    CaseGraded,
    /// The unit needs something from them.
    CaseAsked,
    /// How far the unit is.
    CaseReported,
    /// It takes longer, and why.
    CaseExtended,
    /// It is not taken on, was handed over, or goes on as part of another.
    CaseEnded,
    /// There is an answer: what do they think of it?
    FollowUp,
    /// The case that theirs went on in has an answer, or ended without one.
    JoinedAnswered,
    /// They have lost their query code: who they are has to be made sure of before they are told a new one.
    LostCode,
}

/// How somebody has to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Only by speaking with them.
    Call,
    /// By a message, or by a call where none can be sent: they do not know it yet.
    MessageOrCall,
    /// By a message where one can be sent: they did it themselves and saw the answer.
    Message,
}

impl What {
    /// All of them.
    pub const ALL: [What; 23] = [
        What::FirstContact,
        What::Check,
        What::Registered,
        What::Released,
        What::Waitlisted,
        What::Offered,
        What::OfferLapsed,
        What::Seated,
        What::Declined,
        What::LeftWaitlist,
        What::MovedOnsite,
        What::Changed,
        What::Cancelled,
        What::SessionCancelled,
        What::SessionMoved,
        What::CaseGraded,
        What::CaseAsked,
        What::CaseReported,
        What::CaseExtended,
        What::CaseEnded,
        What::FollowUp,
        What::JoinedAnswered,
        What::LostCode,
    ];

    /// As it is written in the table and in configuration: `first_contact`.
    pub fn id(self) -> &'static str {
        match self {
            What::FirstContact => "first_contact",
            What::Check => "check",
            What::Registered => "registered",
            What::Released => "released",
            What::Waitlisted => "waitlisted",
            What::Offered => "offered",
            What::OfferLapsed => "offer_lapsed",
            What::Seated => "seated",
            What::Declined => "declined",
            What::LeftWaitlist => "left_waitlist",
            What::MovedOnsite => "moved_onsite",
            What::Changed => "changed",
            What::Cancelled => "cancelled",
            What::SessionCancelled => "session_cancelled",
            What::SessionMoved => "session_moved",
            What::CaseGraded => "case_graded",
            What::CaseAsked => "case_asked",
            What::CaseReported => "case_reported",
            What::CaseExtended => "case_extended",
            What::CaseEnded => "case_ended",
            What::FollowUp => "follow_up",
            What::JoinedAnswered => "joined_answered",
            What::LostCode => "lost_code",
        }
    }

    /// Why somebody is called, in words for staff.
    pub fn words(self) -> &'static str {
        match self {
            What::FirstContact => "首次联系",
            What::Check => "人工核对",
            What::Registered => "告知报名成功",
            What::Released => "核对通过，告知报名结果",
            What::Waitlisted => "告知已进入候补",
            What::Offered => "候补有名额了，问要不要",
            What::OfferLapsed => "告知保留的名额已过期",
            What::Seated => "告知候补成功",
            What::Declined => "告知已放弃保留的名额",
            What::LeftWaitlist => "告知已退出候补",
            What::MovedOnsite => "告知已由线上改到现场",
            What::Changed => "告知报名已修改",
            What::Cancelled => "告知报名已取消",
            What::SessionCancelled => "告知活动取消",
            What::SessionMoved => "告知活动改了时间或地点",
            What::CaseGraded => "告知诉求的办结日期",
            What::CaseAsked => "请企业补充材料",
            What::CaseReported => "告知办理进展",
            What::CaseExtended => "告知延期和原因",
            What::CaseEnded => "告知不予受理、转交或并案",
            What::FollowUp => "告知答复并回访",
            What::JoinedAnswered => "并案的那一件有结果了，告知结果",
            What::LostCode => "查询码丢了：核实是本人，换新码告知",
        }
    }

    /// How they have to be reached.
    pub fn reach(self) -> Reach {
        match self {
            // What another firm was answered is told in words of one's own, not sent.
            What::FirstContact | What::Check | What::JoinedAnswered | What::LostCode => Reach::Call,
            What::Released
            | What::Offered
            | What::OfferLapsed
            | What::MovedOnsite
            | What::SessionCancelled
            | What::SessionMoved => Reach::MessageOrCall,
            What::CaseGraded | What::CaseAsked | What::CaseExtended | What::CaseEnded | What::FollowUp => Reach::MessageOrCall,
            What::CaseReported => Reach::Message,
            What::Registered
            | What::Waitlisted
            | What::Seated
            | What::Declined
            | What::LeftWaitlist
            | What::Changed
            | What::Cancelled => Reach::Message,
        }
    }

    /// The first moment from `moment` on at which such a message may be delivered by itself: an offer's clock starts with it, so none
    /// comes while people sleep.
    pub fn may_be_sent(self, moment: Moment) -> Moment {
        if self == What::Offered { awake(moment) } else { moment }
    }
}

/// `moment`, or the next 08:00 when it lies between 21:00 and 08:00.
pub fn awake(moment: Moment) -> Moment {
    const MORNING: Time = Time::constant(8, 0, 0, 0);
    const EVENING: Time = Time::constant(21, 0, 0, 0);
    let local = moment.local();
    if (MORNING..EVENING).contains(&local.time()) {
        return moment;
    }
    let day = if local.time() < MORNING { Some(local.date()) } else { local.date().tomorrow().ok() };
    day.map_or(moment, |day| Moment::from_local(day.to_datetime(MORNING)))
}

/// How often a message is sent before it is left to staff.
pub const MOST_ATTEMPTS: u32 = 8;

/// How long to wait after so many attempts that failed: 30 seconds, doubled each time, at most an hour. `chance` of 0 to 1 spreads
/// those that failed together over the second half of that time.
pub fn wait_after(attempts: u32, chance: f64) -> SignedDuration {
    let longest =
        SignedDuration::from_secs(30).saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(SignedDuration::from_hours(1));
    longest.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

/// What staff do next when somebody was called `tries` times and not reached; none as long as calling again is all there is to do.
pub fn after_tries(what: What, tries: u32) -> Option<&'static str> {
    if tries < 2 {
        return None;
    }
    Some(match what {
        What::FirstContact => {
            "已打两次未接通：换个时段（上午、下午各一次）再打，或打备用联系方式；仍不通，把两次未接通记在案上，请分管领导定"
        }
        What::Check => "已打两次未接通：先不占名额、不受理，留在待核对里；下一个工作日再打一次",
        What::LostCode => "已打两次未接通：换个时段再打；查询码只在电话里念，不发短信，不告诉别人",
        What::Offered => "已打两次未接通：发一条短信，写明名额保留到什么时候；到时没有答复，自动让给下一位",
        What::SessionCancelled | What::SessionMoved => "已打两次未接通：发一条短信，并请企业联络员转告；活动当天在门口留人说明",
        _ => "已打两次未接通：发一条短信即可，不用再打",
    })
}

/// Whether calling `tries` times in vain counts as having told them. An offer's clock must start one day even when nobody answers, or
/// their seat would be held for ever; two tries are what the field asks for elsewhere (未回应).
pub fn counts_as_told(what: What, tries: u32) -> bool {
    what == What::Offered && tries >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Moment {
        text.parse().expect("a moment")
    }

    #[test]
    fn the_name_in_configuration_is_the_one_in_the_table() {
        for what in What::ALL {
            assert_eq!(serde_json::to_string(&what).expect("plain data"), format!("\"{}\"", what.id()));
        }
    }

    #[test]
    fn an_offer_never_comes_while_people_sleep() {
        for (moment, sent) in [
            ("2026-12-01 07:59", "2026-12-01 08:00"),
            ("2026-12-01 08:00", "2026-12-01 08:00"),
            ("2026-12-01 20:59", "2026-12-01 20:59"),
            ("2026-12-01 21:00", "2026-12-02 08:00"),
            ("2026-12-31 23:30", "2027-01-01 08:00"),
            ("2026-12-02 00:00", "2026-12-02 08:00"),
        ] {
            assert_eq!(What::Offered.may_be_sent(at(moment)), at(sent), "{moment}");
            assert_eq!(What::Cancelled.may_be_sent(at(moment)), at(moment));
        }
    }

    #[test]
    fn waiting_doubles_up_to_an_hour_and_is_spread() {
        for (attempts, from, to) in [(1, 15, 30), (2, 30, 60), (3, 60, 120), (7, 960, 1920), (8, 1800, 3600), (99, 1800, 3600)] {
            assert_eq!(wait_after(attempts, 0.0), SignedDuration::from_secs(from), "{attempts}");
            assert_eq!(wait_after(attempts, 1.0), SignedDuration::from_secs(to), "{attempts}");
        }
    }

    #[test]
    fn after_two_tries_there_is_something_else_to_do() {
        for what in What::ALL {
            assert_eq!(after_tries(what, 1), None);
            assert!(after_tries(what, 2).is_some_and(|words| words.starts_with("已打两次")));
        }
    }
}
