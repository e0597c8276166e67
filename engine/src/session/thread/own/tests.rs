use uuid::Uuid;

use crate::{
    ApiError, Change, Comment, CommentId, Epoch, Event, EventId, Op, OpId, Project, ProjectId, Rank, Snapshot, Status,
    StatusId, Task, TaskDraft, TaskId, Timestamp, UserId,
    board::Category,
    comment::{self, CommentDraft, Commented},
    session::{PersistedQueue, Receipt, Session, SessionEffect, SessionInput, ThreadInput},
    wire::{ServerFrame, Sync},
};

const ME: UserId = UserId::new(Uuid::from_u128(5));
const TASK: TaskId = TaskId::new(Uuid::from_u128(7));
const EPOCH: Epoch = Epoch::new(Uuid::from_u128(9));

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn op_id(n: u128) -> OpId {
    OpId::new(Uuid::from_u128(n))
}

fn id(n: u128) -> CommentId {
    CommentId::new(Uuid::from_u128(n))
}

fn draft(id: Option<CommentId>, body: &str) -> CommentDraft {
    CommentDraft { id, body: body.to_owned(), mentions: Vec::new() }
}

fn add(n: u128, body: &str) -> Op {
    Op::AddComment { task_id: TASK, draft: draft(Some(id(n)), body) }
}

fn edit(n: u128, body: &str) -> Op {
    Op::EditComment { task_id: TASK, comment_id: id(n), draft: draft(None, body) }
}

fn delete(n: u128) -> Op {
    Op::DeleteComment { task_id: TASK, comment_id: id(n) }
}

/// A comment as the server stores it.
fn rendered(n: u128, body: &str, seq: u64) -> Comment {
    Comment {
        id: id(n),
        task_id: TASK,
        author_id: ME,
        author_name: "Ann".to_owned(),
        body: body.to_owned(),
        html: format!("<p>{body}</p>"),
        created_at: at(1),
        edited_at: None,
        deleted_at: None,
        seq,
    }
}

fn snapshot() -> Snapshot {
    let status_id = StatusId::new(Uuid::from_u128(3));
    let project_id = ProjectId::new(Uuid::from_u128(1));
    Snapshot {
        epoch: EPOCH,
        seq: 3,
        last: None,
        unreadable: 0,
        project: Project { id: project_id, name: String::new(), created_at: at(0), updated_at: at(0), role: None },
        statuses: vec![Status {
            id: status_id,
            project_id,
            name: String::new(),
            color: String::new(),
            rank: Rank::default(),
            wip_limit: None,
            category: Category::Todo,
        }],
        tasks: vec![Task {
            title: "One".to_owned(),
            comment_count: 1,
            ..Task::new(TASK, project_id, (status_id, Rank::default()), (ME, at(0)))
        }],
        members: Vec::new(),
        labels: Vec::new(),
    }
}

struct Page {
    session: Session,
    count: u128,
}

impl Page {
    /// Offline, with the thread of the task open, which has one comment.
    fn offline() -> Self {
        let mut page = Self { session: Session::new(snapshot(), ME, 0), count: 0x100 };
        page.input(SessionInput::Tick);
        page.input(SessionInput::Thread(ThreadInput::Open(TASK)));
        let thread = comment::Thread {
            comments: vec![rendered(1, "First", 2)],
            more: false,
            newer: false,
            watching: false,
            seq: 3,
        };
        page.input(SessionInput::Thread(ThreadInput::Page { task: TASK, before: None, result: Ok(thread) }));
        page
    }

    fn live() -> Self {
        let mut page = Self::offline();
        page.connect();
        page
    }

    fn connect(&mut self) -> Vec<SessionEffect> {
        let seq = self.session.confirmed().seq();
        let sync = Sync {
            epoch: EPOCH,
            seq,
            last: None,
            after: None,
            recovered: true,
            events: Vec::new(),
            presence: Vec::new(),
        };
        self.input(SessionInput::Frame(ServerFrame::Sync(sync)))
    }

    fn input(&mut self, input: SessionInput) -> Vec<SessionEffect> {
        self.session.handle(input, 1_000, 0)
    }

    fn submit(&mut self, op: Op) -> OpId {
        self.count += 1;
        self.input(SessionInput::Submit { op_id: op_id(self.count), op });
        op_id(self.count)
    }

    /// The log shows an op.
    fn echo(&mut self, op_id: OpId, seq: u64, n: u128, change: fn(Commented) -> Change, comment_count: u32) {
        let commented = Commented { comment_id: id(n), task_id: TASK, author_id: ME, comment_count };
        self.input(SessionInput::Frame(ServerFrame::Event(Box::new(Event {
            event_id: EventId::new(Uuid::from_u128(u128::from(seq))),
            epoch: EPOCH,
            seq,
            op_id: Some(op_id),
            change: change(commented),
            triggered_by: ME,
            timestamp: at(0),
        }))));
    }

    fn answer(&mut self, op_id: OpId, result: Result<Comment, u16>) {
        let receipt =
            |comment: Comment| Receipt { seq: comment.seq, comment: Some(Box::new(comment)), watching: Some(true) };
        let result = result.map(receipt).map_err(|status| ApiError::new(status, "code", ""));
        self.input(SessionInput::Answered { op_id, result });
    }

    /// The texts, with a star if the server has not rendered them.
    fn texts(&self) -> Vec<String> {
        let (comments, pending) = self.session.thread().unwrap().shown_comments(ME, "Ann");
        let text = |comment: &Comment| {
            let raw = pending.contains(&comment.id);
            assert_eq!(raw, comment.html.is_empty(), "{comment:?}");
            format!("{}{}", comment.body, if raw { "*" } else { "" })
        };
        comments.iter().map(text).collect()
    }

    fn count(&self) -> u32 {
        self.session.view().task(TASK).unwrap().comment_count
    }
}

#[test]
fn a_comment_written_offline_shows_at_once_and_counts() {
    let mut page = Page::offline();
    page.submit(add(2, "Second"));
    page.submit(add(3, "Third"));
    page.submit(edit(2, "2nd"));
    page.submit(edit(1, "1st"));
    page.submit(delete(3));
    assert_eq!(page.texts(), ["1st*", "2nd*"]);
    assert_eq!((page.count(), page.session.unconfirmed()), (2, 5));
    assert!(page.session.is_pending(TASK) && page.session.thread().unwrap().is_held_up());
    assert!(page.session.take_changes().thread);

    // The same after a reload, and before the thread is there.
    let kept: PersistedQueue =
        serde_json::from_str(&serde_json::to_string(&page.session.take_persisted_queue().unwrap()).unwrap()).unwrap();
    let mut reloaded = Page { session: Session::new(snapshot(), ME, 0), count: 0x200 };
    reloaded.input(SessionInput::Thread(ThreadInput::Open(TASK)));
    reloaded.session.restore(kept);
    reloaded.input(SessionInput::Tick);
    assert_eq!(reloaded.texts(), ["2nd*"]);
    let thread = reloaded.session.thread().unwrap();
    assert!(thread.has_own() && !thread.is_loaded() && !thread.is_unreachable());
    let failed = ThreadInput::Page { task: TASK, before: None, result: Err(ApiError::network()) };
    reloaded.input(SessionInput::Thread(failed));
    assert!(reloaded.session.thread().unwrap().is_unreachable());
}

#[test]
fn a_comment_stays_visible_whichever_of_answer_and_event_comes_first() {
    for echo_first in [true, false] {
        let mut page = Page::live();
        let said = page.submit(add(2, "Second"));
        assert_eq!(page.texts(), ["First", "Second*"]);
        for step in [echo_first, !echo_first] {
            if step {
                page.echo(said, 4, 2, Change::CommentCreated, 2);
            } else {
                page.answer(said, Ok(rendered(2, "Second", 4)));
                assert!(page.session.thread().unwrap().watching());
            }
            let text = if echo_first && step { "Second*" } else { "Second" };
            assert_eq!((page.texts(), page.count()), (vec!["First".to_owned(), text.to_owned()], 2), "{echo_first}");
        }
        // One more of each.
        page.echo(said, 4, 2, Change::CommentCreated, 2);
        page.answer(said, Ok(rendered(2, "Second", 4)));
        assert_eq!((page.texts().len(), page.count(), page.session.unconfirmed()), (2, 2, 0));
        assert!(!page.session.thread().unwrap().has_own());
    }
}

#[test]
fn the_socket_confirms_an_op_whose_answer_was_lost() {
    let mut page = Page::live();
    let said = page.submit(add(2, "Second"));
    page.echo(said, 4, 2, Change::CommentCreated, 2);
    page.input(SessionInput::Answered { op_id: said, result: Err(ApiError::network()) });
    assert_eq!((page.texts(), page.session.unconfirmed()), (vec!["First".to_owned(), "Second*".to_owned()], 0));
    page.input(SessionInput::Frame(ServerFrame::Comment { comment: Box::new(rendered(2, "Second", 4)) }));
    assert_eq!(page.texts(), ["First", "Second"]);
}

#[test]
fn an_edit_shows_its_text_and_a_deletion_hides_it_until_the_comment_has_come() {
    let mut page = Page::live();
    let edited = page.submit(edit(1, "1st"));
    assert_eq!(page.texts(), ["1st*"]);
    page.echo(edited, 4, 1, Change::CommentUpdated, 1);
    assert_eq!(page.texts(), ["1st*"], "not the old text again");
    // An older frame to the others does not change it.
    page.input(SessionInput::Frame(ServerFrame::Comment { comment: Box::new(rendered(1, "First!", 3)) }));
    assert_eq!(page.texts(), ["1st*"]);
    page.answer(edited, Ok(rendered(1, "1st", 4)));
    assert_eq!(page.texts(), ["1st"]);

    let gone = page.submit(delete(1));
    assert_eq!((page.texts().len(), page.count()), (0, 0));
    page.echo(gone, 5, 1, Change::CommentDeleted, 0);
    assert_eq!((page.texts().len(), page.count()), (0, 0));
    let deleted = Comment { body: String::new(), html: String::new(), deleted_at: Some(at(9)), ..rendered(1, "", 5) };
    page.answer(gone, Ok(deleted));
    assert_eq!((page.texts().len(), page.count()), (0, 0));
    assert!(!page.session.thread().unwrap().has_own());
}

#[test]
fn a_refused_edit_is_undone_and_kept() {
    let mut page = Page::live();
    let [edited, gone, said] = [edit(1, "1st"), delete(1), add(2, "Second")].map(|op| page.submit(op));
    assert_eq!(page.texts(), ["Second*"]);
    page.answer(gone, Err(403));
    page.answer(edited, Err(403));
    page.answer(said, Err(422));
    assert_eq!((page.texts(), page.count()), (vec!["First".to_owned()], 1));
    let texts: Vec<_> = page.session.rejected().iter().map(|rejected| rejected.pending_op.op.text().unwrap()).collect();
    assert_eq!(texts, ["1st", "Second"]);
    assert_eq!(page.session.rejected()[0].title.as_deref(), Some("One"));
    // Retried, it shows again under its original id.
    page.input(SessionInput::Resubmit { op_id: said, fresh: op_id(0x900) });
    assert_eq!(page.texts(), ["First", "Second*"]);
}

#[test]
fn a_comment_without_an_id_gets_the_id_of_its_op() {
    let mut page = Page::offline();
    let op = Op::AddComment { task_id: TASK, draft: draft(None, "Second") };
    let said = page.submit(op);
    let op = page.session.pending_ops().next().unwrap();
    assert_eq!(op.op.comment_id(), Some(CommentId::new(said.uuid())));
    assert_eq!(op.op.request().path, format!("/api/tasks/{TASK}/comments"));
}

#[test]
fn a_comment_on_a_pending_card_waits_for_the_card() {
    let mut page = Page::offline();
    let task = TaskId::new(Uuid::from_u128(70));
    let draft_of = TaskDraft { id: Some(task), title: "New".to_owned(), ..TaskDraft::default() };
    let made = op_id(99);
    let op = Op::CreateTask { project_id: ProjectId::new(Uuid::from_u128(1)), draft: draft_of };
    let mut effects = page.input(SessionInput::Submit { op_id: made, op });
    let said = page.submit(Op::AddComment { task_id: task, draft: draft(None, "About it") });
    assert_eq!(page.session.view().task(task).unwrap().comment_count, 1);
    let sent = |effects: Vec<SessionEffect>| {
        let ids = effects.into_iter();
        ids.filter_map(|effect| if let SessionEffect::Submit { op_id, .. } = effect { Some(op_id) } else { None })
            .collect::<Vec<_>>()
    };
    effects.extend(page.connect());
    assert_eq!(sent(effects), [made]);
    let answered =
        page.input(SessionInput::Answered { op_id: made, result: Ok(Receipt { seq: 4, ..Receipt::default() }) });
    assert_eq!(sent(answered), [said]);
}

#[test]
fn a_deleted_comment_can_be_restored_offline() {
    let restore = || Op::RestoreComment { task_id: TASK, comment_id: id(1) };
    let mut page = Page::offline();
    page.submit(add(2, "Second"));
    page.submit(delete(1));
    assert_eq!((page.texts(), page.count()), (vec!["Second*".to_owned()], 1));
    page.submit(restore());
    assert_eq!((page.texts(), page.count()), (vec!["First".to_owned(), "Second*".to_owned()], 2), "in its place");

    let mut page = Page::live();
    let gone = page.submit(delete(1));
    page.echo(gone, 4, 1, Change::CommentDeleted, 0);
    let deleted = Comment { body: String::new(), html: String::new(), deleted_at: Some(at(9)), ..rendered(1, "", 4) };
    page.answer(gone, Ok(deleted));
    for refused in [true, false] {
        let back = page.submit(restore());
        assert_eq!((page.texts(), page.count()), (vec!["First".to_owned()], 1));
        if refused {
            page.answer(back, Err(410));
            assert_eq!((page.texts().len(), page.count()), (0, 0));
        } else {
            page.echo(back, 5, 1, Change::CommentCreated, 1);
            assert_eq!(page.texts(), ["First"], "until the comment itself has come");
            page.answer(back, Ok(rendered(1, "First", 5)));
        }
    }
    assert_eq!((page.texts(), page.count()), (vec!["First".to_owned()], 1));
    assert!(!page.session.thread().unwrap().has_own());
    assert_eq!(restore().request().path, format!("/api/comments/{}/restore", id(1)));
}
