//! Transactions that the database ends by itself.

use super::*;

/// Ends the transaction behind the turn's back, as SQLite does when the disk is full.
async fn lose(turn: &mut GroupTransaction) {
    sqlx::raw_sql("ROLLBACK").execute(&mut **turn).await.unwrap();
}

#[tokio::test]
async fn nobody_is_told_yes_for_what_the_database_took_back() {
    for lost in ["before it began", "as it began", "dropped", "kept", "given up", "two later"] {
        let world = World::new().await;
        let mut first = world.turn().await;
        write(&mut first, "first", "").await;
        let second = world.queue().await;
        let told = world.commit(first, "first");
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
                let answer = world.commit(second, "second").await.unwrap();
                assert!(matches!(answer, Err(StoreError::TakenBack)), "{answer:?}");
            }
            "given up" => {
                write(&mut second, "second", "").await;
                lose(&mut second).await;
                assert!(matches!(second.give_up().await, Err(StoreError::TakenBack)));
            }
            _ => {
                write(&mut second, "second", "").await;
                let third = world.queue().await;
                let told = world.commit(second, "second");
                let mut third = third.await.unwrap();
                write(&mut third, "third", "").await;
                lose(&mut third).await;
                drop(third);
                assert!(matches!(told.await.unwrap(), Err(StoreError::TakenBack)));
            }
        }
        let answer = told.await.unwrap();
        assert!(matches!(answer, Err(StoreError::TakenBack)), "{lost}: {answer:?}");
        assert!(world.followed().is_empty(), "{lost}");
        let mut next = world.turn().await;
        write(&mut next, "next", "").await;
        world.commit(next, "next").await.unwrap().unwrap();
        assert_eq!((world.names().await, world.followed()), (vec!["next".to_owned()], vec!["next"]), "{lost}");
    }
}

#[tokio::test]
async fn a_first_statement_that_finds_the_disk_full_fails_all_that_it_took_with_it() {
    let world = World::new().await;
    let mut first = world.turn().await;
    // A page for each of the tables and indexes, and none to spare.
    first.execute("PRAGMA max_page_count = 1").await.unwrap();
    write(&mut first, "first", "").await;
    let second = world.queue().await;
    let told = world.commit(first, "first");
    let mut second = second.await.unwrap();
    let sql = format!("{}INSERT INTO names VALUES ('{}', NULL)", second.opening(), "long".repeat(5000));
    let error = sqlx::query(AssertSqlSafe(sql)).execute(&mut *second).await.unwrap_err();
    assert!(StoreError::from(error).is_full());
    drop(second);
    assert!(matches!(told.await.unwrap(), Err(StoreError::TakenBack)));
    let mut next = world.turn().await;
    write(&mut next, "next", "").await;
    world.commit(next, "next").await.unwrap().unwrap();
    assert_eq!((world.names().await, world.followed()), (vec!["next".to_owned()], vec!["next"]));
}

#[tokio::test]
async fn one_that_is_alone_does_not_commit_what_was_taken_back() {
    let world = World::new().await;
    let mut turn = world.turn().await;
    write(&mut turn, "a", "").await;
    lose(&mut turn).await;
    sqlx::raw_sql("BEGIN").execute(&mut *turn).await.unwrap();
    let sql = format!("INSERT INTO names VALUES ('b', NULL){}", turn.committing());
    assert!(sqlx::query(AssertSqlSafe(sql)).execute(&mut *turn).await.is_err());
    drop(turn);
    let mut next = world.turn().await;
    write(&mut next, "next", "").await;
    world.commit(next, "next").await.unwrap().unwrap();
    assert_eq!(world.names().await, ["next"]);
}

#[tokio::test]
async fn one_that_goes_away_before_it_began_harms_nobody() {
    let world = World::new().await;
    let mut first = world.turn().await;
    write(&mut first, "first", "").await;
    let (second, third) = (world.queue().await, world.queue().await);
    let told = world.commit(first, "first");
    let mut second = second.await.unwrap();
    // As far as anybody knows, this was sent.
    assert_eq!(second.opening(), "RELEASE turn_a; SAVEPOINT turn_b; ");
    drop(second);
    let mut third = third.await.unwrap();
    write(&mut third, "third", "").await;
    world.commit(third, "third").await.unwrap().unwrap();
    told.await.unwrap().unwrap();
    assert_eq!(world.names().await, ["first", "third"]);
}
