use uuid::Uuid;

use super::*;
use crate::{
    Epoch, Op, Project, ProjectId, Snapshot, TaskDraft, TaskId, TaskPatch, Timestamp, UserId,
    comment::CommentDraft,
    session::{Receipt, SessionInput},
    wire::{ServerFrame, Sync, close},
};

const NOW: u64 = 1_000_000;

fn op_id(n: u128) -> OpId {
    OpId::new(Uuid::from_u128(n))
}

fn snapshot(epoch: u128, seq: u64) -> Snapshot {
    let at = Timestamp::from_millis(0);
    Snapshot {
        epoch: Epoch::new(Uuid::from_u128(epoch)),
        seq,
        last: None,
        project: Project {
            id: ProjectId::new(Uuid::from_u128(1)),
            name: format!("at {seq}"),
            created_at: at,
            updated_at: at,
            role: None,
        },
        statuses: Vec::new(),
        tasks: Vec::new(),
        unreadable: 0,
        members: Vec::new(),
        labels: Vec::new(),
    }
}

fn session() -> Session {
    Session::new(snapshot(9, 3), UserId::new(Uuid::from_u128(5)), NOW)
}

/// A session whose socket and requests are not answered.
fn offline() -> Session {
    let mut session = session();
    session.handle(SessionInput::Tick, NOW, 0);
    session.handle(SessionInput::Closed { code: 1006 }, NOW, 0);
    let effects = session.handle(SessionInput::Tick, NOW + 2_000, 0);
    assert!(effects.iter().any(|effect| matches!(effect, SessionEffect::FetchEvents { .. })), "{effects:?}");
    session.handle(SessionInput::Events(Err(ApiError::network())), NOW + 2_000, 0);
    // The socket that was opened meanwhile.
    session.handle(SessionInput::Closed { code: 1006 }, NOW + 2_000, 0);
    session
}

fn live() -> Session {
    let mut session = session();
    connect(&mut session, NOW);
    session
}

fn connect(session: &mut Session, now: u64) -> Vec<SessionEffect> {
    let mut effects = session.handle(SessionInput::Woken, now, 0);
    let sync = Sync {
        epoch: Epoch::new(Uuid::from_u128(9)),
        seq: session.confirmed().seq(),
        last: None,
        after: None,
        recovered: true,
        events: Vec::new(),
        presence: Vec::new(),
    };
    effects.extend(session.handle(SessionInput::Frame(ServerFrame::Sync(sync)), now, 0));
    assert_eq!(session.link(), Link::Live);
    effects
}

fn create(session: &mut Session, n: u128, now: u64) -> Vec<SessionEffect> {
    let draft = TaskDraft { title: format!("{n}"), ..TaskDraft::default() };
    let op = Op::CreateTask { project_id: ProjectId::new(Uuid::from_u128(1)), draft };
    session.handle(SessionInput::Submit { op_id: op_id(n), op }, now, 0)
}

fn describe(session: &mut Session, n: u128) -> Vec<SessionEffect> {
    let patch = TaskPatch { description: Some("mine".into()), version: Some(1), ..TaskPatch::default() };
    let op = Op::UpdateTask { task_id: TaskId::new(Uuid::from_u128(7)), patch };
    session.handle(SessionInput::Submit { op_id: op_id(n), op }, NOW, 0)
}

fn comment(session: &mut Session, n: u128) -> Vec<SessionEffect> {
    let draft = CommentDraft { id: None, body: "What I typed".into(), mentions: Vec::new() };
    let op = Op::AddComment { task_id: TaskId::new(Uuid::from_u128(7)), draft };
    session.handle(SessionInput::Submit { op_id: op_id(n), op }, NOW, 0)
}

fn answer(session: &mut Session, n: u128, result: Result<u64, u16>) -> Vec<SessionEffect> {
    let result = result
        .map(|seq| Receipt { seq, ..Receipt::default() })
        .map_err(|status| ApiError::new(status, "code", "words"));
    session.handle(SessionInput::Answered { op_id: op_id(n), result }, NOW, 0)
}

fn submitted(effects: &[SessionEffect]) -> Vec<OpId> {
    effects
        .iter()
        .filter_map(|effect| if let SessionEffect::Submit { op_id, .. } = effect { Some(*op_id) } else { None })
        .collect()
}

/// The queue that a page leaves if it crashes now, read back from the store.
fn stored(session: &mut Session) -> PersistedQueue {
    let text = serde_json::to_string(&session.take_persisted_queue().expect("something to store")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn offline_ops_are_sent_by_the_next_page_in_order() {
    let mut first = offline();
    for n in 1..=3 {
        assert!(submitted(&create(&mut first, n, NOW)).is_empty(), "not while there is no connection");
    }
    let mut second = session();
    second.restore(stored(&mut first));
    assert_eq!(second.unconfirmed(), 3);
    assert_eq!(submitted(&connect(&mut second, NOW)), [op_id(1)]);
    assert_eq!(submitted(&answer(&mut second, 1, Ok(4))), [op_id(2)]);
    assert_eq!(submitted(&answer(&mut second, 2, Ok(5))), [op_id(3)]);
    assert!(submitted(&answer(&mut second, 3, Ok(6))).is_empty());
    assert!(stored(&mut second).is_empty(), "what is answered need not be kept");
}

#[test]
fn the_queue_is_stored_only_when_it_changed() {
    let mut session = live();
    assert_eq!(session.take_persisted_queue(), None);
    create(&mut session, 1, NOW);
    assert_eq!(stored(&mut session).pending_ops.len(), 1);
    session.handle(SessionInput::Tick, NOW + 1, 0);
    assert_eq!(session.take_persisted_queue(), None);
}

#[test]
fn a_full_queue_refuses_new_ops_and_keeps_its_own() {
    let mut session = session();
    for n in 0..MOST as u128 {
        assert!(create(&mut session, n, NOW).iter().all(|effect| !matches!(effect, SessionEffect::Refused { .. })));
    }
    let refused = create(&mut session, 1_000, NOW);
    assert!(
        matches!(&refused[..], [SessionEffect::Refused { error, .. }] if error.code == "queue_full"),
        "{refused:?}"
    );
    assert_eq!(session.unconfirmed(), MOST);
}

#[test]
fn a_refused_op_that_waited_stays_until_its_author_decides() {
    let mut session = offline();
    create(&mut session, 1, NOW);
    connect(&mut session, NOW);
    assert!(matches!(answer(&mut session, 1, Err(403))[..], [SessionEffect::Refused { .. }]));
    assert_eq!(session.rejected()[0].error.code, "code");
    assert_eq!(session.unconfirmed(), 0);

    let mut reloaded = session_with(stored(&mut session));
    assert_eq!(reloaded.rejected().len(), 1);
    connect(&mut reloaded, NOW);
    let again = reloaded.handle(SessionInput::Resubmit { op_id: op_id(1), fresh: op_id(2) }, NOW, 0);
    assert_eq!(submitted(&again), [op_id(2)], "under another id: the first one has its answer");
    assert!(reloaded.rejected().is_empty());
}

fn session_with(kept: PersistedQueue) -> Session {
    let mut session = session();
    session.restore(kept);
    session
}

#[test]
fn a_watched_refusal_is_a_toast_but_typed_text_is_kept() {
    let mut session = live();
    session.handle(
        SessionInput::Submit { op_id: op_id(9), op: Op::DeleteTask { task_id: TaskId::new(Uuid::from_u128(1)) } },
        NOW,
        0,
    );
    assert!(matches!(answer(&mut session, 9, Err(403))[..], [SessionEffect::Refused { .. }]));
    assert!(session.rejected().is_empty());

    create(&mut session, 1, NOW);
    assert!(matches!(answer(&mut session, 1, Err(403))[..], [SessionEffect::Refused { .. }]));
    assert!(session.rejected()[0].pending_op.op.text().is_some());
    session.handle(SessionInput::Discard { op_id: op_id(1) }, NOW, 0);

    describe(&mut session, 2);
    assert!(matches!(answer(&mut session, 2, Err(409))[..], [SessionEffect::Refused { .. }]));
    assert_eq!(session.rejected().len(), 1);
    session.handle(SessionInput::Discard { op_id: op_id(2) }, NOW, 0);
    assert!(session.rejected().is_empty());
    assert!(stored(&mut session).is_empty());
}

#[test]
fn a_refused_comment_is_kept_with_the_title_of_its_task() {
    for status in [403, 404, 409, 413, 422] {
        let mut session = live();
        comment(&mut session, 1);
        assert!(matches!(answer(&mut session, 1, Err(status))[..], [SessionEffect::Refused { .. }]));
        let kept = session_with(stored(&mut session));
        assert_eq!(kept.rejected()[0].pending_op.op.text(), Some("What I typed"), "{status}");
    }
}

#[test]
fn a_full_queue_loses_no_text() {
    let mut session = session();
    for n in 0..MOST as u128 {
        create(&mut session, n, NOW);
    }
    comment(&mut session, 1_000);
    assert_eq!((codes(&session), session.unconfirmed()), (vec!["queue_full"], MOST));
    let again = session.handle(SessionInput::Resubmit { op_id: op_id(1_000), fresh: op_id(1_001) }, NOW, 0);
    assert_eq!((again, session.rejected().len()), (vec![], 1), "there is no room for it yet");
    connect(&mut session, NOW);
    answer(&mut session, 0, Ok(3));
    session.handle(SessionInput::Resubmit { op_id: op_id(1_000), fresh: op_id(1_001) }, NOW, 0);
    assert_eq!((session.rejected().len(), session.unconfirmed()), (0, MOST));
}

#[test]
fn a_refusal_after_leaving_the_board_is_kept() {
    let mut session = live();
    create(&mut session, 1, NOW);
    session.leave();
    answer(&mut session, 1, Err(403));
    assert_eq!(codes(&session), ["code"]);
    assert_eq!(session_with(stored(&mut session)).rejected().len(), 1);
}

fn codes(session: &Session) -> Vec<&str> {
    session.rejected().iter().map(|rejected| rejected.error.code.as_ref()).collect()
}

#[test]
fn after_a_week_an_op_is_not_sent_but_shown() {
    let mut first = session();
    create(&mut first, 1, NOW);
    create(&mut first, 2, NOW + 1);
    let mut late = session_with(stored(&mut first));
    let effects = connect(&mut late, NOW + KEEP_MS);
    assert_eq!(submitted(&effects), [op_id(2)]);
    // The previous page may have sent it.
    assert_eq!(codes(&late), ["too_old_unclear"]);
    let mut open = offline();
    create(&mut open, 1, NOW);
    connect(&mut open, NOW + KEEP_MS);
    assert_eq!(codes(&open), ["too_old"]);
}

#[test]
fn lost_access_keeps_every_op_for_copying() {
    let mut session = offline();
    create(&mut session, 1, NOW);
    create(&mut session, 2, NOW);
    session.handle(SessionInput::Woken, NOW, 0);
    session.handle(SessionInput::Closed { code: close::NO_ACCESS }, NOW, 0);
    assert_eq!((session.unconfirmed(), session.rejected().len()), (0, 2));
    assert_eq!(codes(&session), ["no_access"; 2]);

    // The op in flight may have been done.
    let mut session = live();
    create(&mut session, 1, NOW);
    create(&mut session, 2, NOW);
    session.handle(SessionInput::Closed { code: close::NO_ACCESS }, NOW, 0);
    assert_eq!(codes(&session), ["no_access_unclear", "no_access"]);
}

#[test]
fn a_signed_out_session_keeps_its_ops() {
    let mut session = session();
    create(&mut session, 1, NOW);
    session.handle(SessionInput::Tick, NOW, 0);
    session.handle(SessionInput::Closed { code: close::SIGN_IN }, NOW, 0);
    assert_eq!((session.unconfirmed(), session.rejected().len()), (1, 0));
    assert_eq!(stored(&mut session).pending_ops.len(), 1);
}

#[test]
fn a_stored_board_is_shown_until_the_server_answers() {
    let name = |session: &Session| session.view().project().name.clone();
    let stored = |session: &mut Session, epoch, seq| {
        session.handle(SessionInput::Stored { snapshot: Box::new(snapshot(epoch, seq)), at: 77 }, NOW, 0);
    };
    let mut session = session();
    create(&mut session, 1, NOW);
    stored(&mut session, 9, 2);
    assert_eq!((name(&session).as_str(), session.as_of()), ("at 3", None), "older than what the page came with");
    stored(&mut session, 8, 50);
    assert_eq!(name(&session), "at 3", "of another log");
    stored(&mut session, 9, 40);
    assert_eq!((name(&session).as_str(), session.as_of()), ("at 40", Some(77)));
    assert_eq!(session.unconfirmed(), 1);
    assert_eq!(session.view(), &session.replayed());

    let mut session = live();
    stored(&mut session, 9, 40);
    assert_eq!((name(&session).as_str(), session.as_of()), ("at 3", Some(NOW)));
}

#[test]
fn unreadable_entries_stay_stored_and_the_rest_is_sent() {
    let mut first = offline();
    create(&mut first, 1, NOW);
    create(&mut first, 2, NOW);
    let mut left = serde_json::to_value(first.take_persisted_queue().unwrap()).unwrap();
    let op = left["wishes"][0]["op"]["create_task"].take();
    left["wishes"][0]["op"] = serde_json::json!({ "create_tasks": [op] });
    left["unmade"] = serde_json::json!(["damaged"]);

    let mut second = session_with(PersistedQueue::read(&left.to_string()));
    assert_eq!(second.take_rejected().map(|(rejected, unreadable)| (rejected.len(), unreadable)), Some((0, 2)));
    assert_eq!(submitted(&connect(&mut second, NOW)), [op_id(2)]);
    assert_eq!(stored(&mut second).len(), 3);
    assert!(submitted(&answer(&mut second, 2, Ok(4))).is_empty());
    let rest = stored(&mut second);
    assert_eq!((rest.len(), rest.unreadable.len(), rest.is_empty()), (2, 2, false));
    assert!(!second.has_unanswered(), "nothing of it can be sent");
    assert!(rest.unreadable.iter().any(|text| text.contains(&left["wishes"][0].to_string())), "{rest:?}");

    // A third page finds it twice: in the store and in an earlier page's journal.
    let mut third = session_with(rest.clone());
    assert_eq!(stored(&mut third), rest);
    third.restore(rest);
    assert_eq!(
        (third.take_persisted_queue(), third.take_rejected().map(|(_, unreadable)| unreadable)),
        (None, Some(2))
    );

    third.handle(SessionInput::DiscardUnreadable, NOW, 0);
    assert!(stored(&mut third).is_empty());
    assert_eq!(third.take_rejected().map(|(_, unreadable)| unreadable), Some(0));
}

#[test]
fn another_users_sign_in_ends_the_session_and_keeps_its_ops() {
    for mut session in [live(), offline()] {
        create(&mut session, 1, NOW);
        let was_live = session.link() == Link::Live;
        assert_eq!(session.handle(SessionInput::OtherUser, NOW, 0), [SessionEffect::Close]);
        assert_eq!((session.link(), session.wake_at()), (Link::OtherUser, None));
        assert!(submitted(&create(&mut session, 2, NOW)).is_empty());
        assert_eq!(stored(&mut session).pending_ops.len(), 2);
        assert_eq!(
            session.handle(SessionInput::OtherUser, NOW, 0),
            [],
            "it is told again with each page of the other one"
        );
        // Its own user signs in again.
        let sent = submitted(&connect(&mut session, NOW));
        assert_eq!(sent, if was_live { vec![] } else { vec![op_id(1)] }, "that of the first is under way");
    }
    let mut session = live();
    session.handle(SessionInput::Closed { code: close::NO_ACCESS }, NOW, 0);
    session.handle(SessionInput::OtherUser, NOW, 0);
    assert_eq!(session.link(), Link::NoAccess, "it has ended before");
}
