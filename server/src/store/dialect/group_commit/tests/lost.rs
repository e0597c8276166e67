//! Transactions that the database ends by itself.

use super::*;

/// Ends the transaction behind the writer's back, as SQLite does when the disk is full.
async fn lose(tx: &mut GroupTransaction) {
    sqlx::raw_sql("ROLLBACK").execute(&mut **tx).await.unwrap();
}

#[tokio::test]
async fn no_write_that_the_database_rolled_back_succeeds() {
    for lost in ["before it began", "as it began", "dropped", "kept", "given up", "two later"] {
        let queue = TestQueue::new().await;
        let mut first = queue.acquire().await;
        write(&mut first, "first", "").await;
        let second = queue.queue().await;
        let result = queue.commit(first, "first");
        let mut second = second.await.unwrap();
        match lost {
            "before it began" => {
                lose(&mut second).await;
                let sql = AssertSqlSafe(format!("{}INSERT INTO names VALUES ('second', NULL)", second.opening()));
                assert!(sqlx::query(sql).execute(&mut *second).await.is_err(), "it is another transaction");
                drop(second);
            }
            "as it began" => {
                let sql = AssertSqlSafe(format!("{}ROLLBACK; INSERT INTO nowhere VALUES (1)", second.opening()));
                assert!(sqlx::query(sql).execute(&mut *second).await.is_err());
                drop(second);
            }
            "dropped" => {
                write(&mut second, "second", "").await;
                lose(&mut second).await;
                drop(second);
            }
            "kept" => {
                write(&mut second, "second", "").await;
                lose(&mut second).await;
                let answer = queue.commit(second, "second").await.unwrap();
                assert!(matches!(answer, Err(StoreError::RolledBack)), "{answer:?}");
            }
            "given up" => {
                write(&mut second, "second", "").await;
                lose(&mut second).await;
                assert!(matches!(second.roll_back().await, Err(StoreError::RolledBack)));
            }
            _ => {
                write(&mut second, "second", "").await;
                let third = queue.queue().await;
                let result = queue.commit(second, "second");
                let mut third = third.await.unwrap();
                write(&mut third, "third", "").await;
                lose(&mut third).await;
                drop(third);
                assert!(matches!(result.await.unwrap(), Err(StoreError::RolledBack)));
            }
        }
        let answer = result.await.unwrap();
        assert!(matches!(answer, Err(StoreError::RolledBack)), "{lost}: {answer:?}");
        assert!(queue.followed().is_empty(), "{lost}");
        let mut next = queue.acquire().await;
        write(&mut next, "next", "").await;
        queue.commit(next, "next").await.unwrap().unwrap();
        assert_eq!((queue.names().await, queue.followed()), (vec!["next".to_owned()], vec!["next"]), "{lost}");
    }
}

#[tokio::test]
async fn a_first_statement_that_finds_the_disk_full_fails_every_write_that_it_rolls_back() {
    let queue = TestQueue::new().await;
    let mut first = queue.acquire().await;
    // One page for each table and index, and none to spare.
    first.execute("PRAGMA max_page_count = 1").await.unwrap();
    write(&mut first, "first", "").await;
    let second = queue.queue().await;
    let result = queue.commit(first, "first");
    let mut second = second.await.unwrap();
    let sql = format!("{}INSERT INTO names VALUES ('{}', NULL)", second.opening(), "long".repeat(5000));
    let error = sqlx::query(AssertSqlSafe(sql)).execute(&mut *second).await.unwrap_err();
    assert!(StoreError::from(error).is_full());
    drop(second);
    assert!(matches!(result.await.unwrap(), Err(StoreError::RolledBack)));
    let mut next = queue.acquire().await;
    write(&mut next, "next", "").await;
    queue.commit(next, "next").await.unwrap().unwrap();
    assert_eq!((queue.names().await, queue.followed()), (vec!["next".to_owned()], vec!["next"]));
}

#[tokio::test]
async fn a_lone_write_does_not_commit_what_was_rolled_back() {
    let queue = TestQueue::new().await;
    let mut tx = queue.acquire().await;
    write(&mut tx, "a", "").await;
    lose(&mut tx).await;
    sqlx::raw_sql("BEGIN").execute(&mut *tx).await.unwrap();
    let sql = format!("INSERT INTO names VALUES ('b', NULL){}", tx.commit_suffix());
    assert!(sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await.is_err());
    drop(tx);
    let mut next = queue.acquire().await;
    write(&mut next, "next", "").await;
    queue.commit(next, "next").await.unwrap().unwrap();
    assert_eq!(queue.names().await, ["next"]);
}

#[tokio::test]
async fn a_write_cancelled_before_it_begins_does_not_affect_the_others() {
    let queue = TestQueue::new().await;
    let mut first = queue.acquire().await;
    write(&mut first, "first", "").await;
    let (second, third) = (queue.queue().await, queue.queue().await);
    let result = queue.commit(first, "first");
    let mut second = second.await.unwrap();
    // As far as the queue knows, this was sent.
    assert_eq!(second.opening(), "RELEASE turn_a; SAVEPOINT turn_b; ");
    drop(second);
    let mut third = third.await.unwrap();
    write(&mut third, "third", "").await;
    queue.commit(third, "third").await.unwrap().unwrap();
    result.await.unwrap().unwrap();
    assert_eq!(queue.names().await, ["first", "third"]);
}
