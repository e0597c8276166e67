//! E-mail, with a test mail server.

mod failures;

use engine::{
    ProjectId, Timestamp,
    notification::{NotificationPage, Preferences},
};
use serde_json::json;
use server::realtime::Timing;

use crate::{
    harness::{Client, Db, SmtpServer, TestServer, on_both_databases},
    realtime::until,
};

const HOUR_MS: i64 = 3_600_000;
/// From the start of a test to a time after the next full hour, whatever time it is now.
const SOON_MS: i64 = HOUR_MS + 60_000;

/// A server that sends e-mail, and a board of Ann's on which Ben gets notifications.
struct Office {
    smtp: SmtpServer,
    server: TestServer,
    ann: Client,
    ben: Client,
    project: ProjectId,
    opened: Timestamp,
}

impl Office {
    async fn open(db: Db) -> Self {
        let smtp = SmtpServer::start().await;
        let server = TestServer::start_with(db, smtp.settings()).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board <1>").await;
        ann.invite(project, &ben, "editor").await;
        Self { smtp, server, ann, ben, project, opened: server::clock::now() }
    }

    async fn assign(&self, title: &str) {
        self.assign_to(&self.ben, title).await;
    }

    async fn assign_to(&self, person: &Client, title: &str) {
        let draft = json!({ "title": title, "assignee_id": person.user().id });
        self.ann.post(&format!("/api/projects/{}/tasks", self.project), draft).await.expect(201);
    }

    /// Sends what is due this long after opening. Returns the number of letters.
    async fn deliver(&self, after_ms: i64) -> usize {
        deliver(&self.server, self.opened.plus(after_ms)).await
    }
}

async fn deliver(server: &TestServer, at: Timestamp) -> usize {
    let mailer = server.state().mailer().expect("good settings").expect("e-mail is set up");
    mailer.deliver(at).await.expect("the database answers")
}

on_both_databases! {
    async fn former_members_get_no_mail_about_the_project(db: Db) {
        let mut office = Office::open(db).await;
        let other = office.ann.project("Other").await;
        office.ann.invite(other, &office.ben, "editor").await;
        office.assign("Secret").await;
        let draft = json!({ "title": "Still there", "assignee_id": office.ben.user().id });
        office.ann.post(&format!("/api/projects/{other}/tasks"), draft).await.expect(201);
        let him = format!("/api/projects/{}/members/{}", office.project, office.ben.user().id);
        office.ann.delete(&him).await.expect(200);
        // Restored before the letter is sent: the earlier notifications are gone all the same.
        office.ann.invite(office.project, &office.ben, "editor").await;
        assert_eq!(office.deliver(SOON_MS).await, 1);
        let text = office.smtp.letter().await.text;
        assert!(text.contains("Still there") && !text.contains("Secret"), "{text}");
    }

    async fn a_digest_contains_unread_notifications_once_an_hour(db: Db) {
        let mut office = Office::open(db).await;
        for title in ["First & foremost", "Second", "Read before"] {
            office.assign(title).await;
        }
        let page: NotificationPage = office.ben.get("/api/notifications").await.json();
        office.ben.post("/api/notifications/read", json!({ "ids": [page.notifications[0].id] })).await.expect(200);
        assert_eq!(office.deliver(0).await, 0, "not before the full hour");
        assert_eq!(office.deliver(SOON_MS).await, 1);
        let letter = office.smtp.letter().await;
        assert_eq!(letter.to, "ben@example.org");
        assert_eq!(letter.header("Subject"), "2 notifications");
        assert_eq!(letter.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert_eq!(letter.header("Message-ID"), format!("<{}@board.example.org>", page.notifications[2].id));
        assert!(letter.text.contains("ann assigned a card to you (Board <1>)\nFirst & foremost\n"), "{}", letter.text);
        assert!(letter.text.contains("(Board &lt;1&gt;)") && letter.text.contains("First &amp; foremost</a>"));
        let link = format!("http://board.example.org{}", page.notifications[1].address());
        assert!(letter.text.contains(&link), "{}", letter.text);
        assert!(!letter.text.contains("Read before"));

        // Nothing twice, and nothing more within the hour.
        assert_eq!(office.deliver(SOON_MS + 1000).await, 0);
        office.assign("Third").await;
        assert_eq!(office.deliver(SOON_MS + HOUR_MS - 1).await, 0);
        assert_eq!(office.deliver(SOON_MS + HOUR_MS).await, 1);
        assert_eq!(office.smtp.letter().await.header("Subject"), "ann assigned a card to you (Board <1>)");
        assert!(office.smtp.is_empty());
    }

    async fn a_digest_contains_repetitions_once_and_mailed_rows_start_anew(db: Db) {
        let mut office = Office::open(db).await;
        office.assign("Card").await;
        let task = office.ann.board(office.project).await.tasks[0].id;
        let block = async |reason: serde_json::Value| {
            let patch = json!({ "blocked_reason": reason });
            office.ann.patch(&format!("/api/tasks/{task}"), patch).await.expect(200);
        };
        for reason in [json!("Rain"), json!(null), json!("Snow")] {
            block(reason).await;
        }
        assert_eq!(office.deliver(SOON_MS).await, 1);
        let letter = office.smtp.letter().await;
        assert_eq!(letter.header("Subject"), "2 notifications");
        let counted = "ann changed a card's blocker 3 times: it's blocked now (Board <1>)\nCard: Snow\n";
        assert!(letter.text.contains(counted), "{}", letter.text);
        block(json!(null)).await;
        let page: NotificationPage = office.ben.get("/api/notifications").await.json();
        assert_eq!((page.notifications.len(), page.notifications[0].times), (3, 1));
        assert_eq!(office.deliver(SOON_MS + HOUR_MS).await, 1);
        assert_eq!(office.smtp.letter().await.header("Subject"), "ann unblocked a card (Board <1>)");
        assert!(office.smtp.is_empty());
    }

    async fn urgent_notifications_are_mailed_at_once(db: Db) {
        let mut office = Office::open(db).await;
        office.assign("Card").await;
        office.server.execute("UPDATE notifications SET mail_kind = 'now', mail_at = 0").await;
        // Without a call by the test: the server's own round finds it.
        assert!(office.smtp.letter().await.text.contains("Card"));
        let sent = "SELECT COUNT(*) FROM notifications WHERE mailed_at IS NOT NULL";
        until("it is noted", async || office.server.number(sent).await == 1).await;
        assert_eq!(office.deliver(2 * HOUR_MS).await, 0);
    }

    async fn a_failed_letter_is_sent_again_with_the_same_id(db: Db) {
        let mut office = Office::open(db).await;
        office.assign("Card").await;
        office.smtp.refuse(2);
        assert_eq!(office.deliver(SOON_MS).await, 0);
        assert_eq!(office.deliver(SOON_MS + 59_000).await, 0, "too soon");
        assert_eq!(office.deliver(SOON_MS + 61_000).await, 0);
        assert_eq!(office.deliver(SOON_MS + 130_000).await, 0, "it waits longer now");
        assert_eq!(office.deliver(SOON_MS + 190_000).await, 1);
        let page: NotificationPage = office.ben.get("/api/notifications").await.json();
        let id = format!("<{}@board.example.org>", page.notifications[0].id);
        assert_eq!(office.smtp.letter().await.header("Message-ID"), id);
        assert_eq!(office.deliver(3 * HOUR_MS).await, 0);
        assert!(office.smtp.is_empty());
    }

    async fn two_nodes_send_one_letter(db: Db) {
        let mut office = Office::open(db).await;
        let other = office.server.beside(Timing::default(), office.smtp.settings()).await;
        for number in 0..20 {
            office.assign(&format!("Card {number}")).await;
        }
        let at = office.opened.plus(SOON_MS);
        let (one, two) = tokio::join!(deliver(&office.server, at), deliver(&other, at));
        assert_eq!(one + two, 1);
        assert_eq!(office.smtp.letter().await.header("Subject"), "20 notifications");
        assert!(office.smtp.is_empty());
    }

    async fn one_click_unsubscribes_but_opening_the_page_does_not(db: Db) {
        let mut office = Office::open(db).await;
        office.assign("Card").await;
        office.deliver(SOON_MS).await;
        let letter = office.smtp.letter().await;
        let link = letter.header("List-Unsubscribe").trim_matches(['<', '>']).to_owned();
        let path = link.strip_prefix("http://board.example.org").expect("a link to the server");
        let wants = async || {
            let wanted: Preferences = office.ben.get("/api/notifications/preferences").await.json();
            assert!(wanted.email_available);
            wanted.kinds.iter().any(|kind| kind.channels.email)
        };
        let program = office.server.anonymous();
        assert!(program.get(path).await.expect(200).text.contains("<form method=\"post\">"));
        assert!(wants().await);
        office.assign("Under way").await;
        program.post(path, json!({})).await.expect(200);
        assert!(!wants().await);
        office.assign("Later").await;
        assert_eq!(office.deliver(5 * HOUR_MS).await, 0);
        program.get("/unsubscribe/nonsense").await.expect(404);
        program.post("/unsubscribe/nonsense", json!({})).await.expect(404);
    }

    async fn an_unsubscribe_link_works_for_half_a_year(db: Db) {
        const LIFE_MS: i64 = 180 * 24 * HOUR_MS;
        let mut office = Office::open(db).await;
        let (user, anyone) = (office.ben.user().id, office.server.anonymous());
        let now = server::clock::now();
        // As in a letter of that time.
        let signed = |claims: serde_json::Value| office.server.sign(&claims);
        let claims = |at: Timestamp| json!({ "sub": user, "aud": "unsubscribe", "iat": at.millis() / 1000 });
        let (good, late) = (signed(claims(now.plus(60_000 - LIFE_MS))), signed(claims(now.plus(-LIFE_MS))));
        for answer in [
            anyone.get(&format!("/unsubscribe/{late}")).await,
            anyone.post(&format!("/unsubscribe/{late}"), json!({})).await,
        ] {
            let page = answer.expect(410).text;
            assert!(page.contains("This link has expired") && page.contains("href=\"/account\""), "{page}");
        }
        office.assign("Card").await;
        assert_eq!(office.deliver(SOON_MS).await, 1, "it ended nothing");
        let letter = office.smtp.letter().await;
        let link = letter.header("List-Unsubscribe").trim_matches(['<', '>']);
        anyone.get(link.strip_prefix("http://board.example.org").expect("a link to the server")).await.expect(200);

        // One of an earlier build has no date: it counts from the upgrade on.
        let undated = signed(json!({ "sub": user, "aud": "unsubscribe" }));
        anyone.get(&format!("/unsubscribe/{undated}")).await.expect(200);
        let long_ago = now.plus(-LIFE_MS).millis();
        office.server.execute_text(format!("UPDATE milestones SET reached_at = {long_ago}")).await;
        anyone.get(&format!("/unsubscribe/{undated}")).await.expect(410);
        anyone.post(&format!("/unsubscribe/{good}"), json!({})).await.expect(200);
        office.assign("Another").await;
        assert_eq!(office.deliver(3 * HOUR_MS).await, 0);
    }

    async fn members_who_left_get_no_more_mail_about_the_project(db: Db) {
        let office = Office::open(db).await;
        office.assign("Card").await;
        let member = format!("/api/projects/{}/members/{}", office.project, office.ben.user().id);
        office.ann.delete(&member).await.expect(200);
        assert_eq!(office.deliver(SOON_MS).await, 0);
        assert_eq!(office.server.number("SELECT COUNT(*) FROM notifications").await, 0);
    }
}
