//! Who is on the board, and what they do there.

use engine::{
    TaskId,
    wire::{Presence, PresenceMode},
};
use leptos::prelude::*;

use super::{BoardStore, apply::replace_all};

impl BoardStore {
    /// The users on the board.
    pub fn people(&self) -> Signal<Vec<Presence>> {
        self.people.into()
    }

    /// Sends the reader's presence to the others.
    pub fn send_presence(&self, task: Option<TaskId>, mode: PresenceMode) {
        if mode == PresenceMode::View {
            self.viewed.try_set_value(task);
        }
        if let Some(live) = self.live() {
            live.presence(task, mode);
        }
    }

    /// Sends that the reader's drag has ended: the card beside the board is still open.
    pub(in crate::board) fn send_drag_end(&self) {
        self.send_presence(self.viewed.try_get_value().flatten(), PresenceMode::View);
    }

    pub(in crate::board) fn set_people(&self, people: &[Presence]) {
        let mut tasks: Vec<TaskId> = self
            .people
            .with_untracked(|shown| shown.iter().chain(people).filter_map(|person| person.task_id).collect());
        tasks.sort_unstable();
        tasks.dedup();
        self.people.try_maybe_update(|shown| replace_all(shown, people));
        for (id, card) in tasks.into_iter().filter_map(|id| Some((id, self.card(id)?))) {
            let busy = self.busy(id);
            card.maybe_update(|card| {
                let changed = card.busy != busy;
                card.busy = busy;
                changed
            });
        }
    }

    /// Another user who is editing or dragging a task, untracked.
    pub(super) fn busy(&self, task: TaskId) -> Option<Presence> {
        let busy = |person: &&Presence| {
            person.task_id == Some(task) && person.mode != PresenceMode::View && person.user_id != self.me
        };
        self.people.try_with_untracked(|people| people.iter().find(busy).cloned()).flatten()
    }
}
