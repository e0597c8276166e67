//! Comments on tasks.

use engine::{
    Comment, CommentId, TaskId,
    comment::{CommentChanged, Thread},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Client, Db, TestServer, new_op, on_both_databases, path, send};

async fn thread(client: &Client, task: TaskId) -> Thread {
    client.get(&format!("{}/comments", path(task))).await.expect(200).json()
}

async fn say(client: &Client, task: TaskId, body: &str) -> Answer {
    client.post(&format!("{}/comments", path(task)), json!({ "body": body })).await
}

async fn comment(client: &Client, task: TaskId, body: &str) -> Comment {
    say(client, task, body).await.expect(201).json::<CommentChanged>().comment
}

fn of(comment: CommentId) -> String {
    format!("/api/comments/{comment}")
}

fn bodies(thread: &Thread) -> Vec<&str> {
    thread.comments.iter().map(|comment| comment.body.as_str()).collect()
}

/// The comment events of a project: type, comment, author, count.
async fn comment_events(client: &Client, project: engine::ProjectId) -> Vec<Value> {
    let events = client.events(project).await;
    for (index, event) in events.iter().enumerate() {
        assert_eq!(event["seq"], index + 1, "the log is contiguous");
    }
    let comments =
        events.into_iter().filter(|event| event["type"].as_str().is_some_and(|kind| kind.starts_with("comment_")));
    comments
        .map(|event| {
            json!([
                event["type"],
                event["data"]["comment_id"],
                event["data"]["author_id"],
                event["data"]["comment_count"],
                event["seq"]
            ])
        })
        .collect()
}

on_both_databases! {
    async fn a_comment_is_added_edited_and_deleted(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let project = ann.project("Board").await;
        ann.invite(project, &bob, "editor").await;
        let task = ann.task(project, "Card").await.id;
        let before = ann.board(project).await;
        assert_eq!(thread(&bob, task).await.comments, []);

        let id = CommentId::new(Uuid::now_v7());
        let draft = json!({ "id": id, "body": "**Hello** <b>" });
        let first: CommentChanged = bob.post(&format!("{}/comments", path(task)), draft.clone()).await.expect(201).json();
        let said = &first.comment;
        assert_eq!((said.id, said.task_id, said.author_id, said.author_name.as_str()), (id, task, bob.user().id, "bob"));
        assert_eq!((said.body.as_str(), said.html.trim()), ("**Hello** <b>", "<p><strong>Hello</strong> &lt;b&gt;</p>"));
        assert_eq!((said.seq, said.edited_at, said.deleted_at), (first.seq, None, None));
        assert_eq!(first.seq, before.seq + 1);
        let error = bob.post(&format!("{}/comments", path(task)), draft).await.refused(409, "comment_exists");
        assert_eq!(error["field"], "id");
        comment(&ann, task, "Second").await;
        assert_eq!(bodies(&thread(&ann, task).await), ["**Hello** <b>", "Second"]);
        assert_eq!(ann.board(project).await.tasks[0].comment_count, 2);

        let changed: CommentChanged = bob.patch(&of(id), json!({ "body": "Bye" })).await.expect(200).json();
        assert_eq!((changed.comment.body.as_str(), changed.comment.created_at), ("Bye", said.created_at));
        assert!(changed.comment.edited_at.is_some() && changed.comment.seq == changed.seq);
        assert_eq!(thread(&ann, task).await.comments[0], changed.comment);

        let gone: CommentChanged = bob.delete(&of(id)).await.expect(200).json();
        assert_eq!((gone.comment.body.as_str(), gone.comment.html.as_str()), ("", ""));
        assert!(gone.comment.deleted_at.is_some());
        assert_eq!(bodies(&thread(&ann, task).await), ["Second"]);
        bob.delete(&of(id)).await.refused(404, "comment_not_found");
        bob.patch(&of(id), json!({ "body": "Back" })).await.refused(404, "comment_not_found");

        let board = ann.board(project).await;
        assert_eq!((board.tasks[0].comment_count, board.tasks[0].version), (1, before.tasks[0].version));
        let (kinds, bob) = (comment_events(&ann, project).await, bob.user().id);
        assert_eq!(kinds[0], json!(["comment_created", id, bob, 1, first.seq]));
        assert_eq!(kinds[2], json!(["comment_updated", id, bob, 2, changed.seq]));
        assert_eq!(kinds[3], json!(["comment_deleted", id, bob, 1, gone.seq]));
        let texts = format!("{:?}", ann.events(project).await);
        assert!(!texts.contains("Hello") && !texts.contains("Bye"), "the log knows no texts");
        assert_eq!(server.number("SELECT COUNT(*) FROM comments WHERE body = '' AND html = ''").await, 1);
    }

    async fn authors_edit_their_own_comments_and_owners_delete_any(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob, cyd) = (server.person("ann").await, server.person("bob").await, server.person("cyd").await);
        let project = ann.project("Board").await;
        ann.invite(project, &bob, "editor").await;
        ann.invite(project, &cyd, "editor").await;
        let task = ann.task(project, "Card").await.id;
        let (first, second) = (comment(&bob, task, "One").await.id, comment(&bob, task, "Two").await.id);
        for other in [&ann, &cyd] {
            other.patch(&of(first), json!({ "body": "Mine" })).await.refused(403, "forbidden");
        }
        cyd.delete(&of(first)).await.refused(403, "forbidden");
        ann.delete(&of(first)).await.expect(200);
        assert_eq!(bodies(&thread(&cyd, task).await), ["Two"]);
        // Viewers write nothing, not even their own earlier comments.
        ann.patch(&format!("/api/projects/{project}/members/{}", bob.user().id), json!({ "role": "viewer" })).await.expect(200);
        bob.patch(&of(second), json!({ "body": "Three" })).await.refused(403, "forbidden");
        bob.delete(&of(second)).await.refused(403, "forbidden");
        say(&bob, task, "Four").await.refused(403, "forbidden");
        let preview = bob.post(&format!("/api/projects/{project}/preview"), json!({ "body": "a" })).await;
        preview.refused(403, "forbidden");
        assert_eq!(bodies(&thread(&bob, task).await), ["Two"]);
        let stranger = server.person("stranger").await;
        stranger.patch(&of(second), json!({ "body": "a" })).await.refused(404, "comment_not_found");
        stranger.get(&format!("{}/comments", path(task))).await.refused(404, "task_not_found");
    }

    async fn a_thread_comes_in_pages(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let (task, other) = (ann.task(project, "Card").await.id, ann.task(project, "Other").await.id);
        let elsewhere = comment(&ann, other, "Elsewhere").await.id;
        let mut ids = Vec::new();
        for number in 0..112 {
            ids.push(comment(&ann, task, &number.to_string()).await.id);
        }
        ann.delete(&of(ids[60])).await.expect(200);
        let newest = thread(&ann, task).await;
        let numbers = |range: std::ops::Range<usize>| range.filter(|n| *n != 60).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!((bodies(&newest), newest.more), (numbers(62..112).iter().map(String::as_str).collect(), true));
        assert_eq!(newest.seq, ann.board(project).await.seq);
        let page = async |before: CommentId| -> Thread {
            ann.get(&format!("{}/comments?before={before}", path(task))).await.expect(200).json()
        };
        let second = page(newest.comments[0].id).await;
        assert_eq!((bodies(&second), second.more), (numbers(11..62).iter().map(String::as_str).collect(), true));
        let third = page(second.comments[0].id).await;
        assert_eq!((bodies(&third), third.more), (numbers(0..11).iter().map(String::as_str).collect(), false));
        // A deleted comment keeps its position.
        assert_eq!(page(ids[60]).await.comments.last().map(|comment| comment.id), Some(ids[59]));
        for nothing in [elsewhere, CommentId::new(Uuid::now_v7())] {
            let answer = ann.get(&format!("{}/comments?before={nothing}", path(task))).await;
            answer.refused(404, "comment_not_found");
        }
        let answer = ann.get(&format!("{}/comments?before=x", path(task))).await;
        answer.refused(422, "invalid");
    }

    async fn a_thread_outlives_its_task_and_its_authors(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let project = ann.project("Board").await;
        ann.invite(project, &bob, "editor").await;
        let task = ann.task(project, "Card").await.id;
        let id = comment(&bob, task, "Still here").await.id;
        ann.delete(&format!("/api/projects/{project}/members/{}", bob.user().id)).await.expect(200);
        bob.get(&format!("{}/comments", path(task))).await.refused(404, "task_not_found");
        bob.delete(&of(id)).await.refused(404, "comment_not_found");
        server.execute("UPDATE users SET disabled_at = 1 WHERE name = 'bob'").await;
        ann.delete(&path(task)).await.expect(200);
        let read = thread(&ann, task).await;
        assert_eq!((bodies(&read), read.comments[0].author_name.as_str()), (vec!["Still here"], "bob"));
        say(&ann, task, "More").await.refused(404, "task_not_found");
        ann.delete(&of(id)).await.refused(404, "task_not_found");
        ann.post(&format!("{}/restore", path(task)), json!({})).await.expect(200);
        assert_eq!(ann.board(project).await.tasks[0].comment_count, 1);
        ann.delete(&of(id)).await.expect(200);
    }

    async fn a_repeated_op_comments_once(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let task = ann.task(project, "Card").await.id;
        let op = new_op();
        let ask = async |body: &str| {
            let request = ann.request(reqwest::Method::POST, &format!("{}/comments", path(task)));
            send(request.header("idempotency-key", op.to_string()).json(&json!({ "body": body }))).await
        };
        let (first, second) = (ask("Once").await.expect(201), ask("Once").await.expect(201));
        assert_eq!(first.text, second.text);
        ask("Twice").await.refused(409, "op_conflict");
        assert_eq!(bodies(&thread(&ann, task).await), ["Once"]);
        assert_eq!(comment_events(&ann, project).await.len(), 1);
    }

    async fn only_mentions_of_members_are_stored(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, bob) = (server.person("ann").await, server.person("bob").await);
        let stranger = server.person("stranger").await;
        let project = ann.project("Board").await;
        ann.invite(project, &bob, "viewer").await;
        let task = ann.task(project, "Card").await.id;
        let said = comment(&ann, task, "@Bob and @stranger, see @bob@example.org").await;
        let span = format!(r#"<span class="mention" data-user-id="{}">@bob</span>"#, bob.user().id);
        assert_eq!(said.html.matches(&span).count(), 2, "{}", said.html);
        assert!(!said.html.contains(&stranger.user().id.to_string()));
        assert_eq!(server.number("SELECT COUNT(*) FROM comment_mentions").await, 1);
        ann.patch(&of(said.id), json!({ "body": "@ann @bob" })).await.expect(200);
        assert_eq!(server.number("SELECT COUNT(*) FROM comment_mentions").await, 2);
    }

    async fn a_chosen_mention_notifies_its_user_in_any_context(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let task = ann.task(project, "Card").await.id;
        let mut people = Vec::new();
        for (email, name) in [("lee", "李小龍"), ("tanaka", "田中"), ("som", "สมชาย"), ("kim", "김철수"), ("m", "محمد"), ("bob", "Bob"), ("bob2", "Bob"), ("bobby", "Bobby")] {
            let person = server.person(email).await;
            person.patch("/api/account", json!({ "name": name })).await.expect(200);
            ann.invite(project, &person, "editor").await;
            people.push((name, person));
        }
        let unread = async |who: usize| people[who].1.get("/api/notifications").await.expect(200).field::<u64>("unread");
        let token = |who: usize| format!("[@{}](user:{})", people[who].0, people[who].1.user().id);
        let texts = [
            format!("你好{}你好", token(0)), format!("{}さん", token(1)), format!("สวัสดี{}ครับ", token(2)),
            format!("안녕{}님", token(3)), format!("و{}،", token(4)), format!("{}by", token(5)),
        ];
        for (who, text) in texts.iter().enumerate() {
            comment(&ann, task, text).await;
            assert_eq!(unread(who).await, 1, "{text}");
        }
        assert_eq!((unread(6).await, unread(7).await), (0, 0), "of two with one name only the one who was chosen");
        // The ids beside the text have the same effect, for clients without mentions.
        for (who, text) in ["你好@李小龍你好", "@田中さん"].iter().enumerate() {
            let body = json!({ "body": text, "mentions": [people[who].1.user().id] });
            ann.post(&format!("{}/comments", path(task)), body).await.expect(201);
            assert_eq!(unread(who).await, 2, "{text}");
        }
        // Renamed meanwhile: it is the same user under the new name. An edit notifies no one twice.
        let said = comment(&ann, task, &token(6)).await;
        people[6].1.patch("/api/account", json!({ "name": "Robert" })).await.expect(200);
        let edited = ann.patch(&of(said.id), json!({ "body": format!("{}!", token(6)) })).await.expect(200);
        let html = edited.json::<CommentChanged>().comment.html;
        assert!(html.contains(&format!(r#"data-user-id="{}">@Robert</span>!"#, people[6].1.user().id)), "{html}");
        assert_eq!((unread(6).await, unread(5).await), (1, 1));
        let page: engine::notification::NotificationPage = people[0].1.get("/api/notifications").await.expect(200).json();
        assert!(page.notifications[1].message.ends_with("你好@李小龍你好"), "{:?}", page.notifications);
        let shown = ann.post(&format!("/api/projects/{project}/preview"), json!({ "body": token(1) })).await;
        assert!(shown.expect(200).field::<String>("html").contains(r#"class="mention""#));
    }

    async fn a_page_of_a_thread_around_a_comment(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let (task, other) = (ann.task(project, "Card").await.id, ann.task(project, "Other").await.id);
        let elsewhere = comment(&ann, other, "Elsewhere").await.id;
        let mut ids = Vec::new();
        for number in 0..90 {
            ids.push(comment(&ann, task, &number.to_string()).await.id);
        }
        ann.delete(&of(ids[41])).await.expect(200);
        let around = async |id: CommentId| ann.get(&format!("{}/comments?around={id}", path(task))).await;
        let part = async |at: usize| -> Thread { around(ids[at]).await.expect(200).json() };
        for (at, first, last, more, newer) in
            [(40, 16, 66, true, true), (0, 0, 25, false, true), (89, 65, 89, true, false), (70, 46, 89, true, false)]
        {
            let part = part(at).await;
            let numbers: Vec<String> = (first..=last).filter(|n| *n != 41).map(|n: usize| n.to_string()).collect();
            let wanted = (numbers.iter().map(String::as_str).collect(), more, newer);
            assert_eq!((bodies(&part), part.more, part.newer), wanted, "{at}");
        }
        assert!(!thread(&ann, task).await.newer);
        around(ids[41]).await.refused(410, "comment_deleted");
        for nothing in [elsewhere, CommentId::new(Uuid::now_v7())] {
            around(nothing).await.refused(404, "comment_not_found");
        }
        let both = format!("{}/comments?around={}&before={}", path(task), ids[1], ids[2]);
        ann.get(&both).await.refused(422, "invalid");
        let stranger = server.person("stranger").await;
        let path = format!("{}/comments?around={}", path(task), ids[41]);
        stranger.get(&path).await.refused(404, "task_not_found");
    }

    async fn concurrent_comments_are_counted_correctly(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let task = ann.task(project, "Card").await.id;
        let sent: Vec<_> = (0..12).map(|number| { let ann = ann.clone(); tokio::spawn(async move { comment(&ann, task, &number.to_string()).await }) }).collect();
        for one in sent {
            one.await.expect("no panic");
        }
        assert_eq!(thread(&ann, task).await.comments.len(), 12);
        assert_eq!(ann.board(project).await.tasks[0].comment_count, 12);
        assert_eq!(ann.get(&path(task)).await.expect(200).field::<engine::Task>("task").comment_count, 12);
        let counts: Vec<Value> = comment_events(&ann, project).await.into_iter().map(|event| event[3].clone()).collect();
        assert_eq!(counts, (1..=12).map(Value::from).collect::<Vec<_>>());
    }
}

#[tokio::test(crate = "crate::harness")]
async fn invalid_comments_are_refused_with_their_field() {
    let server = TestServer::start(Db::Sqlite).await;
    let ann = server.person("ann").await;
    let project = ann.project("Board").await;
    let task = ann.task(project, "Card").await.id;
    let longest = "a".repeat(10_000);
    let id = comment(&ann, task, &longest).await.id;
    let long = "a".repeat(100_000);
    for body in ["", " \n\t", &long, &format!("{longest}b"), "a\0b"] {
        for answer in [
            say(&ann, task, body).await,
            ann.patch(&of(id), json!({ "body": body })).await,
            ann.post(&format!("/api/projects/{project}/preview"), json!({ "body": body })).await,
        ] {
            let error = answer.refused(422, "invalid");
            assert_eq!(error["field"], "body");
            let message = error["message"].as_str().expect("a message");
            assert!(message.contains("10000") || body.contains('\0'), "{message}");
        }
    }
    let swollen = "@ann ".repeat(2000);
    assert_eq!(say(&ann, task, &swollen).await.refused(422, "invalid")["field"], "body");
    let extra = ann.post(&format!("{}/comments", path(task)), json!({ "body": "a", "html": "<script>" })).await;
    assert_eq!(extra.refused(422, "invalid")["field"], "html");
    assert_eq!(thread(&ann, task).await.comments.len(), 1);
    let shown = ann.post(&format!("/api/projects/{project}/preview"), json!({ "body": "**a** @ann <script>" })).await;
    let html: String = shown.expect(200).field("html");
    assert!(html.contains("<strong>a</strong> <span class=\"mention\"") && html.contains("&lt;script&gt;"), "{html}");
}
