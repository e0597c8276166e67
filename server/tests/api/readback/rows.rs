//! Rows that this build cannot read: of another build, or changed by hand.

use engine::{Board, Change, Event, Task, notification::NotificationPage};
use serde_json::{Value, json};

use crate::harness::{Client, Db, TestServer, on_both_databases, path};

/// The metric of skipped rows.
pub(super) async fn counted(client: &Client) -> u64 {
    let metrics = client.get("/metrics").await.expect(200).text;
    let line = metrics.lines().find_map(|line| line.strip_prefix("lockstep_unreadable_rows_total "));
    line.and_then(|count| count.parse().ok()).expect("a count")
}

/// Changes rows in ways that foreign keys forbid, as only people do.
pub(super) async fn corrupt(server: &TestServer, db: Db, sql: &str) {
    let unchecked = match db {
        Db::Sqlite => "PRAGMA foreign_keys = OFF",
        Db::Postgres => "SET session_replication_role = replica",
    };
    server.execute_text(format!("{unchecked}; {sql}")).await;
}

on_both_databases! {
    async fn an_unreadable_card_is_left_out_and_counted(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let column = ada.statuses(project).await[0];
        for (title, set) in [
            ("priority", "priority = 'someday'"),
            ("rank", "rank = '!'"),
            ("comments", "comment_count = -1"),
        ] {
            let good = ada.task(project, "good").await;
            let bad = ada.task(project, title).await;
            let before = counted(&ada).await;
            server.execute_text(format!("UPDATE tasks SET {set} WHERE id = '{}'", bad.id)).await;
            let board = ada.board(project).await;
            assert_eq!(board.unreadable, 1, "{title}");
            assert!(board.tasks.iter().any(|task| task.id == good.id), "{title}");
            assert!(board.tasks.iter().all(|task| task.id != bad.id), "{title}");
            assert!(counted(&ada).await > before, "{title}");
            let page = ada.get(&format!("/projects/{project}")).await.expect(200).text;
            assert!(page.contains("1 card can't be shown"), "{title}: {page}");
            // The board is usable.
            let next = ada.task(project, "next").await;
            let to = json!({ "status_id": column, "after_id": good.id });
            ada.patch(&format!("{}/status", path(next.id)), to).await.expect(200);
            ada.get("/api/projects").await.expect(200);
            server.execute_text(format!("DELETE FROM tasks WHERE id = '{}'", bad.id)).await;
        }
    }

    async fn an_unreadable_rank_is_repaired_by_the_next_card_beside_it(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let column = ada.statuses(project).await[0];
        ada.task(project, "one").await;
        let two = ada.task(project, "two").await;
        server.execute_text(format!("UPDATE tasks SET rank = 'zz!' WHERE id = '{}'", two.id)).await;
        assert_eq!(ada.board(project).await.unreadable, 1);
        ada.task(project, "three").await;
        assert_eq!(ada.board(project).await.unreadable, 0);
        assert_eq!(ada.titles(project, column).await, ["one", "two", "three"]);
    }

    async fn an_unreadable_column_hides_only_its_own_cards(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let statuses = ada.statuses(project).await;
        ada.task(project, "one").await;
        let hidden = ada.task(project, "two").await;
        ada.patch(&format!("{}/status", path(hidden.id)), json!({ "status_id": statuses[1] })).await.expect(200);
        server.execute_text(format!("UPDATE statuses SET wip_limit = -1 WHERE id = '{}'", statuses[1])).await;
        let board = ada.board(project).await;
        assert_eq!((board.statuses.len(), board.unreadable), (2, 1));
        assert_eq!(Board::new(board).unreadable(), 1);
        ada.get(&format!("/projects/{project}")).await.expect(200);
        ada.task(project, "three").await;
    }

    async fn an_unreadable_event_keeps_its_seq(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        for title in ["one", "two", "three", "four"] {
            ada.task(project, title).await;
        }
        server.execute("UPDATE project_events SET frame = '{\"type\":\"task_cre' WHERE seq = 2").await;
        server.execute("UPDATE project_events SET event_id = 'x' WHERE seq = 3").await;
        let events = ada.events(project).await;
        let read: Vec<Event> =
            events.iter().map(|event| serde_json::from_str(&event.to_string()).expect("an event")).collect();
        assert_eq!(read.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
        let unreadable: Vec<bool> = read.iter().map(|event| matches!(event.change, Change::Unreadable(_))).collect();
        assert_eq!(unreadable, [false, true, true, false]);
        assert_eq!(ada.events(project).await, events, "the same each time");
    }

    async fn a_preference_of_another_build_does_not_block_writes(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        let url = path(ada.task(project, "one").await.id);
        let preferences: Value = bob.get("/api/notifications/preferences").await.expect(200).json();
        bob.put("/api/notifications/preferences", preferences).await.expect(200);
        for change in [
            "UPDATE notification_preferences SET kind = 'applause' WHERE kind = 'status'",
            "UPDATE users SET first_weekday = 'someday'",
            "UPDATE users SET quiet_from = -1, quiet_to = 99999",
            "UPDATE users SET time_zone = 'Europe/Atlantis'",
        ] {
            server.execute(change).await;
            for assignee in [json!(bob.user().id), Value::Null] {
                ada.post(&format!("{url}/assign"), json!({ "assignee_id": assignee })).await.expect(200);
            }
            bob.get(&format!("/projects/{project}")).await.expect(200);
            bob.get("/account").await.expect(200);
        }
    }

    async fn other_lists_omit_unreadable_rows(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        for title in ["one", "two"] {
            let task = ada.task(project, title).await;
            ada.post(&format!("{}/assign", path(task.id)), json!({ "assignee_id": bob.user().id })).await.expect(200);
            for body in ["first", "second"] {
                ada.post(&format!("{}/comments", path(task.id)), json!({ "body": body })).await.expect(201);
            }
        }
        server.execute("UPDATE notifications SET kind = 'applause' WHERE kind = 'assignment'").await;
        server.execute("UPDATE comments SET seq = -1 WHERE body = 'first'").await;
        server.execute("UPDATE project_members SET role = 'visitor' WHERE role = 'editor'").await;
        let reported: NotificationPage = bob.get("/api/notifications").await.expect(200).json();
        assert!(!reported.notifications.is_empty(), "comments notify");
        let board = ada.board(project).await;
        assert_eq!((board.tasks.len(), board.unreadable), (2, 0));
        assert!(board.members.iter().all(|member| member.user_id != bob.user().id), "{:?}", board.members);
        let task: &Task = &board.tasks[0];
        let thread: Value = ada.get(&format!("{}/comments", path(task.id))).await.expect(200).json();
        assert_eq!(thread["comments"].as_array().map(Vec::len), Some(1));
        bob.get("/api/projects").await.expect(200);
        for path in ["workload", "report", "flow", "tasks?user=none&which=open"] {
            ada.get(&format!("/api/oversight/{path}")).await.expect(200);
        }
    }
}
