//! Letters that fail: some for now, some for good, and none in the way of the others.

use super::{HOUR_MS, Office, SOON_MS};
use crate::{
    harness::{Client, Db, on_both_databases},
    realtime::until,
};

/// An office with one more person, both of whom are told something.
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

/// Why letters can never be sent.
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
    async fn a_recipient_who_is_refused_for_good_is_not_asked_for_again(db: Db) {
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

    async fn a_recipient_who_is_refused_for_now_keeps_nobody_waiting(db: Db) {
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

    async fn what_fails_again_and_again_is_given_up_after_a_while(db: Db) {
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

    async fn a_name_with_a_line_break_ends_neither_a_header_nor_the_server(db: Db) {
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

    async fn an_address_that_is_none_is_one_letter(db: Db) {
        let (mut office, cid) = office(db).await;
        assign_both(&office, &cid).await;
        office.server.execute("UPDATE users SET email = 'ben at example.org' WHERE name = 'ben'").await;
        assert_eq!(office.deliver(SOON_MS).await, 1);
        assert_eq!(office.smtp.letter().await.to, "cid@example.org");
        let why = failed(&office).await;
        assert!(why.len() == 1 && why[0].contains("address"), "{why:?}");
    }

    async fn an_address_beyond_ascii_needs_a_server_that_knows_it(db: Db) {
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

    async fn a_mail_server_that_takes_nothing_costs_no_letter_a_try(db: Db) {
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

    async fn the_servers_own_rounds_go_on_behind_a_letter_that_cannot_be_written(db: Db) {
        let (mut office, cid) = office(db).await;
        office.server.execute("UPDATE users SET email = 'nowhere' WHERE name = 'ben'").await;
        assign_both(&office, &cid).await;
        office.server.execute("UPDATE notifications SET mail_kind = 'now', mail_at = 0").await;
        assert_eq!(office.smtp.letter().await.to, "cid@example.org");
        until("it is marked", async || failed(&office).await.len() == 1).await;
    }
}
