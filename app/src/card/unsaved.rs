//! Descriptions that the server refused. They outlive the panel, so that no text is lost.

use std::collections::HashMap;

use engine::{ApiError, Op, Task, TaskId, TaskPatch, session::RejectedOp};
use leptos::prelude::*;

use crate::{board::BoardStore, message::sentence};

/// A refused description.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RefusedDescription {
    /// The text that was to be saved.
    pub(super) mine: String,
    /// The text on the server, and the version to name when it is overwritten. `None`: it was refused for another
    /// reason than a conflict.
    pub(super) theirs: Option<(String, i64)>,
    /// Why, in words.
    pub(super) reason: String,
}

/// The refused descriptions of a board page. Provided in the context.
#[derive(Clone, Copy)]
pub(super) struct Unsaved {
    store: BoardStore,
    /// The last two texts that were sent for a task: a conflict with the first of them is with the reader's own text.
    sent: StoredValue<HashMap<TaskId, [Option<String>; 2]>>,
}

impl Unsaved {
    /// Starts listening to the board's refusals, and provides itself in the context.
    pub(super) fn provide(store: BoardStore) -> Self {
        let unsaved = Self { store, sent: StoredValue::new(HashMap::new()) };
        store.set_refusal_listener(Some(Callback::new(move |(op, error): (Op, ApiError)| {
            description(&op).is_some_and(|(task_id, mine)| unsaved.refuse(task_id, mine, &error))
        })));
        provide_context(unsaved);
        unsaved
    }

    /// Stops listening.
    pub(super) fn stop(self) {
        self.store.set_refusal_listener(None);
    }

    /// Saves a description over that of `version`.
    pub(super) fn save(self, task_id: TaskId, text: String, version: i64) {
        self.forget(task_id);
        self.sent.update_value(|sent| {
            let [_, last] = sent.remove(&task_id).unwrap_or_default();
            sent.insert(task_id, [last, Some(text.clone())]);
        });
        let patch = TaskPatch { description: Some(text), version: Some(version), ..TaskPatch::default() };
        self.store.submit(Op::UpdateTask { task_id, patch });
    }

    /// Tracks the refused description of a task.
    pub(super) fn get(self, id: TaskId) -> Option<RefusedDescription> {
        self.store.rejected().with(|all| {
            all.iter().rev().find_map(|RejectedOp { pending_op, error, .. }| {
                let (_, mine) = description(&pending_op.op).filter(|(task_id, _)| *task_id == id)?;
                Some(RefusedDescription {
                    mine: mine.to_owned(),
                    theirs: theirs(error),
                    reason: sentence(error).into_owned(),
                })
            })
        })
    }

    /// Discards the refused descriptions of a task.
    pub(super) fn forget(self, id: TaskId) {
        let of_task =
            |rejected: &&RejectedOp| description(&rejected.pending_op.op).is_some_and(|(task_id, _)| task_id == id);
        let ops = self.store.rejected().with_untracked(|all| {
            all.iter().filter(of_task).map(|rejected| rejected.pending_op.op_id).collect::<Vec<_>>()
        });
        for op in ops {
            self.store.discard(op);
        }
    }

    /// Saves again when the conflict is between two texts of the reader, the second sent before the first was answered.
    /// Returns whether it was.
    fn refuse(self, id: TaskId, mine: &str, error: &ApiError) -> bool {
        let Some((text, version)) = theirs(error) else { return false };
        let own = self.sent.with_value(|sent| sent.get(&id).is_some_and(|[before, _]| before.as_ref() == Some(&text)));
        if own || text == mine {
            self.save(id, mine.to_owned(), version);
        }
        own || text == mine
    }
}

/// The task and the text of an op that sets a description.
fn description(op: &Op) -> Option<(TaskId, &str)> {
    match op {
        Op::UpdateTask { task_id, patch: TaskPatch { description: Some(text), .. } } => Some((*task_id, text)),
        _ => None,
    }
}

/// The description on the server, and its version.
fn theirs(error: &ApiError) -> Option<(String, i64)> {
    // Through text, like everything else: another deserialiser would be downloaded for this alone.
    let task = serde_json::from_str::<Task>(&error.current.as_ref()?.to_string()).ok()?;
    Some((task.description.unwrap_or_default(), task.version))
}
