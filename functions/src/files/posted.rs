//! Files that browsers have posted to a bucket.
//!
//! A page gives out a token that names a case; what is posted lies under it and nobody has looked at it. The bucket calls a function, which
//! examines it, keeps it, says what came of it at the address that the browser is led to, and lets go of what was posted. Called twice, it finds
//! what came of it the first time.

use domain::{
    attachment::{LARGEST_PICTURE, Refused},
    value::TrackingNumber,
};

use super::{
    Examine, Kept,
    store::{Post, StoreError},
};
use crate::{
    Service, ServiceError,
    http::file_outcome,
    token::{self, Purpose},
};

impl Service {
    /// The form by which a browser posts a file of `number` elsewhere; none when files come here.
    pub(crate) fn post_elsewhere(&self, number: &TrackingNumber, site: &str) -> Option<Post> {
        let posting = self.files.as_ref()?.posting.as_ref()?;
        let token = token::give(&self.keys, Purpose::Post, number, self.clock.now());
        Some(posting.post(&token, &format!("{site}/f/sent/{}", self.posted_id(&token))))
    }

    /// Examines and keeps what was posted under `token`; whether the token is one of ours.
    pub async fn take_posted(&self, token: &str, examine: Examine) -> Result<bool, ServiceError> {
        let posting = self.files.as_ref().and_then(|files| files.posting.clone());
        let posting = posting.ok_or_else(|| StoreError("nothing is posted here".to_owned()))?;
        let Some(number) = token::read(&self.keys, Purpose::Post, token, self.clock.now()) else {
            posting.let_go(token).await?;
            return Ok(false);
        };
        let id = self.posted_id(token);
        if self.outcome(&id).await?.is_none() {
            // Gone already: this was called twice, and the other call has done it.
            let Some(posted) = posting.posted(token).await? else { return Ok(true) };
            let kept = if posted.bytes.len() > LARGEST_PICTURE {
                Kept::Refused(Refused::TooLarge)
            } else {
                self.keep_file(&number, &posted.name, posted.bytes, examine).await?
            };
            self.keep_outcome(&id, &number, &file_outcome(&kept)).await?;
        }
        posting.let_go(token).await?;
        Ok(true)
    }

    /// Where what comes of it is told: nobody learns the token from it.
    fn posted_id(&self, token: &str) -> String {
        self.keys.lasting("posted", token)
    }
}
