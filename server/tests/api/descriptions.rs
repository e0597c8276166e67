//! Rendered descriptions, with the positions of their check boxes.

use engine::{TaskDescription, TaskId, description::with_box_toggled};
use serde_json::json;

use crate::harness::{Client, TestServer, on_both_databases, path};

async fn read(client: &Client, task: TaskId) -> TaskDescription {
    client.get(&format!("{}/description", path(task))).await.expect(200).json()
}

on_both_databases! {
    async fn a_description_is_rendered_like_a_comment(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let task = ann.task(project, "Card").await;
        let empty = read(&ann, task.id).await;
        assert_eq!((empty.text.as_str(), empty.html.as_deref(), empty.version), ("", Some(""), task.version));

        let text = format!("# Plan\n\n- [ ] for @{}\n- [x] <script>alert(1)</script>\n\n|a|b|\n|-|-|\n|1|2|", ann.user().name);
        ann.patch(&path(task.id), json!({ "description": text, "version": task.version })).await.expect(200);
        let described = read(&ann, task.id).await;
        assert_eq!((described.task_id, described.version), (task.id, task.version + 1));
        let html = described.html.clone().expect("little markup");
        ann.post(&format!("{}/comments", path(task.id)), json!({ "body": text })).await.expect(201);
        let thread = ann.get(&format!("{}/comments", path(task.id))).await.expect(200).json::<engine::comment::Thread>();
        assert_eq!(thread.comments[0].html, html, "one renderer");
        assert!(html.contains("class=\"mention\"") && html.contains("<table") && !html.contains("<script"), "{html}");
        assert_eq!(described.boxes.len(), 2);
        let ticked = with_box_toggled(&described.text, described.boxes[0]).expect("a box");
        assert_eq!(ticked, text.replacen("[ ]", "[x]", 1));
    }

    async fn a_description_with_too_much_markup_is_shown_as_text(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let task = ann.task(project, "Card").await;
        let text = "- [ ] a\n".repeat(6_000);
        ann.patch(&path(task.id), json!({ "description": text, "version": task.version })).await.expect(200);
        let described = read(&ann, task.id).await;
        assert_eq!((described.text.trim(), described.html, described.boxes.len()), (text.trim(), None, 0));
        // A long one in two-byte letters has not too much markup.
        let long = "Слово и дело. ".repeat(engine::limit::DESCRIPTION / 14);
        let version = described.version;
        ann.patch(&path(task.id), json!({ "description": long, "version": version })).await.expect(200);
        assert!(read(&ann, task.id).await.html.is_some());
    }
}
