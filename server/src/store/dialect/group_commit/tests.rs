mod lost;

use std::sync::Mutex;

use sqlx::{AnyPool, AssertSqlSafe, Executor as _, Row as _, any::AnyPoolOptions};
use tempfile::TempDir;
use tokio::task::yield_now;

use super::{writer_connection::MAX_WRITES, *};

/// A database with one table, and the callbacks that ran.
struct TestQueue {
    writes: GroupCommit,
    reader: AnyPool,
    followed: Arc<Mutex<Vec<&'static str>>>,
    _folder: TempDir,
}

impl TestQueue {
    async fn new() -> Self {
        crate::store::install_drivers();
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("names.db").display());
        let options = AnyPoolOptions::new().after_connect(|connection, _| {
            Box::pin(async move {
                for sql in [
                    "PRAGMA journal_mode = WAL",
                    "PRAGMA foreign_keys = ON",
                    "CREATE TABLE IF NOT EXISTS parents (name TEXT PRIMARY KEY)",
                    "CREATE TABLE IF NOT EXISTS names (name TEXT PRIMARY KEY,
                     parent TEXT REFERENCES parents (name) DEFERRABLE INITIALLY DEFERRED)",
                ] {
                    connection.execute(sql).await?;
                }
                Ok(())
            })
        });
        let writer = options.max_connections(1).connect_lazy(&url).unwrap();
        let group_commit = GroupCommit::new(LaneScope::database(), Arc::new(Connections::new(writer, 1)));
        drop(group_commit.acquire().await.unwrap());
        let reader = AnyPool::connect(&url).await.unwrap();
        Self { writes: group_commit, reader, followed: Arc::default(), _folder: folder }
    }

    async fn acquire(&self) -> GroupTransaction {
        self.writes.acquire().await.unwrap()
    }

    /// Joins the queue in a separate task, and returns once it waits there.
    async fn queue(&self) -> tokio::task::JoinHandle<GroupTransaction> {
        let (writes, before) = (self.writes.clone(), self.waiting());
        let waiting = tokio::spawn(async move { writes.acquire().await.unwrap() });
        while self.waiting() == before {
            yield_now().await;
        }
        waiting
    }

    fn waiting(&self) -> usize {
        self.writes.0.waiting()
    }

    /// Commits in a separate task: it may have to wait for others.
    fn commit(&self, tx: GroupTransaction, name: &'static str) -> tokio::task::JoinHandle<Result<(), StoreError>> {
        let followed = Arc::clone(&self.followed);
        tokio::spawn(tx.commit(Box::new(move || followed.lock().unwrap().push(name))))
    }

    async fn names(&self) -> Vec<String> {
        let rows = sqlx::query("SELECT name FROM names ORDER BY name").fetch_all(&self.reader).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn followed(&self) -> Vec<&'static str> {
        self.followed.lock().unwrap().clone()
    }
}

async fn write(tx: &mut GroupTransaction, name: &str, parent: &str) {
    let sql = format!("{}INSERT INTO names VALUES ('{name}', NULLIF('{parent}', ''))", tx.opening());
    sqlx::query(AssertSqlSafe(sql)).execute(&mut **tx).await.unwrap();
    tx.opened();
}

#[tokio::test]
async fn a_waiting_write_shares_the_commit_and_no_result_is_sent_before_it() {
    let queue = TestQueue::new().await;
    let mut first = queue.acquire().await;
    write(&mut first, "a", "").await;
    let second = queue.queue().await;
    let result = queue.commit(first, "a");
    let mut second = second.await.unwrap();
    write(&mut second, "b", "").await;
    assert!(!result.is_finished() && queue.names().await.is_empty() && queue.followed().is_empty());
    queue.commit(second, "b").await.unwrap().unwrap();
    result.await.unwrap().unwrap();
    assert_eq!((queue.names().await, queue.followed()), (vec!["a".to_owned(), "b".to_owned()], vec!["a", "b"]));
}

#[tokio::test]
async fn a_lone_write_commits_in_its_last_statement() {
    let queue = TestQueue::new().await;
    let mut tx = queue.acquire().await;
    write(&mut tx, "a", "").await;
    assert_eq!(tx.commit_suffix(), "; RELEASE turn_a; COMMIT");
    let sql = format!("INSERT INTO names VALUES ('b', NULL){}", tx.commit_suffix());
    sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
    let followed = Arc::clone(&queue.followed);
    tx.committed(Box::new(move || followed.lock().unwrap().push("b"))).await;
    assert_eq!((queue.names().await, queue.followed()), (vec!["a".to_owned(), "b".to_owned()], vec!["b"]));

    let mut tx = queue.acquire().await;
    write(&mut tx, "c", "").await;
    let next = queue.queue().await;
    assert_eq!(tx.commit_suffix(), "", "another write waits");
    let result = queue.commit(tx, "c");
    let next = next.await.unwrap();
    assert_eq!(next.commit_suffix(), "", "another write waits for the commit");
    drop(next);
    result.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_write_that_rolls_back_leaves_no_trace_and_its_neighbours_stay() {
    let queue = TestQueue::new().await;
    let mut first = queue.acquire().await;
    write(&mut first, "a", "").await;
    let (second, third) = (queue.queue().await, queue.queue().await);
    let result = queue.commit(first, "a");
    let mut second = second.await.unwrap();
    write(&mut second, "b", "").await;
    // As a constraint violation in the middle of a write does.
    let again = sqlx::query("INSERT INTO names VALUES ('a', NULL)").execute(&mut *second).await;
    assert!(again.is_err());
    drop(second);
    let mut third = third.await.unwrap();
    write(&mut third, "c", "").await;
    queue.commit(third, "c").await.unwrap().unwrap();
    result.await.unwrap().unwrap();
    assert_eq!((queue.names().await, queue.followed()), (vec!["a".to_owned(), "c".to_owned()], vec!["a", "c"]));
}

#[tokio::test]
async fn earlier_writes_are_committed_when_the_next_one_is_cancelled() {
    let queue = TestQueue::new().await;
    for gone_while in ["waiting", "at the writer", "writing"] {
        let mut first = queue.acquire().await;
        write(&mut first, gone_while, "").await;
        let second = queue.queue().await;
        let result = match gone_while {
            "waiting" => {
                second.abort();
                assert!(second.await.is_err_and(|error| error.is_cancelled()));
                queue.commit(first, "first")
            }
            holding => {
                let result = queue.commit(first, "first");
                let mut second = second.await.unwrap();
                if holding == "writing" {
                    write(&mut second, "lost", "").await;
                }
                drop(second);
                result
            }
        };
        result.await.unwrap().unwrap();
        assert!(queue.names().await.contains(&gone_while.to_owned()), "{gone_while}");
    }
    assert_eq!(queue.names().await, ["at the writer", "waiting", "writing"]);
}

#[tokio::test]
async fn a_failed_commit_fails_every_write_in_it_and_the_next_commit_succeeds() {
    let queue = TestQueue::new().await;
    let mut first = queue.acquire().await;
    write(&mut first, "a", "").await;
    let second = queue.queue().await;
    let result = queue.commit(first, "a");
    let mut second = second.await.unwrap();
    // A deferred constraint, checked by the commit.
    write(&mut second, "b", "nobody").await;
    assert!(matches!(queue.commit(second, "b").await.unwrap(), Err(StoreError::Commit(_))));
    assert!(matches!(result.await.unwrap(), Err(StoreError::Commit(_))));
    assert!(queue.names().await.is_empty() && queue.followed().is_empty());
    let mut third = queue.acquire().await;
    write(&mut third, "c", "").await;
    queue.commit(third, "c").await.unwrap().unwrap();
    assert_eq!((queue.names().await, queue.followed()), (vec!["c".to_owned()], vec!["c"]));
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let queue = TestQueue::new().await;
    let first = queue.acquire().await;
    let (mut queued, mut waiting) = (Vec::new(), 0);
    let answer = loop {
        match queue.writes.0.try_acquire() {
            Ok(waiters) => queued.push(waiters),
            Err(error) => break error,
        }
        waiting += 1;
    };
    assert!(matches!(answer, StoreError::Overloaded) && answer.is_busy() && waiting == 1000, "{waiting}");
    queued.clear();
    assert!(queue.writes.0.try_acquire().is_ok(), "cancelled requests don't count");
    drop(first);
}

#[tokio::test]
async fn a_rollback_waits_for_the_writes_that_it_may_have_read() {
    let queue = TestQueue::new().await;
    let mut first = queue.acquire().await;
    write(&mut first, "a", "").await;
    let second = queue.queue().await;
    let result = queue.commit(first, "a");
    let mut second = second.await.unwrap();
    write(&mut second, "b", "").await;
    second.roll_back().await.unwrap();
    assert_eq!((queue.names().await, queue.followed()), (vec!["a".to_owned()], vec!["a"]));
    result.await.unwrap().unwrap();
    queue.acquire().await.roll_back().await.unwrap();
}

#[tokio::test]
async fn a_full_transaction_commits_although_a_write_waits() {
    let queue = TestQueue::new().await;
    let mut tx = queue.acquire().await;
    let mut result = Vec::new();
    for number in 0..MAX_WRITES {
        write(&mut tx, &number.to_string(), "").await;
        let next = queue.queue().await;
        result.push(queue.commit(tx, "one"));
        tx = next.await.unwrap();
    }
    // Nothing more is certain: a new transaction begins when the commit was full or took too long.
    assert!(!queue.names().await.is_empty());
    drop(tx);
    for result in result {
        result.await.unwrap().unwrap();
    }
    assert_eq!(queue.names().await.len(), MAX_WRITES);
}

#[tokio::test]
async fn a_closed_queue_refuses_writes() {
    let queue = TestQueue::new().await;
    let mut first = queue.acquire().await;
    write(&mut first, "a", "").await;
    let (writes, result) = (queue.writes.clone(), queue.commit(first, "a"));
    writes.close().await.unwrap();
    result.await.unwrap().unwrap();
    assert!(writes.acquire().await.is_err());
    assert_eq!(queue.names().await, ["a"]);
}

#[tokio::test]
async fn a_panicking_callback_does_not_affect_the_other_writes() {
    let queue = TestQueue::new().await;
    let mut first = queue.acquire().await;
    write(&mut first, "a", "").await;
    let second = queue.queue().await;
    let one = tokio::spawn(first.commit(Box::new(|| panic!("on purpose"))));
    let mut second = second.await.unwrap();
    write(&mut second, "b", "").await;
    let two = queue.commit(second, "b");
    one.await.unwrap().unwrap();
    two.await.unwrap().unwrap();
    assert_eq!(queue.followed(), ["b"]);
    let mut third = queue.acquire().await;
    write(&mut third, "c", "").await;
    queue.commit(third, "c").await.unwrap().unwrap();
    assert_eq!(queue.names().await, ["a", "b", "c"]);
}
