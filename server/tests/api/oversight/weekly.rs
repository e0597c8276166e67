//! Weekly report notifications.

use engine::{
    Timestamp,
    notification::{NotificationKind, NotificationPage, ReferenceType},
};
use serde_json::json;
use server::{realtime::Timing, service::oversight::weekly};

use super::{finished, happened};
use crate::harness::{Client, SmtpServer, TestServer, on_both_databases};

/// A Monday, a minute past seven in UTC. The week before it began on 28 April.
const MORNING: &str = "2031-05-05T07:01:00Z";

async fn ask_for(client: &Client, bell: bool, email: bool) {
    let channels = json!({ "bell": bell, "browser": false, "email": email });
    let body = json!({ "kinds": [{ "kind": "report", "channels": channels }], "time_zone": "UTC" });
    client.put("/api/notifications/preferences", body).await.expect(200);
}

async fn notify(server: &TestServer, moment: &str) -> usize {
    weekly::notify(&server.state().services, moment.parse().expect("a moment")).await.expect("the database answers")
}

async fn deliver(server: &TestServer, moment: &str) -> usize {
    let mailer = server.state().mailer().expect("good settings").expect("e-mail is set up");
    mailer.deliver(moment.parse::<Timestamp>().expect("a moment")).await.expect("the database answers")
}

on_both_databases! {
    async fn subscribers_are_notified_once_by_any_node(db: Db) {
        let mut smtp = SmtpServer::start().await;
        let server = TestServer::start_with(db, smtp.settings()).await;
        let other = server.beside(Timing::default(), smtp.settings()).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        for number in 0..22 {
            let (task, _) = finished(&ann, project, &format!("Card <{number}>")).await;
            let done = Some("2031-05-04T23:30:00Z");
            happened(&server, task, "2031-04-27T08:00:00Z", "2031-04-28T08:00:00Z", done).await;
        }
        // Ben has not subscribed.
        ask_for(&ann, true, true).await;
        assert_eq!(notify(&server, "2031-05-05T06:59:00Z").await, 0);
        let (one, two) = tokio::join!(notify(&server, MORNING), notify(&other, MORNING));
        assert_eq!(one + two, 1);
        let bell: NotificationPage = ann.get("/api/notifications").await.json();
        let [notified] = &bell.notifications[..] else { panic!("one: {bell:?}") };
        assert_eq!((notified.kind, notified.reference_type), (NotificationKind::Report, ReferenceType::Report));
        assert_eq!(notified.title, "Your week from 2031-04-28 to 2031-05-04");
        assert_eq!(notified.message, "22 completed, 0 in progress, 0 blocked, 0 overdue");
        assert_eq!(notified.address(), "/oversight/report?week=2031-04-28");
        assert_eq!((notified.task_id, notified.project_id), (None, None));
        let none: NotificationPage = ben.get("/api/notifications").await.json();
        assert_eq!(none.notifications.len(), 0);

        // One letter, at once, with all figures and the first of the tasks.
        let (one, two) = tokio::join!(deliver(&server, MORNING), deliver(&other, MORNING));
        assert_eq!(one + two, 1);
        let letter = smtp.letter().await;
        assert_eq!(letter.to, "ann@example.org");
        assert_eq!(letter.header("Subject"), "Your week from 2031-04-28 to 2031-05-04");
        let link = "http://board.example.org/oversight/report?week=2031-04-28";
        for part in ["Completed: 22 (week before: 0)", link, "- Card <5>: Board, Done, completed 2031-05-04", "and 2 more"] {
            assert!(letter.text.contains(part), "{part}: {}", letter.text);
        }
        assert!(letter.text.contains("<li>Card &lt;5&gt;: "), "{}", letter.text);
        assert!(letter.header("List-Unsubscribe").starts_with("<http://board.example.org/unsubscribe/"));

        // A node that starts later finds it sent, even if it was read and deleted since.
        server.execute("DELETE FROM notifications").await;
        other.stop().await;
        let anew = server.beside(Timing::default(), smtp.settings()).await;
        assert_eq!(notify(&anew, "2031-05-05T07:02:00Z").await + notify(&server, "2031-05-07T23:00:00Z").await, 0);
        assert_eq!(deliver(&anew, "2031-05-07T23:00:00Z").await, 0);
        assert!(smtp.is_empty());
        // The next week is reported separately.
        assert_eq!(notify(&anew, "2031-05-12T07:00:00Z").await, 1);
    }

    async fn the_report_uses_the_chosen_channels(db: Db) {
        let mut smtp = SmtpServer::start().await;
        let server = TestServer::start_with(db, smtp.settings()).await;
        let (ann, ben, eve) = (server.person("ann").await, server.person("ben").await, server.person("eve").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "viewer").await;
        ask_for(&ann, false, true).await;
        ask_for(&ben, true, false).await;
        // Eve is in no project: there is nothing to report.
        ask_for(&eve, true, true).await;
        // No node ran on the morning itself, and three days later it is not sent any more.
        assert_eq!(notify(&server, "2031-05-08T00:00:00Z").await, 0);
        assert_eq!(notify(&server, "2031-05-07T23:59:00Z").await, 2);
        let shown = async |client: &Client| {
            let bell: NotificationPage = client.get("/api/notifications").await.json();
            bell.notifications.len()
        };
        assert_eq!((shown(&ann).await, shown(&ben).await, shown(&eve).await), (0, 1, 0));
        assert_eq!(deliver(&server, "2031-05-08T00:00:00Z").await, 1);
        assert_eq!(smtp.letter().await.to, "ann@example.org");
        assert!(smtp.is_empty());
    }

    async fn no_one_is_subscribed_by_default(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        ann.project("Board").await;
        assert_eq!(notify(&server, MORNING).await, 0);
    }
}
