//! `/f/seats/SESSION+SESSION+…`: how many seats are left now, for the script of a static page.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{registration, words};
use serde::Serialize;

use super::reply::{Refusal, answer};
use crate::Service;

/// So long may a cache in front answer for us: a hundred people who open a page at once ask the table once. Somebody's own browser asks
/// anew each time: who has just registered and looks again would otherwise read what was true before.
const CACHED: &str = "public, max-age=0, s-maxage=5";
/// No page has more.
const MOST_SESSIONS: usize = 40;

/// What the script gets.
#[derive(Serialize)]
struct Seats {
    /// 10:05
    at: String,
    /// By session.
    seats: BTreeMap<String, Left>,
}

#[derive(Serialize)]
struct Left {
    /// 还有 12 个现场名额
    words: String,
    /// Somebody who asks now gets a seat or may wait for one.
    free: bool,
}

/// Sessions that are not known are left out.
pub(crate) async fn left(State(service): State<Arc<Service>>, Path(sessions): Path<String>) -> Response {
    let result = async {
        let published = service.published().await?;
        let now = service.clock.now();
        let mut seats = BTreeMap::new();
        for session in sessions.split('+').take(MOST_SESSIONS).filter_map(|id| published.session(id)) {
            let left = match registration::is_open(session, now) {
                Ok(()) => {
                    let taken = service.taken_by_all(session).await?;
                    let left = registration::seats_left(session, &taken);
                    let free = left.onsite + left.online > 0 || session.waitlist;
                    Left { words: registration::seats_in_words(session, &taken), free }
                }
                Err(why) => Left { words: why.to_string(), free: false },
            };
            seats.insert(session.id.clone(), left);
        }
        if seats.is_empty() {
            return Err(Refusal::new(StatusCode::NOT_FOUND, "没有找到这一场", "这一场可能已经撤下。"));
        }
        let body = serde_json::to_vec(&Seats { at: words::time(now), seats }).expect("plain data with text keys");
        Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, CACHED)], body).into_response())
    };
    answer(&service, result.await)
}
