//! Stored queues: an unreadable entry does not cost the others, and is not lost.

use engine::session::{PendingOp, PersistedQueue, RejectedOp};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};

use super::{
    again, same,
    wire::{error, pending_op},
};

/// Entries that this build cannot read: a newer build's, and damaged ones.
const UNKNOWN: [&str; 8] = [
    r#"{"op_id":"0192f000-0007-7000-8000-0000000000ff","op":{"fly_task":{"task_id":1}},"at":"2026-11-24T16:00:00.120Z"}"#,
    r#"{"wish":{"op_id":"0192f000-0007-7000-8000-0000000000ff","op":"fly","at":1},"error":{},"title":null}"#,
    r#"{ "spaces" : [ 1,  2 ], "big": 12345678901234567890123, "e": 1.10e5, "s": "\u00fc\/\"}" }"#,
    "{}",
    "[]",
    "null",
    "\"text\"",
    "17",
];

fn rejected() -> impl Strategy<Value = RejectedOp> {
    (pending_op(), error(), option::of(any::<String>())).prop_map(|(pending_op, error, title)| RejectedOp {
        pending_op,
        error,
        title,
    })
}

/// Entries by their texts, some of which cannot be read.
fn entries<T: serde::Serialize + std::fmt::Debug>(
    entry: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<(String, Option<T>)>> {
    let known = entry.prop_map(|entry| (serde_json::to_string(&entry).expect("JSON"), Some(entry)));
    let unknown = select(UNKNOWN.to_vec()).prop_map(|text| (text.to_owned(), None));
    vec(prop_oneof![known, unknown], 0..5)
}

fn list<T>(entries: &[(String, Option<T>)]) -> String {
    format!("[{}]", entries.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(","))
}

fn left_out<T>(name: &str, entries: &[(String, Option<T>)]) -> Vec<String> {
    let unknown = entries.iter().filter(|(_, entry)| entry.is_none());
    unknown.map(|(text, _)| format!("{{\"{name}\":[{text}]}}")).collect()
}

fn readable<T>(entries: Vec<(String, Option<T>)>) -> Vec<T> {
    entries.into_iter().filter_map(|(_, entry)| entry).collect()
}

proptest! {
    #[test]
    fn an_unreadable_entry_is_kept_verbatim_and_costs_no_other(
        pending_ops in entries(pending_op()), rejected in entries(rejected()), later in select(vec!["", r#","paused":[{"op":1}]"#]),
    ) {
        let text = format!("{{\"wishes\":{},\"unmade\":{}{later}}}", list(&pending_ops), list(&rejected));
        let mut expected: Vec<String> = left_out("unmade", &rejected).into_iter().chain(left_out("wishes", &pending_ops)).collect();
        expected.extend((!later.is_empty()).then(|| r#"{"paused":[{"op":1}]}"#.to_owned()));
        let mut kept = PersistedQueue::read(&text);
        let mut found = kept.unreadable.clone();
        // The same text twice is one.
        found.sort();
        expected.sort();
        expected.dedup();
        prop_assert_eq!(found, expected);
        // It does not change from page to page.
        for _ in 0..3 {
            prop_assert_eq!(&again(&kept), &kept);
            kept = PersistedQueue::read(&serde_json::to_string(&kept).expect("JSON"));
        }
        prop_assert_eq!(kept.pending_ops, readable(pending_ops));
        prop_assert_eq!(kept.rejected, readable(rejected));
    }

    #[test]
    fn a_text_that_is_not_a_queue_is_kept_verbatim(text in any::<String>()) {
        prop_assume!(!text.trim_start().starts_with('{'));
        let kept = PersistedQueue::read(&text);
        prop_assert_eq!(&kept.unreadable[..], std::slice::from_ref(&text));
        same(&kept);
    }

    #[test]
    fn a_truncated_text_is_kept_verbatim(pending_ops in vec(pending_op(), 1..3), at in any::<prop::sample::Index>()) {
        let whole = serde_json::to_string(&PersistedQueue { pending_ops, ..PersistedQueue::default() }).expect("JSON");
        let ends: Vec<usize> = whole.char_indices().map(|(at, _)| at).skip(1).collect();
        let cut = &whole[..ends[at.index(ends.len())]];
        let kept = PersistedQueue::read(cut);
        prop_assert_eq!((kept.len(), &kept.unreadable[..]), (1, &[cut.to_owned()][..]));
        same(&kept);
    }

    #[test]
    fn a_build_that_understands_an_entry_restores_it(pending_op in pending_op(), turns in 1..4) {
        let mut entry = serde_json::to_value(&pending_op).expect("JSON");
        let op = entry["op"].as_object_mut().expect("one field");
        let (name, value) = op.iter().next().map(|(name, value)| (name.clone(), value.clone())).expect("one field");
        *op = serde_json::Map::from_iter([("op_of_a_newer_build".to_owned(), value)]);
        let mut text = json!({ "wishes": [entry] }).to_string();
        for _ in 0..turns {
            let kept = PersistedQueue::read(&text);
            prop_assert_eq!((kept.pending_ops.len(), kept.unreadable.len()), (0, 1));
            text = serde_json::to_string(&kept).expect("JSON");
        }
        let newer = PersistedQueue::read(&text.replace("op_of_a_newer_build", &name));
        prop_assert_eq!(newer, PersistedQueue { pending_ops: vec![pending_op], ..PersistedQueue::default() });
    }
}

#[test]
fn nested_documents_are_read() {
    let pending_op: Value =
        serde_json::from_str(include_str!("../golden/queues-0.1.jsonl").lines().nth(1).expect("a line")).expect("JSON");
    let mut text = pending_op.to_string();
    for depth in 0..8 {
        let kept = PersistedQueue::read(&text);
        assert_eq!(kept.len(), 1, "at {depth}");
        same(&kept);
        text = json!({ "unreadable": [text] }).to_string();
    }
    let pending_ops: Vec<PendingOp> = PersistedQueue::read(&pending_op.to_string()).pending_ops;
    assert_eq!(
        PersistedQueue::read(&json!({ "unreadable": [pending_op.to_string()] }).to_string()).pending_ops,
        pending_ops
    );
}
