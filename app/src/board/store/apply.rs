//! Applies a changed view to the signals of what changed.

use std::sync::Arc;

use engine::{
    Board, StatusId, Task, TaskId,
    session::{Changes, TaskProgress},
    sorted::SortedSet,
};
use leptos::prelude::*;

use super::{BoardStore, Card, ids};

impl BoardStore {
    /// Applies a changed view to the signals that it affects.
    pub(in crate::board) fn apply(&self, view: &Board, changes: &Changes, progress: &dyn Fn(TaskId) -> TaskProgress) {
        if changes.all || changes.project {
            self.project.try_maybe_update(|shown| replace(shown, view.project()));
            self.unreadable.try_maybe_update(|shown| replace(shown, &view.unreadable()));
        }
        if changes.all || changes.members {
            self.members.try_maybe_update(|shown| replace_all(shown, view.members()));
        }
        self.revision.try_update(|revision| *revision += 1);
        let mut columns = SortedSet::new();
        if changes.all {
            self.apply_all(view, progress);
            columns.extend(view.statuses().iter().map(|status| status.id));
        }
        for id in &changes.tasks {
            self.apply_task(view, *id, progress(*id), &mut columns);
        }
        for id in columns {
            let fresh = ids(view, id);
            self.column(id).maybe_update(|shown| {
                let changed = *shown != fresh;
                *shown = fresh;
                changed
            });
        }
        // Last, so that a new column finds its tasks, and a deleted one has already lost them.
        if changes.all || changes.statuses {
            self.statuses.try_maybe_update(|shown| replace_all(shown, view.statuses()));
        }
    }

    fn apply_all(&self, view: &Board, progress: &dyn Fn(TaskId) -> TaskProgress) {
        for task in view.tasks() {
            self.upsert_card(task, progress(task.id));
        }
        self.cards.try_update_value(|cards| cards.retain(|id, _| view.task(*id).is_some()));
    }

    fn apply_task(&self, view: &Board, id: TaskId, progress: TaskProgress, columns: &mut SortedSet<StatusId>) {
        let old = self.task(id);
        let new = view.task(id);
        if let Some(task) = new {
            self.upsert_card(task, progress);
        } else {
            self.cards.try_update_value(|cards| cards.remove(&id));
        }
        let place = |task: &Task| (task.status_id, task.rank.clone());
        if old.as_deref().map(place) != new.map(place) {
            columns.extend(old.iter().map(|task| task.status_id).chain(new.map(|task| task.status_id)));
        }
    }

    fn upsert_card(&self, task: &Task, progress: TaskProgress) {
        let (pending, slow) = (progress != TaskProgress::Confirmed, progress == TaskProgress::Slow);
        self.compare_title(task, pending);
        if let Some(card) = self.card(task.id) {
            card.maybe_update(|card| {
                let changed = (card.pending, card.slow) != (pending, slow) || *card.task != *task;
                if changed {
                    card.task = Arc::new(task.clone());
                    (card.pending, card.slow) = (pending, slow);
                }
                changed
            });
        } else {
            let busy = self.busy(task.id);
            let card = ArcRwSignal::new(Card { task: Arc::new(task.clone()), pending, slow, busy });
            self.cards.try_update_value(|cards| cards.insert(task.id, card));
        }
    }
}

pub(super) fn replace<T: PartialEq + Clone>(shown: &mut T, fresh: &T) -> (bool, ()) {
    let changed = shown != fresh;
    if changed {
        shown.clone_from(fresh);
    }
    (changed, ())
}

pub(super) fn replace_all<T: PartialEq + Clone>(shown: &mut Vec<T>, fresh: &[T]) -> (bool, ()) {
    let changed = shown != fresh;
    if changed {
        *shown = fresh.to_vec();
    }
    (changed, ())
}
