//! Invitations by e-mail, with a test mail server.

use engine::{Invitation, Timestamp};
use serde_json::json;
use server::realtime::Timing;

use super::{accept, invite, open, path};
use crate::{
    harness::{SmtpServer, TestServer, on_both_databases},
    realtime::until,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Sends due letters. Returns how many.
async fn deliver(server: &TestServer, at: Timestamp) -> usize {
    let mailer = server.state().mailer().expect("good settings").expect("e-mail is set up");
    mailer.deliver(at).await.expect("the database answers")
}

on_both_databases! {
    async fn an_invitation_is_mailed_and_accepted(db: Db) {
        let mut smtp = SmtpServer::start().await;
        let server = TestServer::start_with(db, smtp.settings()).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        let (made, token) = invite(&ann, project, json!({ "email": "bea@example.org", "role": "editor" })).await;
        assert!(made.mailed);
        assert_eq!(made.url, Some(format!("http://board.example.org/invitations/{token}")));
        let letter = smtp.letter().await;
        assert_eq!(letter.to, "bea@example.org");
        assert_eq!(letter.header("Subject"), "An invitation to a project on board.example.org");
        assert_eq!(letter.header("Message-ID"), format!("<{}@board.example.org>", made.id));
        assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
        assert!(letter.text.contains(&format!("\nhttp://board.example.org/invitations/{token}\n")), "{}", letter.text);
        assert!(letter.text.contains("bea@example.org and ends after 7 days"), "{}", letter.text);
        let sent = "SELECT COUNT(*) FROM invitations WHERE mailed_at IS NOT NULL";
        until("it is noted", async || server.number(sent).await == 1).await;
        assert_eq!(deliver(&server, server::clock::now().plus(DAY_MS)).await, 0, "once");
        let bea = server.person("bea").await;
        bea.post(&accept(&token), json!({})).await.expect(200);
        assert!(smtp.is_empty());
    }

    async fn no_letter_is_sent_without_a_valid_recipient(db: Db) {
        let mut smtp = SmtpServer::start().await;
        // Closed to the server's own rounds until the test delivers.
        smtp.close(true);
        let server = TestServer::start_with(db, smtp.settings()).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        assert!(!invite(&ann, project, json!({ "role": "viewer" })).await.0.mailed, "a link");
        let (revoked, _) = invite(&ann, project, json!({ "email": "revoked@example.org", "role": "viewer" })).await;
        ann.delete(&format!("/api/invitations/{}", revoked.id)).await.expect(200);
        let (_, accepted) = invite(&ann, project, json!({ "email": "ben@example.org", "role": "viewer" })).await;
        ben.post(&accept(&accepted), json!({})).await.expect(200);
        let elsewhere = ann.project("Elsewhere").await;
        invite(&ann, elsewhere, json!({ "email": "cleo@example.org", "role": "viewer" })).await;
        ann.delete(&format!("/api/projects/{elsewhere}")).await.expect(200);
        // Releases what the server's own rounds have claimed meanwhile.
        let free = "SELECT COUNT(*) FROM invitations WHERE mail_taken_at IS NOT NULL";
        until("the round is over", async || server.number(free).await == 0).await;
        smtp.close(false);
        assert_eq!(deliver(&server, server::clock::now()).await, 0);
        assert!(smtp.is_empty());
        let waiting = "SELECT COUNT(*) FROM invitations WHERE mail_at IS NOT NULL AND revoked_at IS NULL AND accepted_at IS NULL";
        assert_eq!(server.number(waiting).await, 0);
    }

    async fn text_by_strangers_is_one_line_without_links(db: Db) {
        let mut smtp = SmtpServer::start().await;
        let server = TestServer::start_with(db, smtp.settings()).await;
        let mut eve = server.anonymous();
        eve.register("eve").await;
        // The verification of her own address.
        smtp.letter().await;
        let name = "WIN at http://evil.example/now or www.evil.example <b>x</b>";
        let project = eve.project(name).await;
        server.execute("UPDATE users SET name = 'Your bank: https://evil.example'").await;
        invite(&eve, project, json!({ "email": "bea@example.org", "role": "viewer" })).await;
        let letter = smtp.letter().await.text;
        for part in ["evil.example", "http://evil", "www.evil"] {
            assert!(!letter.contains(part), "{part}: {letter}");
        }
        let (_, html) = letter.split_once("<!doctype html>").expect("an HTML part");
        assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"), "{html}");
        let subject = letter.lines().find(|line| line.starts_with("Subject:")).expect("a subject");
        assert!(!subject.contains("WIN") && !subject.contains("bank"), "{subject}");
        let own = letter.matches("://").count();
        assert_eq!(own, letter.matches("http://board.example.org/invitations/").count(), "{letter}");
    }

    async fn letters_are_limited_per_sender_and_per_address(db: Db) {
        let mut smtp = SmtpServer::start().await;
        let server = TestServer::start_with(db, smtp.settings()).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        // An address gets three per day from any sender; the response is the same, and the fourth waits.
        for number in 0..4 {
            let owner = if number % 2 == 0 { &ann } else { &ben };
            let project = owner.project("Board").await;
            assert!(invite(owner, project, json!({ "email": "bea@example.org", "role": "viewer" })).await.0.mailed);
        }
        for _ in 0..3 {
            assert_eq!(smtp.letter().await.to, "bea@example.org");
        }
        until("they are noted", async || server.number("SELECT COUNT(*) FROM invitations WHERE mailed_at IS NOT NULL").await == 3).await;
        assert_eq!(deliver(&server, server::clock::now().plus(DAY_MS / 2)).await, 0);
        assert_eq!(deliver(&server, server::clock::now().plus(DAY_MS)).await, 1);
        smtp.letter().await;

        // A sender causes fifty, and then has links to copy.
        let project = ann.project("Many").await;
        let mut mailed = Vec::new();
        for number in 0..55 {
            let draft = json!({ "email": format!("p{number}@example.org"), "role": "viewer" });
            let made: Invitation = ann.post(&path(project), draft).await.expect(201).field("invitation");
            assert!(made.url.is_some());
            mailed.push(made.mailed);
        }
        assert_eq!(mailed.iter().filter(|mailed| **mailed).count(), 48, "two went out before");
        assert!(!mailed[54]);
    }

    async fn a_refused_letter_is_marked_and_the_link_still_works(db: Db) {
        let mut smtp = SmtpServer::start().await;
        smtp.refuse_recipient("nobody@example.org", Some(550));
        let server = TestServer::start_with(db, smtp.settings()).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        invite(&ann, project, json!({ "email": "nobody@example.org", "role": "viewer" })).await;
        invite(&ann, project, json!({ "email": "bea@example.org", "role": "viewer" })).await;
        assert_eq!(smtp.letter().await.to, "bea@example.org", "it keeps no other waiting");
        until("it is marked", async || server.number("SELECT COUNT(*) FROM invitations WHERE mail_failed_at IS NOT NULL").await == 1).await;
        let refused = &open(&ann, project).await[0];
        assert!(!refused.mailed && refused.url.is_some());

        // A temporary refusal is not permanent.
        smtp.refuse(1);
        invite(&ann, project, json!({ "email": "cleo@example.org", "role": "viewer" })).await;
        until("it is put off", async || server.number("SELECT COUNT(*) FROM invitations WHERE mail_tries = 1").await == 1).await;
        assert_eq!(deliver(&server, server::clock::now().plus(120_000)).await, 1);
        assert_eq!(smtp.letter().await.to, "cleo@example.org");
    }

    async fn two_nodes_send_one_letter(db: Db) {
        let mut smtp = SmtpServer::start().await;
        let server = TestServer::start_with(db, smtp.settings()).await;
        let other = server.beside(Timing::default(), smtp.settings()).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        for number in 0..10 {
            invite(&ann, project, json!({ "email": format!("p{number}@example.org"), "role": "viewer" })).await;
        }
        let now = server::clock::now();
        let (one, two) = tokio::join!(deliver(&server, now), deliver(&other, now));
        assert!(one + two <= 10);
        let mut to = Vec::new();
        for _ in 0..10 {
            to.push(smtp.letter().await.to);
        }
        to.sort();
        to.dedup();
        assert_eq!(to.len(), 10);
        until("all are noted", async || server.number("SELECT COUNT(*) FROM invitations WHERE mailed_at IS NOT NULL").await == 10).await;
        assert!(smtp.is_empty());
    }
}
