//! An unreadable item does not cost the others, and a page that cannot follow its board is not live.

use engine::{
    ApiError, Board, Change, Event, Snapshot, TaskId, UserId,
    notification::NotificationPage,
    session::{Link, Session, SessionEffect, SessionInput},
    wire::{ClientFrame, ServerFrame},
};
use serde_json::{Value, json};

const EPOCH: &str = "0192f000-0005-7000-8000-000000000001";

fn lines(file: &'static str) -> Vec<Value> {
    file.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn snapshot_json(seq: u64) -> Value {
    let mut snapshot = lines(include_str!("../golden/snapshots-0.1.jsonl")).remove(0);
    snapshot["seq"] = seq.into();
    snapshot["tasks"][1]["id"] = "0192f000-0002-7000-8000-000000000002".into();
    snapshot
}

fn snapshot(json: &Value) -> Snapshot {
    serde_json::from_str(&json.to_string()).expect("a snapshot")
}

/// An event of the log at `seq`: the golden `task_updated`, changed.
fn event(seq: u64, change: impl FnOnce(&mut Value)) -> Value {
    let mut event = lines(include_str!("../golden/events-0.1.jsonl")).remove(1);
    event["seq"] = seq.into();
    event["event_id"] = format!("0192f000-0008-7000-8000-{seq:012}").into();
    change(&mut event);
    event
}

/// A session at `seq` 18 that is live.
fn live() -> Session {
    let me: UserId = "0192f000-0003-7000-8000-000000000001".parse().expect("an id");
    let mut session = Session::new(snapshot(&snapshot_json(18)), me, 0);
    session.handle(SessionInput::Tick, 0, 0);
    let sync = json!({"type": "sync", "epoch": EPOCH, "seq": 18, "recovered": true, "events": [], "presence": []});
    assert_eq!(hear(&mut session, &sync, 0), []);
    assert_eq!(session.link(), Link::Live);
    session
}

fn hear(session: &mut Session, frame: &Value, now: u64) -> Vec<SessionEffect> {
    let input = ServerFrame::parse(&frame.to_string()).map_or(SessionInput::Unreadable, SessionInput::Frame);
    session.handle(input, now, 0)
}

fn fetched(session: &mut Session, board: &Value, now: u64) -> Vec<SessionEffect> {
    session.handle(SessionInput::Snapshot(Ok(Box::new(snapshot(board)))), now, 0)
}

#[test]
fn a_board_is_read_without_its_unreadable_cards() {
    for (field, value) in [
        ("priority", json!("someday")),
        ("due_at", json!("12026-01-01T00:00:00Z")),
        ("rank", json!("!")),
        ("id", json!("x")),
        ("version", Value::Null),
    ] {
        let mut json = snapshot_json(18);
        json["tasks"][0][field] = value;
        let read = snapshot(&json);
        assert_eq!((read.tasks.len(), read.unreadable), (1, 1), "{field}");
        assert_eq!(snapshot(&serde_json::to_value(&read).expect("JSON")), read, "the count is told on");
        assert_eq!(Board::new(read).unreadable(), 1);
    }
    let mut json = snapshot_json(18);
    json["tasks"] = json!([1, null, "x", {}, []]);
    json["members"][0]["role"] = "visitor".into();
    json["labels"] = json!([{}]);
    let read = snapshot(&json);
    assert_eq!((read.tasks.len(), read.unreadable, read.members.len(), read.labels.len()), (0, 5, 1, 0));
}

#[test]
fn the_cards_of_an_unreadable_column_are_counted() {
    let mut json = snapshot_json(18);
    json["statuses"][0]["category"] = "later".into();
    let read = snapshot(&json);
    assert_eq!((read.statuses.len(), read.unreadable), (0, 2));
}

#[test]
fn cards_left_out_by_the_server_are_counted() {
    let mut json = snapshot_json(18);
    json["unreadable"] = 3.into();
    json["tasks"][0]["priority"] = "someday".into();
    assert_eq!(snapshot(&json).unreadable, 4);
}

#[test]
fn lists_of_people_and_notifications_are_read_without_what_is_new() {
    let mut told = lines(include_str!("../golden/notifications-0.1.jsonl"));
    told[0]["type"] = "applause".into();
    let frame = json!({"type": "unread_sync", "notifications": told, "unread": 6});
    let Ok(ServerFrame::UnreadSync { notifications, unread }) = ServerFrame::parse(&frame.to_string()) else {
        panic!("it is read");
    };
    assert_eq!((notifications.len(), unread), (6, 6));
    let page = json!({"notifications": told, "more": false, "unread": 6}).to_string();
    assert_eq!(serde_json::from_str::<NotificationPage>(&page).expect("a page").notifications.len(), 6);
    let people =
        json!([{"user_id": EPOCH, "name": "Ada", "mode": "sing"}, {"user_id": EPOCH, "name": "Bob", "mode": "view"}]);
    let frame = json!({"type": "presence", "join": people, "leave": [], "editing": people});
    let Ok(ServerFrame::Presence { join, editing, .. }) = ServerFrame::parse(&frame.to_string()) else {
        panic!("it is read");
    };
    assert_eq!((join.len(), editing.len()), (1, 1));
}

#[test]
fn an_unreadable_event_keeps_its_seq_and_its_data() {
    for json in [
        event(19, |event| event["data"]["priority"] = "someday".into()),
        event(19, |event| event["data"] = Value::Null),
        event(19, |event| event["type"] = "unreadable".into()),
    ] {
        let event: Event = serde_json::from_str(&json.to_string()).expect("an event");
        assert!(matches!(event.change, Change::Unreadable(_)), "{event:?}");
        assert_eq!(event.seq, 19);
        assert_eq!(serde_json::to_value(&event).expect("JSON"), json, "another tab can read it, or not");
    }
}

#[test]
fn a_page_with_an_unreadable_event_is_not_live_until_it_has_the_board() {
    let mut session = live();
    let frame = event(19, |event| event["data"]["priority"] = "someday".into());
    assert_eq!(hear(&mut session, &frame, 1_000), [SessionEffect::FetchSnapshot]);
    assert_ne!(session.link(), Link::Live);
    let mut board = snapshot_json(19);
    board["tasks"][0]["priority"] = "someday".into();
    assert_eq!(fetched(&mut session, &board, 1_100), []);
    assert_eq!((session.link(), session.view().unreadable()), (Link::Live, 1));
    // The log continues, and the card can be read again.
    session.take_changes();
    assert_eq!(hear(&mut session, &event(20, |_| ()), 1_200), []);
    assert_eq!((session.link(), session.view().unreadable()), (Link::Live, 0));
    assert!(session.take_changes().project, "the page is told of the count");
}

#[test]
fn an_unreadable_event_of_a_batch_does_not_cost_the_others() {
    let mut session = live();
    let events = [
        event(19, |_| ()),
        event(20, |event| event["data"]["rank"] = "!".into()),
        event(21, |event| {
            event["data"]["id"] = "0192f000-0002-7000-8000-000000000002".into();
            event["data"]["title"] = "after it".into();
        }),
    ];
    let batch = json!({"type": "batch", "epoch": EPOCH, "from": 19, "to": 21, "op_id": null, "events": events});
    assert_eq!(hear(&mut session, &batch, 1_000), [SessionEffect::FetchSnapshot]);
    let other: TaskId = "0192f000-0002-7000-8000-000000000002".parse().expect("an id");
    assert_eq!(session.view().task(other).map(|task| task.title.as_str()), Some("after it"));
}

#[test]
fn an_unreadable_frame_makes_the_session_fetch_the_board() {
    let mut session = live();
    assert_eq!(session.handle(SessionInput::Unreadable, 1_000, 0), [SessionEffect::FetchSnapshot]);
    assert_ne!(session.link(), Link::Live);
    assert_eq!(fetched(&mut session, &snapshot_json(18), 1_100), []);
    assert_eq!(session.link(), Link::Live);
}

#[test]
fn an_unreadable_first_frame_makes_the_session_fetch_the_board() {
    let me: UserId = EPOCH.parse().expect("an id");
    let mut session = Session::new(snapshot(&snapshot_json(18)), me, 0);
    session.handle(SessionInput::Tick, 0, 0);
    assert_eq!(session.handle(SessionInput::Unreadable, 10, 0), [SessionEffect::FetchSnapshot]);
    assert_eq!(fetched(&mut session, &snapshot_json(25), 20), []);
    assert_eq!(session.link(), Link::Live);
}

#[test]
fn a_page_that_cannot_read_the_board_is_outdated() {
    let mut session = live();
    let (mut asked, mut now) = (0, 1_000);
    let mut effects = session.handle(SessionInput::Unreadable, now, 0);
    while !session.link().is_final() {
        assert_ne!(session.link(), Link::Live, "it claims to be live after {asked} boards");
        for effect in effects {
            assert_eq!(effect, SessionEffect::FetchSnapshot);
            asked += 1;
            now += 50;
            session.handle(SessionInput::Snapshot(Err(ApiError::illegible())), now, 0);
        }
        assert!(asked < 10, "it asks without end");
        now = session.wake_at().map_or(now, |at| at.max(now));
        effects = session.handle(SessionInput::Tick, now, 0);
    }
    assert_eq!((session.link(), asked), (Link::Outdated, 3));
    assert_eq!(session.wake_at(), None);
}

#[test]
fn an_unreadable_board_is_fetched_again() {
    let mut session = live();
    session.handle(SessionInput::Unreadable, 1_000, 0);
    session.handle(SessionInput::Snapshot(Err(ApiError::illegible())), 1_050, 0);
    let at = session.wake_at().expect("it goes on");
    assert_eq!(session.handle(SessionInput::Tick, at, 0), [SessionEffect::FetchSnapshot]);
    fetched(&mut session, &snapshot_json(18), at + 10);
    assert_eq!(session.link(), Link::Live);
}

#[test]
fn an_unreadable_page_of_the_log_makes_the_session_fetch_the_board() {
    let mut session = live();
    assert_eq!(hear(&mut session, &event(20, |_| ()), 1_000), []);
    assert!(matches!(session.handle(SessionInput::Tick, 1_300, 0)[..], [SessionEffect::FetchEvents { .. }]));
    let effects = session.handle(SessionInput::Events(Err(ApiError::illegible())), 1_400, 0);
    // An unreadable answer may come from anywhere on the way: the socket is pinged, too.
    assert_eq!(effects, [SessionEffect::Send(ClientFrame::Ping), SessionEffect::FetchSnapshot]);
    assert_ne!(session.link(), Link::Live);
    fetched(&mut session, &snapshot_json(20), 1_500);
    assert_eq!(session.link(), Link::Live);
}

#[test]
fn a_deleted_unreadable_card_is_no_longer_counted() {
    let mut json = snapshot_json(18);
    json["tasks"][0]["priority"] = "someday".into();
    let mut board = Board::new(snapshot(&json));
    let deleted = event(19, |event| event["type"] = "task_deleted".into());
    board.apply(&serde_json::from_str(&deleted.to_string()).expect("an event"));
    assert_eq!(board.unreadable(), 0);
}
