//! The real `xiangshang`, started as people start it: `serve` spoken to as browsers do, the office's commands typed and read.

#[cfg(feature = "cloud")]
mod cloud;
mod files;
mod keys;
mod killed;
mod ledger;
mod mishaps;
mod office;
mod operation;
mod serve;
mod site;
