//! Text search in a board's tasks.

use engine::TaskId;
use serde_json::json;

use crate::harness::{Client, TestServer, on_both_databases};

async fn found(client: &Client, base: &str, text: &str) -> Vec<TaskId> {
    client.get(&format!("{base}/search?text={text}")).await.expect(200).field("task_ids")
}

on_both_databases! {
    async fn titles_and_descriptions_are_searched_in_any_case_and_form(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let base = format!("/api/projects/{project}");
        let (street, plan, gone) =
            (ada.task(project, "Große Straße").await, ada.task(project, "Plan").await, ada.task(project, "Straße").await);
        ada.patch(&format!("/api/tasks/{}", plan.id), json!({ "description": "Left of the STRASSE, 100 % sure_ly", "version": plan.version })).await.expect(200);
        ada.delete(&format!("/api/tasks/{}", gone.id)).await.expect(200);
        let mut both = vec![street.id, plan.id];
        both.sort();
        assert_eq!(found(&ada, &base, "stra%C3%9Fe").await, both, "a deleted task is not on the board");
        // Neither character is a pattern.
        assert_eq!(found(&ada, &base, "100%20%25%20s").await, [plan.id]);
        assert_eq!(found(&ada, &base, "sure_").await, [plan.id]);
        assert!(found(&ada, &base, "100%25s").await.is_empty());
        assert!(found(&ada, &base, "s_re").await.is_empty());
    }

    async fn only_members_can_search_and_not_for_nothing(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let eve = server.person("eve").await;
        let project = ada.project("Engine").await;
        let base = format!("/api/projects/{project}");
        eve.get(&format!("{base}/search?text=a")).await.refused(404, "project_not_found");
        for query in ["text=", "text=%20", &format!("text={}", "a".repeat(501))] {
            ada.get(&format!("{base}/search?{query}")).await.refused(422, "invalid");
        }
    }
}
