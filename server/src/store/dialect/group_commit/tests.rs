mod lost;

use std::sync::Mutex;

use sqlx::{AnyPool, AssertSqlSafe, Executor as _, Row as _, any::AnyPoolOptions};
use tempfile::TempDir;
use tokio::task::yield_now;

use super::{writer_connection::MOST, *};

/// A database with one table, and what followed which commit.
struct World {
    turns: GroupCommit,
    reader: AnyPool,
    followed: Arc<Mutex<Vec<&'static str>>>,
    _folder: TempDir,
}

impl World {
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
        let turns = GroupCommit::new(LaneScope::database(), Arc::new(Connections::new(writer, 1)));
        drop(turns.turn().await.unwrap());
        let reader = AnyPool::connect(&url).await.unwrap();
        Self { turns, reader, followed: Arc::default(), _folder: folder }
    }

    async fn turn(&self) -> GroupTransaction {
        self.turns.turn().await.unwrap()
    }

    /// Waits for a turn in a task of its own, and returns when it does.
    async fn queue(&self) -> tokio::task::JoinHandle<GroupTransaction> {
        let (turns, before) = (self.turns.clone(), self.waiting());
        let waiting = tokio::spawn(async move { turns.turn().await.unwrap() });
        while self.waiting() == before {
            yield_now().await;
        }
        waiting
    }

    fn waiting(&self) -> usize {
        self.turns.0.waiting()
    }

    /// Commits in a task of its own: it may have to wait for others.
    fn commit(&self, turn: GroupTransaction, name: &'static str) -> tokio::task::JoinHandle<Result<(), StoreError>> {
        let followed = Arc::clone(&self.followed);
        tokio::spawn(turn.commit(Box::new(move || followed.lock().unwrap().push(name))))
    }

    async fn names(&self) -> Vec<String> {
        let rows = sqlx::query("SELECT name FROM names ORDER BY name").fetch_all(&self.reader).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    fn followed(&self) -> Vec<&'static str> {
        self.followed.lock().unwrap().clone()
    }
}

async fn write(turn: &mut GroupTransaction, name: &str, parent: &str) {
    let sql = format!("{}INSERT INTO names VALUES ('{name}', NULLIF('{parent}', ''))", turn.opening());
    sqlx::query(AssertSqlSafe(sql)).execute(&mut **turn).await.unwrap();
    turn.opened();
}

#[tokio::test]
async fn who_waits_shares_the_commit_and_nobody_is_told_before() {
    let world = World::new().await;
    let mut first = world.turn().await;
    write(&mut first, "a", "").await;
    let second = world.queue().await;
    let told = world.commit(first, "a");
    let mut second = second.await.unwrap();
    write(&mut second, "b", "").await;
    assert!(!told.is_finished() && world.names().await.is_empty() && world.followed().is_empty());
    world.commit(second, "b").await.unwrap().unwrap();
    told.await.unwrap().unwrap();
    assert_eq!((world.names().await, world.followed()), (vec!["a".to_owned(), "b".to_owned()], vec!["a", "b"]));
}

#[tokio::test]
async fn who_is_alone_commits_in_the_last_statement() {
    let world = World::new().await;
    let mut turn = world.turn().await;
    write(&mut turn, "a", "").await;
    assert_eq!(turn.committing(), "; RELEASE turn_a; COMMIT");
    let sql = format!("INSERT INTO names VALUES ('b', NULL){}", turn.committing());
    sqlx::query(AssertSqlSafe(sql)).execute(&mut *turn).await.unwrap();
    let followed = Arc::clone(&world.followed);
    turn.committed(Box::new(move || followed.lock().unwrap().push("b"))).await;
    assert_eq!((world.names().await, world.followed()), (vec!["a".to_owned(), "b".to_owned()], vec!["b"]));

    let mut turn = world.turn().await;
    write(&mut turn, "c", "").await;
    let next = world.queue().await;
    assert_eq!(turn.committing(), "", "somebody waits");
    let told = world.commit(turn, "c");
    let next = next.await.unwrap();
    assert_eq!(next.committing(), "", "somebody else waits for the commit");
    drop(next);
    told.await.unwrap().unwrap();
}

#[tokio::test]
async fn one_that_is_given_up_leaves_no_trace_and_those_around_it_stay() {
    let world = World::new().await;
    let mut first = world.turn().await;
    write(&mut first, "a", "").await;
    let (second, third) = (world.queue().await, world.queue().await);
    let told = world.commit(first, "a");
    let mut second = second.await.unwrap();
    write(&mut second, "b", "").await;
    // As a constraint does it, in the middle of a write.
    let again = sqlx::query("INSERT INTO names VALUES ('a', NULL)").execute(&mut *second).await;
    assert!(again.is_err());
    drop(second);
    let mut third = third.await.unwrap();
    write(&mut third, "c", "").await;
    world.commit(third, "c").await.unwrap().unwrap();
    told.await.unwrap().unwrap();
    assert_eq!((world.names().await, world.followed()), (vec!["a".to_owned(), "c".to_owned()], vec!["a", "c"]));
}

#[tokio::test]
async fn those_before_are_committed_when_who_was_waited_for_goes_away() {
    let world = World::new().await;
    for gone_while in ["waiting", "at the pen", "writing"] {
        let mut first = world.turn().await;
        write(&mut first, gone_while, "").await;
        let second = world.queue().await;
        let told = match gone_while {
            "waiting" => {
                second.abort();
                assert!(second.await.is_err_and(|error| error.is_cancelled()));
                world.commit(first, "first")
            }
            at_the_pen => {
                let told = world.commit(first, "first");
                let mut second = second.await.unwrap();
                if at_the_pen == "writing" {
                    write(&mut second, "lost", "").await;
                }
                drop(second);
                told
            }
        };
        told.await.unwrap().unwrap();
        assert!(world.names().await.contains(&gone_while.to_owned()), "{gone_while}");
    }
    assert_eq!(world.names().await, ["at the pen", "waiting", "writing"]);
}

#[tokio::test]
async fn a_commit_that_fails_fails_for_all_and_the_next_one_is_good() {
    let world = World::new().await;
    let mut first = world.turn().await;
    write(&mut first, "a", "").await;
    let second = world.queue().await;
    let told = world.commit(first, "a");
    let mut second = second.await.unwrap();
    // Looked at by the commit.
    write(&mut second, "b", "nobody").await;
    assert!(matches!(world.commit(second, "b").await.unwrap(), Err(StoreError::Commit(_))));
    assert!(matches!(told.await.unwrap(), Err(StoreError::Commit(_))));
    assert!(world.names().await.is_empty() && world.followed().is_empty());
    let mut third = world.turn().await;
    write(&mut third, "c", "").await;
    world.commit(third, "c").await.unwrap().unwrap();
    assert_eq!((world.names().await, world.followed()), (vec!["c".to_owned()], vec!["c"]));
}

#[tokio::test]
async fn whoever_finds_the_line_too_long_is_sent_away_at_once() {
    let world = World::new().await;
    let first = world.turn().await;
    let (mut lines, mut waiting) = (Vec::new(), 0);
    let answer = loop {
        match world.turns.0.ask() {
            Ok(line) => lines.push(line),
            Err(error) => break error,
        }
        waiting += 1;
    };
    assert!(matches!(answer, StoreError::Crowded) && answer.is_busy() && waiting == 1000, "{waiting}");
    lines.clear();
    assert!(world.turns.0.ask().is_ok(), "those who went away do not count");
    drop(first);
}

#[tokio::test]
async fn who_gives_up_waits_for_what_they_may_have_read() {
    let world = World::new().await;
    let mut first = world.turn().await;
    write(&mut first, "a", "").await;
    let second = world.queue().await;
    let told = world.commit(first, "a");
    let mut second = second.await.unwrap();
    write(&mut second, "b", "").await;
    second.give_up().await.unwrap();
    assert_eq!((world.names().await, world.followed()), (vec!["a".to_owned()], vec!["a"]));
    told.await.unwrap().unwrap();
    world.turn().await.give_up().await.unwrap();
}

#[tokio::test]
async fn a_full_commit_is_made_though_somebody_waits() {
    let world = World::new().await;
    let mut turn = world.turn().await;
    let mut told = Vec::new();
    for number in 0..MOST {
        write(&mut turn, &number.to_string(), "").await;
        let next = world.queue().await;
        told.push(world.commit(turn, "one"));
        turn = next.await.unwrap();
    }
    // All that is certain here: a turn begins anew where the commit was full, or took too long.
    assert!(!world.names().await.is_empty());
    drop(turn);
    for told in told {
        told.await.unwrap().unwrap();
    }
    assert_eq!(world.names().await.len(), MOST);
}

#[tokio::test]
async fn nobody_writes_after_the_end() {
    let world = World::new().await;
    let mut first = world.turn().await;
    write(&mut first, "a", "").await;
    let (turns, told) = (world.turns.clone(), world.commit(first, "a"));
    turns.close().await.unwrap();
    told.await.unwrap().unwrap();
    assert!(turns.turn().await.is_err());
    assert_eq!(world.names().await, ["a"]);
}

#[tokio::test]
async fn what_follows_one_write_and_panics_keeps_nothing_from_the_others() {
    let world = World::new().await;
    let mut first = world.turn().await;
    write(&mut first, "a", "").await;
    let second = world.queue().await;
    let one = tokio::spawn(first.commit(Box::new(|| panic!("on purpose"))));
    let mut second = second.await.unwrap();
    write(&mut second, "b", "").await;
    let two = world.commit(second, "b");
    one.await.unwrap().unwrap();
    two.await.unwrap().unwrap();
    assert_eq!(world.followed(), ["b"]);
    let mut third = world.turn().await;
    write(&mut third, "c", "").await;
    world.commit(third, "c").await.unwrap().unwrap();
    assert_eq!(world.names().await, ["a", "b", "c"]);
}
