//! What keeps the service going: publishing content, backing up and restoring the data.

pub mod backup;
pub mod keys;
pub mod publish;
pub mod restore;
