//! What keeps the service going: publishing content, backing up and restoring the data.

pub mod backup;
mod git;
pub mod hook;
pub mod keys;
mod lock;
pub mod publish;
pub mod restore;
