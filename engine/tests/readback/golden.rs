//! Data written by earlier builds: files are added, and never changed.
//!
//! `0.1.jsonl` files have one item of each kind as that build writes it; `0.1-variants.jsonl` has the same without
//! optional parts, and what it wrote by mistake. A later build that writes other fields adds its own files.

use std::collections::BTreeSet;

use engine::{
    Change, Event, Notification, Snapshot,
    session::PersistedQueue,
    wire::{ClientFrame, ServerFrame},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

macro_rules! lines {
    ($name:literal) => {
        include_str!(concat!("../golden/", $name)).lines().filter(|line| !line.is_empty())
    };
}

/// Checks that a line is read and written back unchanged.
fn kept<T: DeserializeOwned + Serialize>(line: &str) -> T {
    let value: T = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let (now, then) = (serde_json::to_value(&value), serde_json::from_str::<Value>(line));
    assert_eq!(now.expect("it can be written"), then.expect("JSON"));
    value
}

fn is_known(event: &Event) -> bool {
    !matches!(event.change, Change::Unknown(_) | Change::Unreadable(_))
}

#[test]
fn events() {
    let mut kinds = BTreeSet::new();
    for line in lines!("events-0.1.jsonl") {
        let event: Event = kept(line);
        assert!(is_known(&event), "{line}");
        assert!(matches!(ServerFrame::parse(line), Ok(ServerFrame::Event(again)) if *again == event), "{line}");
        kinds.insert(event.change.kind().to_owned());
    }
    assert_eq!(kinds.len(), 18, "one of each kind: {kinds:?}");
    for line in lines!("events-0.1-places.jsonl") {
        let event: Event = kept(line);
        assert!(
            matches!(&event.change, Change::MemberAdded(member) | Change::MemberUpdated(member) | Change::MemberRemoved(member)
            if member.place == Some(2)),
            "{line}"
        );
    }
}

#[test]
fn events_without_what_was_optional_and_with_what_went_wrong() {
    let events: Vec<Event> = lines!("events-0.1-variants.jsonl")
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    assert!(events.iter().all(is_known), "{events:?}");
    let year = |event: &Event| {
        let task = event.change.task().expect("a task");
        task.due_at.map(|due| due.to_string()[..4].to_owned())
    };
    let late: Vec<_> = events.iter().filter(|event| event.seq >= 100).map(year).collect();
    assert_eq!(late, [Some("9999".to_owned()), Some("0000".to_owned())], "dates that no client could read");
}

#[test]
fn frames_of_the_server() {
    for line in lines!("frames-0.1.jsonl") {
        let frame = ServerFrame::parse(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(!matches!(frame, ServerFrame::Unknown(_)), "{line}");
        assert_eq!(serde_json::to_value(&frame).expect("a value"), serde_json::from_str::<Value>(line).expect("JSON"));
    }
}

#[test]
fn frames_of_clients() {
    for line in lines!("client-frames-0.1.jsonl") {
        kept::<ClientFrame>(line);
    }
}

#[test]
fn boards_that_browsers_have_stored() {
    for line in lines!("snapshots-0.1.jsonl") {
        let snapshot: Snapshot = kept(line);
        assert_eq!(snapshot.unreadable, 0, "{line}");
    }
}

#[test]
fn queues_that_browsers_have_stored() {
    for line in
        lines!("queues-0.1.jsonl").chain(lines!("queues-0.1-restore.jsonl")).chain(lines!("queues-0.1-structure.jsonl"))
    {
        let queue: PersistedQueue = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(!queue.is_empty() && queue.unreadable.is_empty(), "{line}");
    }
}

#[test]
fn queues_with_what_could_not_be_read() {
    for line in lines!("queues-0.1-unreadable.jsonl") {
        let queue: PersistedQueue = kept(line);
        assert_eq!((queue.pending_ops.len(), queue.unreadable.len()), (1, 4), "{line}");
    }
}

#[test]
fn notifications() {
    for line in lines!("notifications-0.1.jsonl") {
        kept::<Notification>(line);
    }
}
