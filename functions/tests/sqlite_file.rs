//! What is particular to the SQLite engine: its file, its versions, its key.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![cfg(feature = "sqlite")]

use std::{fs, path::Path, sync::Arc};

use functions::{
    Clock, Config, KeyError, KeySource, OpenError as ServiceOpenError, Service,
    table::{
        Key, NewItem, Table, Write,
        sqlite::{OpenError, Sqlite},
    },
};

fn clock() -> Clock {
    Clock::standing_at("2026-12-01 09:00".parse().unwrap())
}

fn open(folder: &Path) -> Result<Sqlite, OpenError> {
    Sqlite::open(&folder.join("data/table.db"), clock())
}

async fn service(folder: &Path, key: &str) -> Result<Service, ServiceOpenError> {
    let table = Arc::new(open(folder).unwrap());
    Service::open(table, &KeySource::File(folder.join("keys").join(key)), clock(), Config::default()).await
}

#[tokio::test]
async fn what_was_answered_is_there_after_opening_again_and_for_others_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path()).unwrap(), open(folder.path()).unwrap());
    let key = Key::new("P", "a");
    one.transact(vec![Write::create(NewItem::json(key.clone(), &"x"))]).await.unwrap();
    assert_eq!(other.get(&key).await.unwrap().unwrap().read::<String>().unwrap(), "x");
    drop((one, other));
    assert!(open(folder.path()).unwrap().get(&key).await.unwrap().is_some());
}

#[test]
fn a_newer_or_foreign_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    let file = folder.path().join("data/table.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let refused = open(folder.path()).err().expect("refused");
    assert!(matches!(refused, OpenError::Newer { found: 99, .. }), "{refused}");
    assert!(refused.to_string().contains("hint: "), "{refused}");

    let foreign = folder.path().join("foreign.db");
    let connection = rusqlite::Connection::open(&foreign).unwrap();
    connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(connection);
    assert!(matches!(Sqlite::open(&foreign, clock()), Err(OpenError::Foreign(_))));
    fs::write(&foreign, "这不是数据库，这不是数据库，这不是数据库。".repeat(100)).unwrap();
    assert!(matches!(Sqlite::open(&foreign, clock()), Err(OpenError::Failed { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn the_key_is_made_once_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    service(folder.path(), "site.key").await.unwrap();
    let file = folder.path().join("keys/site.key");
    let (text, mode) = (fs::read_to_string(&file).unwrap(), fs::metadata(&file).unwrap().permissions().mode() & 0o777);
    assert_eq!(mode, 0o600);
    assert_eq!(fs::read_dir(folder.path().join("keys")).unwrap().count(), 1, "nothing is left beside it");
    service(folder.path(), "site.key").await.unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), text);

    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = service(folder.path(), "site.key").await.err().expect("refused");
    assert!(matches!(&refused, ServiceOpenError::Key(KeyError::Open { mode: 0o640, .. })), "{refused}");
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
}

#[tokio::test]
async fn nothing_starts_without_the_right_key() {
    let folder = tempfile::tempdir().unwrap();
    service(folder.path(), "site.key").await.unwrap();
    let file = folder.path().join("keys/site.key");

    let missing = service(folder.path(), "elsewhere.key").await.err().expect("refused");
    assert!(matches!(missing, ServiceOpenError::Key(KeyError::Missing(_))), "{missing}");
    assert!(!folder.path().join("keys/elsewhere.key").exists(), "no second key is made");

    let other = tempfile::tempdir().unwrap();
    service(other.path(), "site.key").await.unwrap();
    fs::copy(other.path().join("keys/site.key"), &file).unwrap();
    let wrong = service(folder.path(), "site.key").await.err().expect("refused");
    assert!(matches!(wrong, ServiceOpenError::Key(KeyError::Other { .. })), "{wrong}");

    fs::write(&file, "xiangshang-key-1 abc\n").unwrap();
    let malformed = service(folder.path(), "site.key").await.err().expect("refused");
    assert!(matches!(malformed, ServiceOpenError::Key(KeyError::Malformed(_))), "{malformed}");
}

#[tokio::test]
async fn many_who_start_at_once_end_with_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let starts = (0..4).map(|_| {
        let folder = folder.path().to_owned();
        tokio::spawn(async move { service(&folder, "site.key").await.map(drop) })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap().unwrap();
    }
}
