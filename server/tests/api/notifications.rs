//! Notifications: who gets which, once, and what happens to them.

use engine::{
    NotificationId, ProjectId, TaskId,
    notification::{Notification, NotificationKind, NotificationPage},
};
use serde_json::json;

use crate::harness::{Client, Db, TestServer, new_op, on_both_databases};

/// A project with its owner, an editor, and a task assigned to the editor.
struct Team {
    server: TestServer,
    ann: Client,
    ben: Client,
    project: ProjectId,
}

impl Team {
    async fn gather(db: Db) -> Self {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "editor").await;
        Self { server, ann, ben, project }
    }

    /// Creates a task and assigns it.
    async fn task_of(&self, title: &str, owner: &Client) -> TaskId {
        let draft = json!({ "title": title, "assignee_id": owner.user().id });
        let answer = self.ann.post(&format!("/api/projects/{}/tasks", self.project), draft).await;
        answer.expect(201).field::<engine::Task>("task").id
    }
}

async fn inbox(client: &Client) -> NotificationPage {
    client.get("/api/notifications").await.expect(200).json()
}

/// A user's notifications, newest first: kind, title, message.
async fn notified(client: &Client) -> Vec<(NotificationKind, String, String)> {
    let notified = |notified: Notification| (notified.kind, notified.title, notified.message);
    inbox(client).await.notifications.into_iter().map(notified).collect()
}

fn line(kind: NotificationKind, title: &str, message: &str) -> (NotificationKind, String, String) {
    (kind, title.to_owned(), message.to_owned())
}

on_both_databases! {
    async fn the_new_and_the_former_assignee_are_notified(db: Db) {
        let team = Team::gather(db).await;
        let cleo = team.server.person("cleo").await;
        team.ann.invite(team.project, &cleo, "editor").await;
        let task = team.task_of("Card", &team.ben).await;
        let to = json!({ "assignee_id": cleo.user().id });
        team.ann.post(&format!("/api/tasks/{task}/assign"), to.clone()).await.expect(200);
        // Repeating it changes nothing.
        team.ann.post(&format!("/api/tasks/{task}/assign"), to).await.expect(200);
        let assignment = NotificationKind::Assignment;
        assert_eq!(notified(&cleo).await, [line(assignment, "ann assigned a card to you", "Card")]);
        let lost = line(assignment, "ann changed a card's assignee 2 times: it's no longer yours", "Card");
        assert_eq!(notified(&team.ben).await, [lost]);
        assert_eq!(notified(&team.ann).await, []);
        let first = inbox(&cleo).await.notifications.remove(0);
        assert_eq!((first.task_id, first.project_id, first.actor_id), (Some(task), Some(team.project), Some(team.ann.user().id)));
        assert!(first.alert && first.read_at.is_none());
    }

    async fn users_are_not_notified_of_their_own_changes(db: Db) {
        let team = Team::gather(db).await;
        let task = team.task_of("Card", &team.ann).await;
        team.ann.patch(&format!("/api/tasks/{task}"), json!({ "blocked_reason": "Rain" })).await.expect(200);
        assert_eq!(notified(&team.ann).await, []);
        assert_eq!(notified(&team.ben).await, []);
    }

    async fn blocking_and_unblocking_notify(db: Db) {
        let team = Team::gather(db).await;
        let task = team.task_of("Card", &team.ben).await;
        let blocker = NotificationKind::Blocker;
        for (reason, title, message) in [
            (json!("Rain"), "ann blocked a card", "Card: Rain"),
            (json!("Snow"), "ann blocked a card", "Card: Rain"),
            (json!(null), "ann changed a card's blocker 2 times: it's unblocked now", "Card"),
            (json!(null), "ann changed a card's blocker 2 times: it's unblocked now", "Card"),
        ] {
            let patch = json!({ "blocked_reason": reason });
            team.ann.patch(&format!("/api/tasks/{task}"), patch).await.expect(200);
            let notified = notified(&team.ben).await;
            assert_eq!((notified.len(), &notified[0]), (2, &line(blocker, title, message)), "{notified:?}");
        }
    }

    async fn moving_to_another_column_notifies_but_not_within_it(db: Db) {
        let team = Team::gather(db).await;
        let task = team.task_of("Card", &team.ben).await;
        let columns = team.ann.board(team.project).await.statuses;
        for column in [&columns[0], &columns[1], &columns[1]] {
            let to = json!({ "status_id": column.id });
            team.ann.patch(&format!("/api/tasks/{task}/status"), to).await.expect(200);
        }
        let moved = format!("ann moved a card to {}", columns[1].name);
        let notified = notified(&team.ben).await;
        assert_eq!(notified[0], line(NotificationKind::Status, &moved, "Card"));
        assert_eq!(notified.len(), 2, "{notified:?}");
    }

    async fn a_comment_notifies_followers_and_mentioned_members_once_each(db: Db) {
        let team = Team::gather(db).await;
        let (cleo, dora) = (team.server.person("cleo").await, team.server.person("dora").await);
        team.ann.invite(team.project, &cleo, "editor").await;
        let task = team.task_of("Card", &team.ben).await;
        let say = async |who: &Client, body: &str| {
            let answer = who.post(&format!("/api/tasks/{task}/comments"), json!({ "body": body })).await;
            answer.expect(201).field::<engine::Comment>("comment").id
        };
        say(&team.ann, "Look at\n\n**this**").await;
        let named = say(&team.ann, "@ben, @cleo, @dora: look").await;
        // Mentioned users are not notified again, and strangers never.
        let body = json!({ "body": "@ben, @cleo, @dora: look again" });
        team.ann.patch(&format!("/api/comments/{named}"), body).await.expect(200);
        say(&cleo, "Done").await;

        let (comment, mention) = (NotificationKind::Comment, NotificationKind::Mention);
        let mentioned = line(mention, "ann mentioned you", "Card: @ben, @cleo, @dora: look again");
        assert_eq!(notified(&cleo).await, std::slice::from_ref(&mentioned));
        let done = line(comment, "cleo commented on a card", "Card: Done");
        assert_eq!(notified(&team.ann).await, std::slice::from_ref(&done));
        let first = line(comment, "ann commented on a card", "Card: Look at this");
        assert_eq!(notified(&team.ben).await[..3], [done, mentioned, first]);
        assert_eq!((notified(&team.ben).await.len(), notified(&dora).await.len()), (4, 0));
        let reference = &inbox(&cleo).await.notifications[0].reference_id;
        assert_eq!(*reference, named.to_string());

        team.ann.delete(&format!("/api/comments/{named}")).await.expect(200);
        let gone = line(mention, "ann mentioned you", "Card: this comment was deleted");
        assert_eq!(notified(&cleo).await, [gone]);
    }

    async fn a_bulk_change_is_one_notification_per_user(db: Db) {
        let team = Team::gather(db).await;
        let mut tasks = Vec::new();
        for number in 1..=5 {
            tasks.push(team.ann.task(team.project, &format!("Card {number}")).await.id);
        }
        let path = format!("/api/projects/{}/tasks/bulk", team.project);
        let assign = |ids: &[TaskId]| json!({ "ids": ids, "change": { "assign": { "assignee_id": team.ben.user().id } } });
        team.ann.post(&path, assign(&tasks[..4])).await.expect(200);
        let first = inbox(&team.ben).await.notifications;
        assert_eq!(first.len(), 1, "{first:?}");
        assert_eq!((first[0].title.as_str(), first[0].message.as_str()), ("ann assigned 4 cards to you", "Card 1 and 3 more"));
        assert_eq!(first[0].task_id, Some(tasks[0]));
        // Tasks already assigned cause no notification; the new one does.
        team.ann.post(&path, assign(&tasks)).await.expect(200);
        assert_eq!(notified(&team.ben).await[0], line(NotificationKind::Assignment, "ann assigned a card to you", "Card 5"));
        let block = json!({ "ids": &tasks[..3], "change": { "set": { "blocked_reason": "Rain" } } });
        team.ann.post(&path, block).await.expect(200);
        let notified = notified(&team.ben).await;
        assert_eq!(notified.len(), 5, "{notified:?}");
        assert!(notified[..3].iter().all(|(kind, ..)| *kind == NotificationKind::Blocker));
    }

    async fn a_repeated_op_notifies_once_and_a_refused_one_not_at_all(db: Db) {
        let team = Team::gather(db).await;
        let (task, op) = (team.ann.task(team.project, "Card").await.id, new_op());
        let assign = engine::Op::AssignTask { task_id: task, assignee_id: Some(team.ben.user().id) };
        for _ in 0..3 {
            team.ann.op(assign.request(), op).await.expect(200);
        }
        assert_eq!(notified(&team.ben).await.len(), 1);
        // The last statement of this one fails, after its notifications were written.
        let other = team.task_of("Other", &team.ben).await;
        team.server.execute("INSERT INTO project_events (project_id, seq, event_id, frame, created_at)
            SELECT id, seq + 1, 'taken', '{}', 0 FROM projects").await;
        let patch = json!({ "blocked_reason": "Rain" });
        assert_eq!(team.ann.patch(&format!("/api/tasks/{other}"), patch).await.status, 500);
        assert_eq!(notified(&team.ben).await.len(), 2, "assigned twice, and blocked not at all");
    }

    async fn strangers_and_former_members_are_not_notified(db: Db) {
        let team = Team::gather(db).await;
        let task = team.task_of("Card", &team.ben).await;
        let stranger = team.server.person("cleo").await;
        team.ann.delete(&format!("/api/projects/{}/members/{}", team.project, team.ben.user().id)).await.expect(200);
        team.ann.patch(&format!("/api/tasks/{task}"), json!({ "blocked_reason": "Rain" })).await.expect(200);
        assert_eq!(notified(&team.ben).await, [], "nor keeps notifications from before");
        assert_eq!(notified(&stranger).await, []);
        let to = json!({ "assignee_id": stranger.user().id });
        team.ann.post(&format!("/api/tasks/{task}/assign"), to).await.refused(422, "not_a_member");
        assert_eq!(notified(&stranger).await, []);
    }

    async fn pages_continue_by_key_and_count_all_unread(db: Db) {
        let team = Team::gather(db).await;
        for number in 0..120 {
            team.task_of(&format!("Card {number}"), &team.ben).await;
        }
        let mut seen: Vec<Notification> = Vec::new();
        loop {
            let before = seen.last().map(|last| format!("?before={}", last.id)).unwrap_or_default();
            let page: NotificationPage = team.ben.get(&format!("/api/notifications{before}")).await.expect(200).json();
            assert_eq!((page.unread, page.notifications.is_empty()), (120, false));
            seen.extend(page.notifications);
            if !page.more {
                break;
            }
        }
        let messages: Vec<_> = seen.iter().map(|notified| notified.message.clone()).collect();
        let expected: Vec<_> = (0..120).rev().map(|number| format!("Card {number}")).collect();
        assert_eq!(messages, expected);

        // One is read, then all up to one, then all.
        let read = async |mark| team.ben.post("/api/notifications/read", mark).await.expect(200).field::<u64>("unread");
        assert_eq!(read(json!({ "ids": [seen[0].id, seen[0].id, seen[1].id] })).await, 118);
        assert_eq!(read(json!({ "ids": [seen[0].id] })).await, 118);
        assert_eq!(read(json!({ "up_to": seen[20].id })).await, 18);
        let unread: NotificationPage = team.ben.get("/api/notifications?unread=1").await.expect(200).json();
        let ids = |notified: &[Notification]| notified.iter().map(|notified| notified.id).collect::<Vec<NotificationId>>();
        assert_eq!(ids(&unread.notifications), ids(&seen[2..20]));
        assert_eq!(read(json!({ "all": true })).await, 0);
        assert!(inbox(&team.ben).await.notifications.iter().all(|notified| notified.read_at.is_some()));
    }

    async fn marking_as_read_needs_a_selection_and_affects_only_ones_own(db: Db) {
        let team = Team::gather(db).await;
        team.task_of("Card", &team.ben).await;
        let id = inbox(&team.ben).await.notifications[0].id;
        for mark in [json!({}), json!({ "all": false }), json!({ "all": true, "ids": [] })] {
            team.ben.post("/api/notifications/read", mark).await.refused(422, "invalid");
        }
        let many: Vec<NotificationId> = std::iter::repeat_n(id, 201).collect();
        team.ben.post("/api/notifications/read", json!({ "ids": many })).await.refused(422, "invalid");
        team.ann.post("/api/notifications/read", json!({ "ids": [id] })).await.expect(200);
        assert_eq!(inbox(&team.ben).await.unread, 1);
        team.server.anonymous().get("/api/notifications").await.refused(401, "not_signed_in");
    }

    async fn notifications_read_long_ago_are_deleted(db: Db) {
        let team = Team::gather(db).await;
        for title in ["Old and read", "Old", "New and read"] {
            team.task_of(title, &team.ben).await;
        }
        team.server.execute("UPDATE notifications SET created_at = 0 WHERE message LIKE 'Old%'").await;
        team.server.execute("UPDATE notifications SET read_at = 0 WHERE message = 'Old and read'").await;
        team.server.execute("UPDATE notifications SET read_at = created_at WHERE message = 'New and read'").await;
        let (store, before) = (&team.server.state().services.store, server::clock::now().plus(-engine::time::DAY_MS));
        assert_eq!(server::service::notification::forget_old(store, before).await.expect("it is done"), 1);
        let left: Vec<_> = notified(&team.ben).await.into_iter().map(|(_, _, message)| message).collect();
        assert_eq!(left, ["New and read", "Old"]);
    }

    async fn repetitions_by_one_user_on_one_card_are_counted_in_one_notification(db: Db) {
        let team = Team::gather(db).await;
        let cleo = team.server.person("cleo").await;
        team.ann.invite(team.project, &cleo, "editor").await;
        let (task, other) = (team.task_of("Card", &team.ben).await, team.task_of("Other", &team.ben).await);
        let columns = team.ann.board(team.project).await.statuses;
        let move_to = async |who: &Client, task: TaskId, column: usize| {
            let to = json!({ "status_id": columns[column].id });
            who.patch(&format!("/api/tasks/{task}/status"), to).await.expect(200);
        };
        for column in [1, 2, 1] {
            move_to(&team.ann, task, column).await;
        }
        move_to(&team.ann, other, 1).await;
        move_to(&team.ann, task, 2).await;
        let page = inbox(&team.ben).await;
        let status = NotificationKind::Status;
        let four = format!("ann moved a card 4 times, now to {}", columns[2].name);
        let once = format!("ann moved a card to {}", columns[1].name);
        let assigned = |title| line(NotificationKind::Assignment, "ann assigned a card to you", title);
        let all = [line(status, &four, "Card"), line(status, &once, "Other"), assigned("Other"), assigned("Card")];
        assert_eq!((notified(&team.ben).await, page.unread), (all.to_vec(), 4));
        assert_eq!((page.notifications[0].times, page.notifications[1].times), (4, 1));
        assert_eq!(page.notifications[0].actor_name.as_deref(), Some("ann"));

        // Another user's is a separate one, and so is a repetition after it was read, or a while later.
        move_to(&cleo, task, 1).await;
        assert_eq!(inbox(&team.ben).await.notifications.len(), 5);
        team.ben.post("/api/notifications/read", json!({ "ids": [page.notifications[0].id] })).await.expect(200);
        move_to(&team.ann, task, 2).await;
        assert_eq!((inbox(&team.ben).await.notifications.len(), inbox(&team.ben).await.unread), (6, 5));
        team.server.execute("UPDATE notifications SET created_at = created_at - 660000 WHERE kind = 'status'").await;
        move_to(&team.ann, task, 0).await;
        assert_eq!(inbox(&team.ben).await.notifications.len(), 7);

        // Comments count, too, and lead to the last one; mentions each expect an answer.
        for body in ["One", "Two", "@ben first", "@ben second"] {
            team.ann.post(&format!("/api/tasks/{task}/comments"), json!({ "body": body })).await.expect(201);
        }
        let notified = notified(&team.ben).await;
        let mention = |text: &str| line(NotificationKind::Mention, "ann mentioned you", text);
        assert_eq!(notified[..3], [
            mention("Card: @ben second"),
            mention("Card: @ben first"),
            line(NotificationKind::Comment, "ann commented 2 times on a card", "Card: Two"),
        ]);
    }

    async fn a_repeated_op_counts_once(db: Db) {
        let team = Team::gather(db).await;
        let task = team.task_of("Card", &team.ben).await;
        let column = team.ann.board(team.project).await.statuses[1].id;
        let to = engine::Placement { status_id: column, after_id: None, before_id: None };
        let (first, op) = (engine::Op::MoveTask { task_id: task, to }, new_op());
        for _ in 0..3 {
            team.ann.op(first.request(), op).await.expect(200);
        }
        let newest = inbox(&team.ben).await.notifications.remove(0);
        assert_eq!((newest.kind, newest.times), (NotificationKind::Status, 1));
        assert_eq!(inbox(&team.ben).await.unread, 2);
    }

    async fn moves_of_a_card_one_only_created_notify_only_if_enabled(db: Db) {
        let team = Team::gather(db).await;
        let columns = team.ann.board(team.project).await.statuses;
        let create = async |title: &str| team.ben.task(team.project, title).await.id;
        let move_on = async |task: TaskId| {
            for column in [&columns[1], &columns[2]] {
                let to = json!({ "status_id": column.id });
                team.ann.patch(&format!("/api/tasks/{task}/status"), to).await.expect(200);
            }
        };
        let moves = async || -> usize {
            inbox(&team.ben).await.notifications.iter().filter(|notified| notified.kind == NotificationKind::Status).count()
        };
        let created = create("Created").await;
        move_on(created).await;
        assert_eq!(moves().await, 0);
        // Other kinds are sent as before.
        team.ann.patch(&format!("/api/tasks/{created}"), json!({ "blocked_reason": "Rain" })).await.expect(200);
        team.ann.post(&format!("/api/tasks/{created}/comments"), json!({ "body": "Done?" })).await.expect(201);
        assert_eq!(inbox(&team.ben).await.unread, 2);

        // Commenting on it, being assigned, or watching it makes one a follower.
        let (said, had, watched) = (create("Said").await, create("Had").await, create("Watched").await);
        team.ben.post(&format!("/api/tasks/{said}/comments"), json!({ "body": "Mine" })).await.expect(201);
        team.ben.post(&format!("/api/tasks/{had}/assign"), json!({ "assignee_id": team.ben.user().id })).await.expect(200);
        team.ben.put(&format!("/api/tasks/{watched}/watch"), json!({})).await.expect(200);
        for (task, count) in [(said, 1), (had, 2), (watched, 3)] {
            move_on(task).await;
            assert_eq!(moves().await, count);
        }
        // It is a preference.
        let on = json!({ "bell": true, "browser": false, "email": false });
        let wanted = json!({ "kinds": [{ "kind": "created_status", "channels": on }], "time_zone": "UTC" });
        team.ben.put("/api/notifications/preferences", wanted).await.expect(200);
        move_on(created).await;
        assert_eq!(moves().await, 4);
    }
}
