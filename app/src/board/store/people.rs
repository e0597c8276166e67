//! The members of the project, what they are allowed to do, and who is on the board.

use engine::{
    Member, Role, TaskId, UserId,
    sorted::SortedSet,
    wire::{Presence, PresenceMode},
};
use leptos::prelude::*;

use super::{BoardStore, apply::replace_all};

impl BoardStore {
    /// The members, and former members that a task names.
    pub fn members(&self) -> Signal<Vec<Member>> {
        self.members.into()
    }

    /// A member, or a former one that a task names, by id.
    pub fn member(&self, id: UserId) -> Option<Member> {
        self.members.with(|all| all.iter().find(|member| member.user_id == id).cloned())
    }

    /// The reader's name, untracked.
    pub(super) fn my_name(&self) -> String {
        let name = |all: &Vec<Member>| all.iter().find(|member| member.user_id == self.me).map(|me| me.name.clone());
        self.members.try_with_untracked(name).flatten().unwrap_or_default()
    }

    /// The reader's role.
    pub fn role(&self) -> Role {
        let listed = self
            .members
            .with(|all| all.iter().find(|member| member.user_id == self.me && !member.former).map(|me| me.role));
        listed.or_else(|| self.project.with(|project| project.role)).unwrap_or(Role::Viewer)
    }

    /// Whether the reader can change cards.
    pub fn can_edit(&self) -> bool {
        self.role() >= Role::Editor
    }
}

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
        let tasks: SortedSet<TaskId> = self
            .people
            .with_untracked(|shown| shown.iter().chain(people).filter_map(|person| person.task_id).collect());
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
