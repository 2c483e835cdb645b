//! What is particular to the SQLite engine: its file, its versions, its key.

use std::{fs, path::Path, sync::Arc};

use functions::{
    Clock, Config, KeyError, KeySource, OpenError as ServiceOpenError, Service,
    office::Operator,
    table::{
        Key, NewItem, Table, Write,
        sqlite::{self, OpenError, Sqlite},
    },
};

use crate::given;

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

/// What an office had before the outbox was delivered by anything.
#[tokio::test]
async fn a_table_of_the_first_schema_is_upgraded_with_everything_in_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let old = rusqlite::Connection::open(folder.path().join("data/table.db")).unwrap();
    old.execute_batch(include_str!("given/schema_1.sql")).unwrap();
    drop(old);

    let table = Arc::new(open(folder.path()).unwrap());
    let key = KeySource::Given(data_encoding::BASE64.encode(&[7; 32]));
    let service = Service::open(table, &key, clock(), Config::default()).await.unwrap();
    service.publish(given::manifest(vec![given::session("djt-2026-q4")])).await.unwrap();

    let operator = Operator("张敏".to_owned());
    for (number, name) in [("XS261124917865", "张三丰"), ("XB261124264498136", "王芳菲")] {
        let opened = service.reveal(number, &operator, "升级以后").await.unwrap();
        assert!(opened.iter().any(|answer| answer.value == name), "{opened:?}");
    }
    service.run_due().await.unwrap();
    let calls = service.calls().await.unwrap();
    assert_eq!(calls.iter().map(|call| call.number.as_str()).collect::<Vec<_>>(), ["XS261124917865"]);
    service.call_done("XS261124917865", &operator, None).await.unwrap();
    let seated = service.roster("djt-2026-q4").await.unwrap().rows;
    assert!(seated[0].standing.contains("报名成功"), "{seated:?}");
}

#[tokio::test]
async fn a_copy_of_a_table_in_use_is_whole_and_private() {
    let folder = tempfile::tempdir().unwrap();
    let table = open(folder.path()).unwrap();
    let item = |sort: String| {
        Write::create(NewItem { key: Key::new("P", sort), index: [None, None], expires: None, body: vec![7; 2_000] })
    };
    for number in 0..50 {
        table.transact(vec![item(format!("{number:03}"))]).await.unwrap();
    }
    let (from, to) = (folder.path().join("data/table.db"), folder.path().join("copy.db"));
    let whole = sqlite::back_up(&from, &to).unwrap();
    assert_eq!(whole.items, 50);
    assert!(sqlite::back_up(&from, &to).is_err(), "a file that is there is not written over");
    let copy = Sqlite::open(&to, clock()).unwrap();
    assert_eq!(copy.get(&Key::new("P", "049")).await.unwrap().unwrap().body, vec![7; 2_000]);
}

#[tokio::test]
async fn a_table_is_open_to_many_or_closed_to_all_but_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/table.db");
    let (one, other) = (open(folder.path()).unwrap(), open(folder.path()).unwrap());
    assert!(sqlite::close_to_others(&path).unwrap().is_none(), "two have it open");
    drop(one);
    assert!(sqlite::close_to_others(&path).unwrap().is_none(), "one has it open");
    drop(other);
    let closed = sqlite::close_to_others(&path).unwrap().unwrap();
    assert!(matches!(open(folder.path()), Err(OpenError::Replaced(_))));
    drop(closed);
    assert!(open(folder.path()).is_ok());
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

/// Nothing waits for the log to be copied, and it is copied all the same, long before the writer would do it.
#[tokio::test]
async fn the_log_is_copied_into_the_file_while_it_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let table = open(folder.path()).unwrap();
    let rows = |partition: String| {
        (0..100).map(move |sort| Write::create(NewItem::json(Key::new(partition.clone(), sort.to_string()), &"行".repeat(300))))
    };
    for partition in 0..60 {
        table.transact(rows(partition.to_string()).collect()).await.unwrap();
    }
    let copied = || fs::metadata(folder.path().join("data/table.db")).unwrap().len();
    let mut tries = 0;
    while copied() < 2_000_000 {
        tries += 1;
        assert!(tries < 300, "after half a minute {} bytes of 4,000 rows are in the file", copied());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
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
