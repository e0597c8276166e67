//! Letters that fail, temporarily or permanently, without delaying the others.

use super::{HOUR_MS, Office, SOON_MS};
use crate::{
    harness::{Client, Db, on_both_databases},
    realtime::until,
};

/// A mail setup with one more user, who both get notifications.
async fn office(db: Db) -> (Office, Client) {
    let office = Office::open(db).await;
    let cid = office.server.person("cid").await;
    office.ann.invite(office.project, &cid, "editor").await;
    (office, cid)
}

async fn assign_both(office: &Office, cid: &Client) {
    office.assign("For Ben").await;
    office.assign_to(cid, "For Cid").await;
}

/// The reasons of undeliverable letters.
async fn failed(office: &Office) -> Vec<String> {
    let sql = "SELECT mail_error FROM notifications WHERE mail_failed_at IS NOT NULL AND mail_at IS NULL";
    office.server.texts(sql.to_owned()).await
}

async fn metric(office: &Office, name: &str) -> String {
    let text = office.server.anonymous().get("/metrics").await.expect(200).text;
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("no {name}: {text}")).to_owned()
}

on_both_databases! {
    async fn a_permanently_refused_recipient_is_not_retried(db: Db) {
        let (mut office, cid) = office(db).await;
        assign_both(&office, &cid).await;
        office.smtp.refuse_recipient("ben@example.org", Some(550));
        assert_eq!(office.deliver(SOON_MS).await, 1);
        assert_eq!(office.smtp.letter().await.to, "cid@example.org");
        let why = failed(&office).await;
        assert!(why.len() == 1 && why[0].contains("550"), "{why:?}");
        let asked = office.smtp.asked();
        assert_eq!(office.deliver(50 * HOUR_MS).await, 0);
        assert_eq!(office.smtp.asked(), asked);
        assert_eq!(metric(&office, "lockstep_mail_failed_total").await, "1");
        assert_eq!(metric(&office, "lockstep_mail_sent_total").await, "1");
    }

    async fn a_temporarily_refused_recipient_does_not_delay_others(db: Db) {
        let (mut office, cid) = office(db).await;
        assign_both(&office, &cid).await;
        office.smtp.refuse_recipient("ben@example.org", Some(450));
        assert_eq!(office.deliver(SOON_MS).await, 1);
        assert_eq!(office.smtp.letter().await.to, "cid@example.org");
        office.smtp.refuse_recipient("ben@example.org", None);
        assert_eq!(office.deliver(SOON_MS + 59_000).await, 0, "too soon");
        assert_eq!(office.deliver(SOON_MS + 70_000).await, 1);
        assert_eq!(office.smtp.letter().await.to, "ben@example.org");
        assert!(failed(&office).await.is_empty());
    }

    async fn repeated_failures_are_given_up(db: Db) {
        let (office, _) = office(db).await;
        office.assign("For Ben").await;
        office.smtp.refuse_recipient("ben@example.org", Some(450));
        for hour in 0..30 {
            assert_eq!(office.deliver(SOON_MS + hour * 2 * HOUR_MS).await, 0);
        }
        assert_eq!(office.smtp.asked(), 11);
        let why = failed(&office).await;
        assert!(why.len() == 1 && why[0].contains("11 times"), "{why:?}");
    }

    async fn a_name_with_a_line_break_breaks_neither_headers_nor_the_server(db: Db) {
        let (mut office, cid) = office(db).await;
        assign_both(&office, &cid).await;
        office.server.execute("UPDATE users SET name = 'Ben\r\nBcc: all@example.org' WHERE name = 'ben'").await;
        let title = "UPDATE notifications SET title = 'Ann\r\nBcc: all@example.org'";
        office.server.execute(title).await;
        assert_eq!(office.deliver(SOON_MS).await, 2);
        for _ in 0..2 {
            let letter = office.smtp.letter().await;
            assert!(!letter.text.lines().any(|line| line.starts_with("Bcc")), "{}", letter.text);
            assert!(letter.header("Subject").starts_with("Ann Bcc: all@example.org"), "{}", letter.text);
        }
        assert!(failed(&office).await.is_empty());
    }

    async fn an_invalid_address_loses_only_its_own_letter(db: Db) {
        let (mut office, cid) = office(db).await;
        assign_both(&office, &cid).await;
        office.server.execute("UPDATE users SET email = 'ben at example.org' WHERE name = 'ben'").await;
        assert_eq!(office.deliver(SOON_MS).await, 1);
        assert_eq!(office.smtp.letter().await.to, "cid@example.org");
        let why = failed(&office).await;
        assert!(why.len() == 1 && why[0].contains("address"), "{why:?}");
    }

    async fn a_non_ascii_address_needs_a_server_with_smtputf8(db: Db) {
        let (mut office, cid) = office(db).await;
        assign_both(&office, &cid).await;
        office.server.execute("UPDATE users SET email = 'j\u{f6}rg@b\u{fc}cher.example' WHERE name = 'ben'").await;
        office.server.execute("UPDATE users SET email = 'cid@b\u{fc}cher.example' WHERE name = 'cid'").await;
        assert_eq!(office.deliver(SOON_MS).await, 1);
        assert_eq!(office.smtp.letter().await.to, "cid@xn--bcher-kva.example", "every server knows that");
        let why = failed(&office).await;
        assert!(why.len() == 1 && why[0].contains("SMTPUTF8"), "{why:?}");
        office.smtp.know_utf8();
        office.assign("Again").await;
        assert_eq!(office.deliver(SOON_MS + 2 * HOUR_MS).await, 1);
        assert_eq!(office.smtp.letter().await.to, "j\u{f6}rg@xn--bcher-kva.example");
    }

    async fn a_mail_server_that_refuses_everything_costs_no_letter_an_attempt(db: Db) {
        let (mut office, cid) = office(db).await;
        assign_both(&office, &cid).await;
        office.smtp.close(true);
        for round in 0..20 {
            assert_eq!(office.deliver(SOON_MS + round).await, 0);
        }
        assert_eq!(office.server.number("SELECT CAST(SUM(mail_tries) AS BIGINT) FROM notifications").await, 0);
        assert!(failed(&office).await.is_empty());
        office.smtp.close(false);
        assert_eq!(office.deliver(SOON_MS + 21).await, 2);
        let mut to = [office.smtp.letter().await.to, office.smtp.letter().await.to];
        to.sort_unstable();
        assert_eq!(to, ["ben@example.org", "cid@example.org"]);
    }

    async fn the_mail_task_continues_after_an_invalid_letter(db: Db) {
        let (mut office, cid) = office(db).await;
        office.server.execute("UPDATE users SET email = 'nowhere' WHERE name = 'ben'").await;
        assign_both(&office, &cid).await;
        office.server.execute("UPDATE notifications SET mail_kind = 'now', mail_at = 0").await;
        assert_eq!(office.smtp.letter().await.to, "cid@example.org");
        until("it is marked", async || failed(&office).await.len() == 1).await;
    }
}
