//! Titles that the reader gave on this page. When two users rename a card, the later one wins, and a toast offers the
//! other to restore their own title.

use engine::{Op, Task, TaskId, TaskPatch};
use leptos::prelude::*;

use super::BoardStore;
use crate::{
    message::quoted,
    ui::{dom::next_frame, toast::Toast},
};

impl BoardStore {
    /// Remembers a title that the reader gave.
    pub(super) fn note_title(&self, op: &Op) {
        if let Op::UpdateTask { task_id, patch: TaskPatch { title: Some(title), .. } } = op {
            self.titles.try_update_value(|titles| titles.insert(*task_id, title.clone()));
        }
    }

    /// Forgets a title that the server refused: the refusal is shown elsewhere.
    pub(super) fn forget_title(&self, op: &Op) {
        if let Op::UpdateTask { task_id, patch: TaskPatch { title: Some(title), .. } } = op {
            self.titles.try_update_value(|titles| {
                if titles.get(task_id) == Some(title) {
                    titles.remove(task_id);
                }
            });
        }
    }

    /// Checks whether another user's title has replaced the reader's.
    pub(super) fn compare_title(&self, task: &Task, pending: bool) {
        if pending || self.own_title(task.id).is_none_or(|own| own == task.title) {
            return;
        }
        // A frame later, because a refusal arrives after the view that it changes.
        let (store, id) = (*self, task.id);
        next_frame(move || store.notify_title_change(id));
    }

    fn notify_title_change(&self, id: TaskId) {
        let (Some(own), Some(task)) = (self.own_title(id), self.task(id)) else { return };
        if own == task.title {
            return;
        }
        self.titles.try_update_value(|titles| titles.remove(&id));
        let store = *self;
        let toast = Toast::problem(format!("Your title {} was changed to {}.", quoted(&own), quoted(&task.title)));
        self.toasts.show(toast.with("Use mine", move || {
            let patch = TaskPatch { title: Some(own.clone()), ..TaskPatch::default() };
            store.submit(Op::UpdateTask { task_id: id, patch });
        }));
    }

    fn own_title(&self, id: TaskId) -> Option<String> {
        self.titles.try_with_value(|titles| titles.get(&id).cloned()).flatten()
    }
}
