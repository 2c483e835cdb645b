//! The real `xiangshang`, started as people start it: `serve` spoken to as browsers do, the office's commands typed and read.

#[cfg(feature = "cloud")]
mod bucket;
#[cfg(feature = "cloud")]
mod cloud;
mod files;
#[cfg(unix)]
mod hooks;
mod keys;
mod killed;
mod ledger;
mod mishaps;
mod office;
mod operation;
mod pipeline;
#[cfg(unix)]
mod publish;
mod serve;
mod site;
