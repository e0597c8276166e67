//! Long columns whose category changes: their cards follow in chunks, with other writes in between.

use engine::{Category, ProjectId, Request, Snapshot, StatusId, TaskId, request::Method};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    harness::{Answer, Client, TestServer, new_op, on_both_databases, path},
    log::replay,
    realtime::{process::Process, until},
};

/// Cards of a long column: three full chunks and part of another.
const LONG: usize = 330;

/// Tasks whose completion or history differs from the category of their column.
const LAGGING: &str =
    "SELECT COUNT(*) FROM tasks t JOIN statuses s ON s.id = t.status_id WHERE t.deleted_at IS NULL AND
    ((s.category = 'done') <> (t.completed_at IS NOT NULL) OR s.category <>
     (SELECT h.category FROM task_history h WHERE h.task_id = t.id ORDER BY h.seq DESC LIMIT 1))";

/// Columns that a sweep reads.
const NOTED: &str = "SELECT COUNT(*) FROM statuses WHERE lagging = 1";

/// A board whose first column is long, with the ids of its cards.
async fn long_board(client: &Client) -> (ProjectId, Vec<StatusId>, Vec<TaskId>) {
    let project = client.project("Long").await;
    let mut ids = Vec::new();
    for number in 0..LONG {
        ids.push(client.task(project, &format!("Card {number}")).await.id);
    }
    (project, client.statuses(project).await, ids)
}

fn column(project: ProjectId, status: StatusId) -> String {
    format!("/api/projects/{project}/statuses/{status}")
}

fn request(project: ProjectId, status: StatusId, category: &str) -> Request {
    let body = Some(json!({ "category": category }));
    Request { body, ..Request::new(Method::Patch, column(project, status)) }
}

async fn change(client: &Client, project: ProjectId, status: StatusId, category: &str) -> Answer {
    client.patch(&column(project, status), json!({ "category": category })).await
}

async fn move_to(client: &Client, task: TaskId, status: StatusId) {
    client.patch(&format!("{}/status", path(task)), json!({ "status_id": status })).await.expect(200);
}

/// Whether exactly the cards in done columns are finished.
fn agrees(board: &Snapshot) -> bool {
    let done = |id| board.statuses.iter().any(|status| status.id == id && status.category == Category::Done);
    board.tasks.iter().all(|task| task.completed_at.is_some() == done(task.status_id))
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["type"].as_str().expect("a kind")).collect()
}

on_both_databases! {
    async fn other_writes_get_in_between_the_chunks(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, columns, _) = long_board(&ann).await;
        let elsewhere = ann.project("Other").await;
        let begun = ann.board(project).await.seq;
        let changing = tokio::spawn({
            let (ann, column) = (ann.clone(), columns[0]);
            async move { change(&ann, project, column, "done").await.expect(200) }
        });
        let mut others = 0;
        while !changing.is_finished() {
            let title = format!("Meanwhile {others}");
            ann.post(&format!("/api/projects/{project}/tasks"), json!({ "title": title, "status_id": columns[1] }))
                .await
                .expect(201);
            ann.task(elsewhere, &title).await;
            others += 1;
        }
        changing.await.expect("no panic");
        let events = ann.events(project).await;
        let kinds = kinds(&events[usize::try_from(begun).expect("a small number")..]);
        let first = kinds.iter().position(|kind| *kind == "task_updated").expect("a card that follows");
        let last = kinds.iter().rposition(|kind| *kind == "task_updated").expect("a card that follows");
        let between = kinds[first..last].iter().filter(|kind| **kind == "task_created").count();
        assert!(between > 0 && others > 1, "{between} of {others} in between: {kinds:?}");
        assert_eq!(kinds.iter().filter(|kind| **kind == "task_updated").count(), LONG, "each card is one event");
        assert!(agrees(&ann.board(project).await));
        assert_eq!((server.number(LAGGING).await, server.number(NOTED).await), (0, 0));
    }

    async fn a_category_that_finishes_nothing_is_recorded_in_history_and_log(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, columns, _) = long_board(&ann).await;
        let before = ann.board(project).await.seq;
        change(&ann, project, columns[0], "doing").await.expect(200);
        let rows = "SELECT COUNT(*) FROM task_history WHERE category = 'doing'";
        assert_eq!(server.number(rows).await, i64::try_from(LONG).expect("a small number"));
        // Cached figures of a board are valid for one log position: each write advances it.
        let board = ann.board(project).await;
        assert_eq!(board.seq - before, 4);
        assert!(board.tasks.iter().all(|task| task.version == 1 && task.completed_at.is_none()));
        // Nothing is left for the sweep.
        assert_eq!(server::service::completion::sweep(&server.state().services).await.expect("a sweep"), 0);
        assert_eq!(ann.board(project).await.seq, board.seq);
    }

    async fn cards_and_columns_that_change_meanwhile_end_up_consistent(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, columns, ids) = long_board(&ann).await;
        for id in &ids[..40] {
            move_to(&ann, *id, columns[2]).await;
        }
        let start = ann.board(project).await;
        let mut all = JoinSet::new();
        for category in ["done", "doing", "done", "todo", "done"] {
            let (ann, status) = (ann.clone(), columns[0]);
            all.spawn(async move { drop(change(&ann, project, status, category).await.expect(200)) });
        }
        let (mover, ins, outs) = (ann.clone(), ids[..40].to_vec(), ids[290..].to_vec());
        let (first, second) = (columns[0], columns[1]);
        all.spawn(async move {
            for (into, out) in ins.into_iter().zip(outs) {
                move_to(&mover, into, first).await;
                move_to(&mover, out, second).await;
            }
        });
        let renamer = ann.clone();
        all.spawn(async move {
            renamer.patch(&column(project, first), json!({ "name": "Renamed" })).await.expect(200);
        });
        while let Some(ended) = all.join_next().await {
            ended.expect("no panic");
        }
        let board = ann.board(project).await;
        assert!(agrees(&board));
        assert_eq!(board.statuses[0].name, "Renamed");
        assert_eq!((server.number(LAGGING).await, server.number(NOTED).await), (0, 0));
        // A client that has followed the log from the beginning sees the same.
        replay(&ann, start).await;
    }

    async fn an_op_repeated_meanwhile_gets_the_same_response(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, columns, _) = long_board(&ann).await;
        let before = ann.board(project).await.seq;
        let op = new_op();
        let send = || ann.op(request(project, columns[0], "done"), op);
        let answers = futures_util::future::join_all((0..3).map(|_| send())).await;
        let texts: Vec<String> = answers.into_iter().map(|answer| answer.expect(200).text).collect();
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
        assert_eq!(send().await.expect(200).text, texts[0]);
        let board = ann.board(project).await;
        assert!(agrees(&board));
        assert_eq!(board.seq - before, LONG as u64 + 1);
        assert!(board.tasks.iter().all(|task| task.version == 2));
    }

    async fn work_left_by_a_killed_process_is_done_at_the_next_start(db: Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let database = db.fresh(folder.path()).await;
        let mut process = Process::start(&database, None, &[]).await;
        let mut ann = Client::new(process.addr);
        ann.register("ann").await;
        let (project, columns, _) = long_board(&ann).await;
        let before = ann.board(project).await.seq;
        for (category, version, rounds) in [("done", 2, 1), ("todo", 3, 2)] {
            process.restart(&["--die-after-commits=2"]).await;
            let (op, request) = (new_op(), request(project, columns[0], category));
            assert!(ann.ask(request.clone(), Some(op)).await.is_err(), "it dies before it answers");
            until("the process is gone", async || !process.is_running()).await;
            process.restart(&[]).await;
            until("every card follows", async || {
                let board = ann.board(project).await;
                agrees(&board) && board.tasks.iter().all(|task| task.version == version)
            })
            .await;
            // A client without a response repeats its request.
            let answer = ann.op(request, op).await.expect(200);
            assert_eq!(answer.field::<Value>("status")["category"], json!(category));
            let board = ann.board(project).await;
            assert_eq!(board.seq - before, (LONG as u64 + 1) * rounds, "each card followed once");
        }
    }

    async fn lagging_tasks_are_completed_in_the_name_of_an_owner(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, columns, _) = long_board(&ann).await;
        // As left by a process that ends after its first write.
        let left = format!("UPDATE statuses SET category = 'done', lagging = 1 WHERE id = '{}'", columns[0]);
        server.execute_text(left).await;
        let followed = server::service::completion::sweep(&server.state().services).await.expect("a sweep");
        assert_eq!(followed, LONG as u64);
        assert!(agrees(&ann.board(project).await));
        assert_eq!(server.number(LAGGING).await, 0);
        let events = ann.events(project).await;
        assert_eq!(events.last().expect("an event")["triggered_by"], json!(ann.user().id));
        assert_eq!(server.number(NOTED).await, 0);
    }

    async fn an_unreadable_project_does_not_block_the_others(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let mut boards = Vec::new();
        for name in ["One", "Two", "Three"] {
            let project = ann.project(name).await;
            ann.task(project, "Card").await;
            boards.push(project);
        }
        server.execute("UPDATE statuses SET category = 'done', lagging = 1 WHERE category = 'todo'").await;
        server.execute_text(format!("UPDATE projects SET epoch = 'x' WHERE id = '{}'", boards[1])).await;
        assert_eq!(server::service::completion::sweep(&server.state().services).await.expect("a sweep"), 2);
        for project in [boards[0], boards[2]] {
            assert!(agrees(&ann.board(project).await));
        }
        assert_eq!(server.number(NOTED).await, 1, "it is looked at again");
        ann.get(&format!("/api/projects/{}/board", boards[1])).await.refused(409, "unreadable");
    }
}
