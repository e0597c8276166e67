//! Descriptions that could not be saved. They outlive the panel, so that no text is ever lost.

use std::collections::HashMap;

use engine::{ApiError, Op, Task, TaskId, TaskPatch};
use leptos::prelude::*;

use crate::{
    board::BoardStore,
    message::sentence,
    toast::{Toast, use_toasts},
};

/// A description that the server refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refused {
    /// What was to be saved.
    pub(super) mine: String,
    /// What stands there instead, and the version to name when it is overwritten. `None`: it was
    /// refused for another reason.
    pub(super) theirs: Option<(String, i64)>,
    /// Why, in words.
    pub(super) reason: String,
}

/// The refused descriptions of a board page, and the way to save one. Lives in the context.
#[derive(Clone, Copy)]
pub(in crate::page) struct Unsaved {
    store: BoardStore,
    refused: RwSignal<HashMap<TaskId, Refused>>,
    /// The last two texts that were sent for a task: a conflict with the first of them is one with oneself.
    sent: StoredValue<HashMap<TaskId, [Option<String>; 2]>>,
}

impl Unsaved {
    /// Listens to the board's refusals. `open` and `show` are the task that is open, and the way to open one.
    pub(in crate::page) fn provide(store: BoardStore, open: Memo<Option<TaskId>>, show: Callback<TaskId>) -> Self {
        let unsaved = Self { store, refused: RwSignal::new(HashMap::new()), sent: StoredValue::new(HashMap::new()) };
        let toasts = use_toasts();
        store.set_refusal_listener(Some(Callback::new(move |(op, error): (Op, ApiError)| {
            let Op::UpdateTask { task_id, patch: TaskPatch { description: Some(mine), .. } } = op else {
                return false;
            };
            unsaved.refuse(task_id, mine, &error);
            if open.get_untracked() != Some(task_id) {
                let toast = Toast::problem(sentence(&error)).with("Open", move || show.run(task_id));
                toasts.show(toast);
            }
            true
        })));
        provide_context(unsaved);
        unsaved
    }

    /// Ends the listening.
    pub(in crate::page) fn stop(self) {
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
    pub(super) fn get(self, id: TaskId) -> Option<Refused> {
        self.refused.with(|refused| refused.get(&id).cloned())
    }

    /// Drops the refused description of a task.
    pub(super) fn forget(self, id: TaskId) {
        if self.refused.with_untracked(|refused| refused.contains_key(&id)) {
            self.refused.update(|refused| {
                refused.remove(&id);
            });
        }
    }

    fn refuse(self, id: TaskId, mine: String, error: &ApiError) {
        // From text, as everything else is read: another deserialiser would be downloaded for this alone.
        let current =
            error.current.as_ref().and_then(|current| serde_json::from_str::<Task>(&current.to_string()).ok());
        let theirs = current.map(|task| (task.description.unwrap_or_default(), task.version));
        if let Some((text, version)) = &theirs {
            // Two savings of one's own, the second sent before the first had answered.
            let own = self
                .sent
                .with_value(|sent| sent.get(&id).is_some_and(|[before, _]| before.as_deref() == Some(text.as_str())));
            if own || *text == mine {
                return self.save(id, mine, *version);
            }
        }
        let reason = sentence(error).into_owned();
        self.refused.update(|refused| {
            refused.insert(id, Refused { mine, theirs, reason });
        });
    }
}
