//! Event → board. Total: any event can be applied to any board.

use crate::{
    Board, Change, Event, Member, Status, Task, TaskId,
    event::{Move, Reranked},
};

/// The parts of a board that an event changed, so that a page redraws only those.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Tasks that were created, changed, moved or removed.
    pub tasks: Vec<TaskId>,
    /// Whether columns themselves changed.
    pub statuses: bool,
    /// Whether members changed.
    pub members: bool,
    /// Whether the project's own fields changed.
    pub project: bool,
}

impl Board {
    /// Applies an event, and moves to its `seq`. The cursor decides whether it is the next one.
    ///
    /// An event has the item after the change, so no state of the board can make it fail: an update of a missing task
    /// adds it, and the deletion of one does nothing.
    pub fn apply(&mut self, event: &Event) -> Touched {
        self.seq = event.seq;
        self.last = Some(event.event_id);
        let mut touched = Touched::default();
        self.recount(&event.change);
        match &event.change {
            Change::TaskCreated(task)
            | Change::TaskUpdated(task)
            | Change::TaskAssigned(task)
            | Change::TaskRestored(task)
            | Change::TaskStatusChanged(Move { task, .. }) => {
                self.put(without_description(task));
                touched.tasks.push(task.id);
            }
            Change::TaskDeleted(task) => {
                self.take(task.id);
                touched.tasks.push(task.id);
            }
            Change::TasksReranked(reranked) => touched.tasks = self.rerank(reranked),
            Change::StatusCreated(status) | Change::StatusUpdated(status) => {
                self.put_status(status);
                touched.statuses = true;
            }
            Change::StatusDeleted(status) => {
                self.statuses.retain(|other| other.id != status.id);
                touched.statuses = true;
            }
            Change::ProjectUpdated(project) => {
                // Events go to every member, so they do not include the reader's role.
                let role = project.role.or(self.project.role);
                self.project.clone_from(project);
                self.project.role = role;
                touched.project = true;
            }
            // The board stays: the server ends access to it, and the page says so.
            Change::ProjectDeleted(_) => touched.project = true,
            Change::MemberAdded(member) | Change::MemberUpdated(member) => {
                self.put_member(member);
                touched.members = true;
            }
            Change::MemberRemoved(member) => {
                self.remove_member(member);
                touched.members = true;
            }
            Change::CommentCreated(comment) | Change::CommentUpdated(comment) | Change::CommentDeleted(comment) => {
                if let Some(mut task) = self.take(comment.task_id) {
                    task.comment_count = comment.comment_count;
                    self.put(task);
                    touched.tasks.push(comment.task_id);
                }
            }
            Change::Unknown(_) | Change::Unreadable(_) => {}
        }
        touched
    }

    /// Corrects the count of unreadable tasks: a task that changes and was not among the readable ones is readable or
    /// gone now.
    fn recount(&mut self, change: &Change) {
        let enters = matches!(change, Change::TaskCreated(_) | Change::TaskRestored(_));
        if let Some(task) = change.task().filter(|_| self.unreadable > 0 && !enters)
            && self.task(task.id).is_none()
        {
            self.unreadable -= 1;
        }
    }

    /// Applies new ranks in the same order. A task that has left the column since is skipped.
    fn rerank(&mut self, reranked: &Reranked) -> Vec<TaskId> {
        let mut tasks = Vec::with_capacity(reranked.ranks.len());
        for (id, rank) in &reranked.ranks {
            if self.tasks.get(id).is_none_or(|task| task.status_id != reranked.status_id) {
                continue;
            }
            if let Some(mut task) = self.take(*id) {
                task.rank = rank.clone();
                self.put(task);
                tasks.push(*id);
            }
        }
        tasks
    }

    pub(crate) fn put_status(&mut self, status: &Status) {
        self.statuses.retain(|other| other.id != status.id);
        self.statuses.push(status.clone());
        self.sort_statuses();
    }

    /// Adds or updates a member. Members are in the order in which they joined, before former ones.
    pub(crate) fn put_member(&mut self, member: &Member) {
        let known = self.members.iter_mut().find(|other| other.user_id == member.user_id && !other.former);
        if let Some(known) = known {
            // Events of older servers lack the place.
            let place = member.place.or(known.place);
            known.clone_from(member);
            known.place = place;
            return;
        }
        self.members.retain(|other| other.user_id != member.user_id);
        let end = self.members.partition_point(|other| !other.former);
        self.members.insert(end, member.clone());
    }

    /// Makes a member a former one: their tasks, and ones restored later, still show their name.
    pub(crate) fn remove_member(&mut self, member: &Member) {
        self.members.retain(|other| other.user_id != member.user_id);
        self.members.push(member.clone().into_former());
    }
}

/// Removes the description: it may be long, and only the panel of one task shows it.
fn without_description(task: &Task) -> Task {
    Task { description: None, ..task.clone() }
}

#[cfg(test)]
mod tests;
