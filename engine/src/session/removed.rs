//! Recently removed tasks, columns and members, kept for undo.

use std::collections::VecDeque;

use crate::{Change, Member, Status, StatusId, Task, TaskId, UserId};

/// Entries of each kind: enough for every Undo that can still be on the screen.
const REMEMBERED: usize = 64;

/// Copies of the items removed last.
#[derive(Clone, Debug, Default)]
pub(super) struct RemovedItems {
    tasks: VecDeque<Task>,
    statuses: VecDeque<Status>,
    members: VecDeque<Member>,
}

impl RemovedItems {
    pub(super) fn push(&mut self, task: Task) {
        self.tasks.retain(|other| other.id != task.id);
        push(&mut self.tasks, Task { description: None, ..task });
    }

    /// Remembers what an event removes from the board.
    pub(super) fn note(&mut self, change: &Change) {
        match change {
            Change::TaskDeleted(task) => self.push(task.clone()),
            Change::StatusDeleted(status) => {
                self.statuses.retain(|other| other.id != status.id);
                push(&mut self.statuses, status.clone());
            }
            Change::MemberRemoved(member) => {
                self.members.retain(|other| other.user_id != member.user_id);
                push(&mut self.members, member.clone());
            }
            _ => {}
        }
    }

    pub(super) fn get(&self, id: TaskId) -> Option<&Task> {
        self.tasks.iter().find(|task| task.id == id)
    }

    pub(super) fn status(&self, id: StatusId) -> Option<&Status> {
        self.statuses.iter().find(|status| status.id == id)
    }

    pub(super) fn member(&self, id: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.user_id == id)
    }
}

fn push<T>(all: &mut VecDeque<T>, one: T) {
    if all.len() == REMEMBERED {
        all.pop_front();
    }
    all.push_back(one);
}
