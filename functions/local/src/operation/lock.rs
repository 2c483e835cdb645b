//! One at a time, across processes.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use anyhow::Context;

use crate::terminal::eprintln;

/// Takes the lock at `path`, which ends with the process, however that ends. While another has it, says `waiting` and waits.
pub fn lock(path: &Path, waiting: &str) -> anyhow::Result<File> {
    let failed = || format!("不能锁住 `{}`", path.display());
    let file = File::options().create(true).truncate(false).write(true).open(path).with_context(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            eprintln!("{waiting}");
            file.lock().with_context(failed)?;
        }
        Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
    }
    Ok(file)
}
