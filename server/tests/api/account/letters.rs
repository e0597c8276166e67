//! Limits of letters per address and per account.

use futures_util::future::join_all;
use serde_json::json;

use super::{Office, move_to};
use crate::harness::{Answer, on_both_databases};

const LIMIT: u32 = 3;

fn refused(answer: Answer) {
    let wait: u64 = answer.headers["retry-after"].to_str().expect("a text").parse().expect("seconds");
    assert!((3500..=3600).contains(&wait), "{wait}");
    answer.refused(429, "too_many_letters");
}

async fn count(office: &Office, kind: &str) -> usize {
    office.server.texts(format!("SELECT id FROM account_letters WHERE kind = '{kind}'")).await.len()
}

/// An hour later.
async fn later(office: &Office) {
    office.server.execute("UPDATE account_letters SET created_at = created_at - 3600001").await;
}

on_both_databases! {
    async fn verification_letters_per_account_are_limited(db: Db) {
        let office = Office::open_with(db, |config| config.accounts.letters_per_hour = LIMIT).await;
        let ben = office.newcomer("ben").await;
        let again = async || ben.post("/api/account/verification", json!({})).await;
        again().await.expect(204);
        again().await.expect(204);
        refused(again().await);
        // Other addresses are other recipients of the same sender.
        refused(move_to(&ben, "victim@example.org").await);
        assert_eq!(super::account(&ben).await.new_email, None, "refused whole");
        later(&office).await;
        move_to(&ben, "victim@example.org").await.expect(200);
        assert_eq!(count(&office, "verify").await, 4);
    }

    async fn verification_letters_per_address_are_limited(db: Db) {
        let office = Office::open_with(db, |config| config.accounts.letters_per_hour = LIMIT).await;
        let mut asked = 0;
        for number in 0..5 {
            let person = office.server.person(&format!("person{number}")).await;
            // In a different form each time.
            let victim = ["victim@example.org", "VICTIM@example.org", "ｖictim@example.org"][number % 3];
            match move_to(&person, victim).await {
                answer if answer.status == 200 => asked += 1,
                answer => refused(answer),
            }
        }
        assert_eq!((asked, count(&office, "verify").await), (3, 3));
        // Registering with it still creates an account, without a letter for now.
        office.newcomer("victim").await;
        assert_eq!(count(&office, "verify").await, 3);
    }

    async fn reset_letters_per_address_are_limited_with_or_without_an_account(db: Db) {
        let office = Office::open_with(db, |config| config.accounts.letters_per_hour = LIMIT).await;
        office.server.person("ann").await;
        for email in ["ann@example.org", "nobody@example.org"] {
            let answers = join_all((0..10).map(|_| office.forget(email))).await;
            let (sent, rest): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 204);
            assert_eq!((sent.len(), rest.len()), (3, 7), "{email}: all at once");
            rest.into_iter().for_each(refused);
        }
        assert_eq!(count(&office, "reset").await, 6);
        later(&office).await;
        office.forget("ANN@example.org").await.expect(204);
    }

    async fn obsolete_letters_are_deleted(db: Db) {
        let office = Office::open(db).await;
        office.newcomer("ben").await;
        office.deliver().await;
        let store = &office.server.state().services.store;
        let now = server::clock::now();
        let forget = async |hours: i64| {
            let later = now.plus(hours * 3_600_000);
            server::service::account::forget_letters(store, later).await.expect("the database answers")
        };
        assert_eq!(forget(70).await, 0);
        assert_eq!(forget(73).await, 1);
    }
}
