//! The writer: takes what waits, commits it together, and hands it on to be flushed and answered.

use std::sync::mpsc;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::{
    flush::{Flusher, Waiting, doubtful},
    in_our_words,
    log::{Copier, copy_all},
    rows::put,
};
use crate::table::{Expect, Key, NewItem, TableError, Write, added};

/// Most transactions in one commit: nobody waits for long behind a burst.
const GROUP: usize = 64;

/// What the writer is given.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) now: i64,
    pub(super) reply: oneshot::Sender<Result<usize, TableError>>,
}

pub(super) enum Work {
    Transact(Vec<Write>),
    Sweep(usize),
}

/// Its life; it ends when nobody is left who could give it work.
pub(super) fn write_all(connection: &mut Connection, queue: &mpsc::Receiver<Job>, mut log: Copier, flusher: Flusher) {
    while let Ok(first) = queue.recv() {
        let group: Vec<Job> = std::iter::once(first).chain(queue.try_iter().take(GROUP - 1)).collect();
        let answers = if is_safe(connection, &flusher) { commit(connection, &group) } else { vec![Err(doubtful()); group.len()] };
        log.wrote(answers.iter().flatten().sum());
        flusher.answer(group.into_iter().zip(answers).map(|(job, answer)| Waiting { reply: job.reply, answer }).collect());
        log.take_turn(connection);
    }
}

/// Whether all that was committed is kept or will be flushed. After a flush that failed, only the file can say so.
fn is_safe(connection: &Connection, flusher: &Flusher) -> bool {
    if !flusher.in_doubt() {
        return true;
    }
    let mended = copy_all(connection);
    if mended {
        tracing::warn!("the log was copied into the table's file: writing goes on");
        flusher.mended();
    }
    mended
}

/// Does all jobs in one transaction. When one of them fails (a conflict is no failure: conditions are looked at before anything is
/// written), all is taken back and each is done again by itself, so that it leaves the others alone. Savepoints would do the same at
/// the price of a copy of every page that a job touches.
fn commit(connection: &mut Connection, group: &[Job]) -> Vec<Result<usize, TableError>> {
    match together(connection, group) {
        Ok(answers) => answers,
        // A full disk or another process's lock is in everybody's way.
        Err(error @ TableError::Unavailable { .. }) => vec![Err(error); group.len()],
        Err(error) if group.len() == 1 => vec![Err(error)],
        Err(_) => group.chunks(1).flat_map(|job| commit(connection, job)).collect(),
    }
}

fn together(connection: &mut Connection, group: &[Job]) -> Result<Vec<Result<usize, TableError>>, TableError> {
    // Dropped, a transaction takes back what was done in it.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(in_our_words)?;
    let mut answers = Vec::with_capacity(group.len());
    for job in group {
        let answer = match &job.work {
            Work::Transact(writes) => transact(&transaction, writes, job.now),
            Work::Sweep(limit) => sweep(&transaction, *limit, job.now),
        };
        match answer {
            Ok(_) | Err(TableError::Conflict { .. }) => answers.push(answer),
            Err(error) => return Err(error),
        }
    }
    transaction.commit().map_err(in_our_words)?;
    Ok(answers)
}

fn transact(transaction: &Transaction<'_>, writes: &[Write], now: i64) -> Result<usize, TableError> {
    // No key stands twice, so conditions do not depend on one another's writes and can all be looked at first.
    let standing = writes.iter().map(|write| standing(transaction, write.key(), now)).collect::<rusqlite::Result<Vec<_>>>();
    let standing = standing.map_err(in_our_words)?;
    let failed: Vec<usize> =
        (0..writes.len()).filter(|&position| !holds(&writes[position], standing[position].as_ref())).collect();
    if !failed.is_empty() {
        return Err(TableError::Conflict { failed });
    }
    for (write, standing) in writes.iter().zip(standing) {
        apply(transaction, write, standing).map_err(in_our_words)?;
    }
    Ok(writes.len())
}

/// What a condition looks at.
struct Standing {
    version: i64,
    count: i64,
}

fn standing(connection: &Connection, key: &Key, now: i64) -> rusqlite::Result<Option<Standing>> {
    let sql = "SELECT version, count FROM items WHERE partition = ?1 AND sort = ?2 AND (expires IS NULL OR expires > ?3)";
    let read = |row: &Row<'_>| Ok(Standing { version: row.get(0)?, count: row.get(1)? });
    connection.prepare_cached(sql)?.query_row(params![key.partition, key.sort, now], read).optional()
}

fn holds(write: &Write, standing: Option<&Standing>) -> bool {
    let expected = |expect: &Expect| match (expect, standing) {
        (Expect::Absent, None) => true,
        (Expect::Version(version), Some(standing)) => i64::try_from(*version) == Ok(standing.version),
        _ => false,
    };
    match write {
        Write::Put { expect, .. } | Write::Check { expect, .. } => expected(expect),
        Write::Delete { version, .. } => expected(&Expect::Version(*version)),
        Write::Add { by, at_most, .. } => added(standing.map_or(0, |standing| standing.count), *by, *at_most).is_some(),
    }
}

fn apply(connection: &Connection, write: &Write, standing: Option<Standing>) -> rusqlite::Result<()> {
    let version = standing.as_ref().map_or(0, |standing| standing.version) + 1;
    match write {
        Write::Put { item, .. } => put(connection, item, version, 0),
        Write::Delete { key, .. } => {
            let sql = "DELETE FROM items WHERE partition = ?1 AND sort = ?2";
            connection.prepare_cached(sql)?.execute(params![key.partition, key.sort]).map(drop)
        }
        Write::Add { key, by, expires, .. } => match standing {
            Some(standing) => {
                let sql = "UPDATE items SET count = ?3, version = ?4 WHERE partition = ?1 AND sort = ?2";
                let values = params![key.partition, key.sort, standing.count + by, version];
                connection.prepare_cached(sql)?.execute(values).map(drop)
            }
            None => put(connection, &NewItem::counter(key.clone(), *expires), version, *by),
        },
        Write::Check { .. } => Ok(()),
    }
}

fn sweep(connection: &Connection, limit: usize, now: i64) -> Result<usize, TableError> {
    let sql = "DELETE FROM items WHERE rowid IN (SELECT rowid FROM items WHERE expires <= ?1 LIMIT ?2)";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.execute(sql, params![now, limit]).map_err(in_our_words)
}

#[cfg(test)]
mod tests {
    use super::{
        super::file::{UPGRADES, connect, upgrade},
        *,
    };

    fn write(name: &str) -> Job {
        let item = NewItem::json(Key::new(name, "-"), &());
        Job { work: Work::Transact(vec![Write::create(item)]), now: 0, reply: oneshot::channel().0 }
    }

    #[test]
    fn one_that_fails_is_taken_back_and_leaves_those_committed_with_it_alone() -> Result<(), Box<dyn std::error::Error>> {
        // The second takes back its own statement, or the whole transaction as a failing disk does.
        for how in ["ABORT", "ROLLBACK"] {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("table.db");
            let mut connection = connect(&path)?;
            upgrade(&mut connection, &path, UPGRADES)?;
            connection.execute_batch(&format!(
                "CREATE TRIGGER fails AFTER INSERT ON items WHEN NEW.partition = 'second' BEGIN SELECT RAISE({how}, 'broken'); END"
            ))?;

            let answers = commit(&mut connection, &[write("first"), write("second"), write("first"), write("third")]);
            assert!(matches!(&answers[1], Err(TableError::Failed(why)) if why.contains("broken")), "{how}: {answers:?}");
            let conflict = Err(TableError::Conflict { failed: vec![0] });
            assert_eq!((&answers[0], &answers[2], &answers[3]), (&Ok(1), &conflict, &Ok(1)), "{how}");

            let mut statement = connection.prepare("SELECT partition FROM items ORDER BY partition")?;
            let kept = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            assert_eq!(kept, ["first", "third"], "{how}");
        }
        Ok(())
    }
}
