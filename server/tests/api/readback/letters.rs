//! Mail and notifications with unreadable rows: one does not affect those of others.

use engine::{Timestamp, notification::NotificationPage};
use serde_json::json;
use server::service::{due, oversight::weekly};

use super::rows::{corrupt, counted};
use crate::harness::{Client, SmtpServer, TestServer, on_both_databases};

/// Later than any digest is due.
const LATER_MS: i64 = 3 * 3_600_000;

/// Sends everything due by then. Returns the number of letters.
async fn deliver(server: &TestServer) -> usize {
    let mailer = server.state().mailer().expect("good settings").expect("e-mail is set up");
    mailer.deliver(server::clock::now().plus(LATER_MS)).await.expect("the database answers")
}

async fn titles(client: &Client) -> Vec<String> {
    let page: NotificationPage = client.get("/api/notifications").await.expect(200).json();
    let mut titles: Vec<_> = page.notifications.into_iter().map(|notified| notified.message).collect();
    titles.sort_unstable();
    titles
}

on_both_databases! {
    async fn a_digest_is_sent_without_unreadable_rows(db: Db) {
        let mut smtp = SmtpServer::start().await;
        let server = TestServer::start_with(db, smtp.settings()).await;
        let (ann, ben, cid) = (server.person("ann").await, server.person("ben").await, server.person("cid").await);
        let project = ann.project("Board").await;
        for (person, titles) in [(&ben, ["Good", "Bad"]), (&cid, ["Third", "Lost"])] {
            ann.invite(project, person, "editor").await;
            for title in titles {
                let draft = json!({ "title": title, "assignee_id": person.user().id });
                ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
            }
        }
        server.execute("UPDATE notifications SET kind = 'applause' WHERE message = 'Bad'").await;
        server.execute("UPDATE notifications SET id = '!' WHERE message = 'Lost'").await;
        assert_eq!(deliver(&server).await, 2);
        let mut letters = [smtp.letter().await, smtp.letter().await];
        letters.sort_by(|one, other| one.to.cmp(&other.to));
        let [to_ben, to_cid] = letters;
        assert!(to_ben.to == "ben@example.org" && to_ben.text.contains("Good") && !to_ben.text.contains("Bad"));
        assert!(to_cid.to == "cid@example.org" && to_cid.text.contains("Third"), "{}", to_cid.text);
        let failed = "SELECT message FROM notifications WHERE mail_failed_at IS NOT NULL AND mail_at IS NULL";
        assert_eq!(server.texts(failed.to_owned()).await, ["Bad"]);
        assert!(counted(&ann).await > 0);
        let text = server.anonymous().get("/metrics").await.expect(200).text;
        assert!(text.lines().any(|line| line == "lockstep_mail_failed_total 1"), "{text}");
    }

    async fn letters_are_sent_after_unreadable_ones(db: Db) {
        let mut smtp = SmtpServer::start().await;
        // Closed to the server's own rounds until everything is set up.
        smtp.close(true);
        let server = TestServer::start_with(db, smtp.settings()).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        let forgot = json!({ "email": "ann@example.org" });
        for _ in 0..2 {
            server.anonymous().post("/api/auth/forgot-password", forgot.clone()).await;
        }
        let queued = server.texts("SELECT id FROM account_letters ORDER BY id".to_owned()).await;
        assert!(!queued.is_empty(), "a letter waits");
        // First in the queue: a letter of a kind from another build, and one with an unreadable user.
        for (id, kind) in [("00000000-0000-0000-0000-000000000001", "greeting"), ("!", "reset")] {
            server
                .execute_text(format!(
                    "INSERT INTO account_letters (id, kind, email, email_key, created_at, send_at)
                     VALUES ('{id}', '{kind}', 'x@example.org', 'x@example.org', 1, 1)"
                ))
                .await;
        }
        let url = format!("/api/projects/{project}/invitations");
        for (email, role) in [("bad@example.org", "viewer"), ("dan@example.org", "editor")] {
            ann.post(&url, json!({ "email": email, "role": role })).await.expect(201);
        }
        server.execute("UPDATE invitations SET role = 'visitor' WHERE email = 'bad@example.org'").await;
        for title in ["Bad", "Good"] {
            let draft = json!({ "title": title, "assignee_id": ben.user().id });
            ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
        }
        server.execute("UPDATE notifications SET mail_kind = 'now', mail_at = 1 WHERE message = 'Good'").await;
        server.execute("UPDATE notifications SET mail_kind = 'now', mail_at = 0, id = '!' WHERE message = 'Bad'").await;
        smtp.close(false);
        let mut to = Vec::new();
        for _ in 0..deliver(&server).await {
            to.push(smtp.letter().await.to);
        }
        to.sort_unstable();
        to.dedup();
        assert_eq!(to, ["ann@example.org", "ben@example.org", "dan@example.org"]);
        let given_up = "SELECT COUNT(*) FROM account_letters WHERE send_at IS NULL AND sent_at IS NULL AND error LIKE '%cannot read%'";
        assert_eq!(server.number(given_up).await, 2);
        let failed = "SELECT email FROM invitations WHERE mail_failed_at IS NOT NULL";
        assert_eq!(server.texts(failed.to_owned()).await, ["bad@example.org"]);
    }

    async fn due_tasks_are_notified_after_an_unreadable_one(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let day = "2031-05-02T00:00:00Z";
        for title in ["Bad", "Good"] {
            let draft = json!({ "title": title, "due_at": day, "assignee_id": ann.user().id });
            ann.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
        }
        // More than a round's worth, all before the valid one.
        let bad = "SELECT id FROM tasks WHERE title = 'Bad'";
        corrupt(
            &server,
            db,
            &format!(
                "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 201)
                 INSERT INTO tasks (id, project_id, status_id, rank, title, description, description_version, assignee_id,
                 priority, due_at, created_by, created_at, updated_at, version)
                 SELECT '!' || n.n, t.project_id, t.status_id, t.rank, t.title, '', 1, t.assignee_id, t.priority, t.due_at,
                 t.created_by, t.created_at, t.updated_at, 1 FROM tasks t, n WHERE t.id IN ({bad})"
            ),
        )
        .await;
        server.execute("DELETE FROM tasks WHERE title = 'Bad' AND id NOT LIKE '!%'").await;
        let now: Timestamp = "2031-05-01T08:00:00Z".parse().expect("a moment");
        assert_eq!(due::notify(&server.state().services, now).await.expect("the database answers"), 1);
        assert_eq!(titles(&ann).await, ["Good"]);
    }

    async fn reports_are_sent_after_an_unreadable_board(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        for person in [&ann, &ben] {
            let project = person.project(&format!("Board of {}", person.user().name)).await;
            person.task(project, "Card").await;
            let channels = json!({ "bell": true, "browser": false, "email": false });
            let body = json!({ "kinds": [{ "kind": "report", "channels": channels }], "time_zone": "UTC" });
            person.put("/api/notifications/preferences", body).await.expect(200);
        }
        server.execute("UPDATE projects SET epoch = 'x' WHERE name = 'Board of ann'").await;
        server.execute("UPDATE users SET first_weekday = 'someday' WHERE name = 'ann'").await;
        let now: Timestamp = "2031-05-05T07:01:00Z".parse().expect("a moment");
        assert_eq!(weekly::notify(&server.state().services, now).await.expect("the database answers"), 1);
        assert_eq!(titles(&ben).await.len(), 1);
    }
}
