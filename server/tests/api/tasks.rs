//! Tasks over HTTP.

use crate::harness::{TestServer, on_both_databases};

on_both_databases! {
    async fn a_task_comes_to_the_end_of_the_first_column(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let first = ada.statuses(project).await[0];
        ada.task(project, "one").await;
        let two = ada.task(project, "two").await;
        assert_eq!((two.status_id, two.version, two.created_by), (first, 1, ada.user().id));
        assert_eq!(ada.titles(project, first).await, ["one", "two"]);
    }
}
