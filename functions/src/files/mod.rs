//! Files that a firm sends along with its appeal.
//!
//! 1. [`examine`](mod@examine) tells what was sent and makes of it what may be kept.
//! 2. [`store`] keeps bytes: in a [`folder`] beside the table, or in a bucket (`bucket`, feature `aws`).
//! 3. `keep` ties both to a case: the bytes are stored first, sealed, and then a record in the case's partition says so. Bytes that no record
//!    names are loose, are listed as such before they are written, and are swept an hour later: whatever dies in between, nothing is lost that
//!    was answered and nothing stays that was not.
//! 4. `posted` takes what browsers have posted to a bucket: a function of its own examines it when the bucket calls.

#[cfg(feature = "aws")]
pub mod bucket;
pub mod copy;
pub mod examine;
pub mod folder;
mod keep;
mod posted;
pub mod store;

use std::{fmt, sync::Arc};

use domain::attachment::Refused;
use tokio::sync::Semaphore;

use self::{
    examine::Examined,
    store::{Posting, Store},
};

pub(crate) use keep::{FileRecord, Kept};

/// What [`examine::examine`] is to whoever calls it by way of a [`Files`]: decoders are linked into the programs that name it, and the functions
/// that never see a file's bytes stay as small as they are.
pub type Examine = fn(Vec<u8>) -> Result<Examined, Refused>;

/// Files that are read at the same time: each takes up to 20 MB.
const READ_AT_ONCE: usize = 12;

/// Where files are kept and how they come there.
#[derive(Clone)]
pub struct Files {
    pub(crate) store: Arc<dyn Store>,
    /// They are sent to us, and this examines them.
    pub(crate) examine: Option<Examine>,
    /// They are posted elsewhere.
    pub(crate) posting: Option<Arc<dyn Posting>>,
    pub(crate) reading: Arc<Semaphore>,
    /// One at a time: a large photograph takes some hundred megabytes.
    examining: Arc<Semaphore>,
}

impl Files {
    /// Files that are sent to these functions themselves.
    pub fn here(store: Arc<dyn Store>, examine: Examine) -> Files {
        Files { examine: Some(examine), ..Files::kept_in(store) }
    }

    /// Files that browsers post to a bucket, from where a function of its own takes them.
    pub fn in_bucket(bucket: Arc<impl Store + Posting>) -> Files {
        Files { posting: Some(bucket.clone()), ..Files::kept_in(bucket) }
    }

    /// Files that come another way, or that are only read.
    pub fn kept_in(store: Arc<dyn Store>) -> Files {
        let (reading, examining) = (Arc::new(Semaphore::new(READ_AT_ONCE)), Arc::new(Semaphore::new(1)));
        Files { store, examine: None, posting: None, reading, examining }
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Files").field("here", &self.examine.is_some()).finish()
    }
}
