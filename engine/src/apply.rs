//! Event → board. Total: any event can be applied to any board.

use crate::{
    Board, Change, Event, Member, Status, Task, TaskId,
    event::{Move, Reranked},
};

/// What an event touched, so that a page redraws that and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Tasks that were made, changed, moved or taken off.
    pub tasks: Vec<TaskId>,
    /// Whether columns themselves changed.
    pub statuses: bool,
    /// Whether members changed.
    pub members: bool,
    /// Whether the project's own fields changed.
    pub project: bool,
}

impl Board {
    /// Applies an event, and moves to its `seq`. Whether it is the next one is the cursor's question, not this one's.
    ///
    /// An event says what a thing is after the change, so that no state of the board can make it fail: an
    /// update of a task that is not there puts it in, the deletion of one that is not there does nothing.
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
                // Events go to every member, so they do not say what the reader of this board may do.
                let role = project.role.or(self.project.role);
                self.project.clone_from(project);
                self.project.role = role;
                touched.project = true;
            }
            // The board stays as it was: the server ends the access to it, and the page says so.
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

    /// A change of a task that is on the board, and was not among the readable ones: it is readable now, or gone.
    fn recount(&mut self, change: &Change) {
        let enters = matches!(change, Change::TaskCreated(_) | Change::TaskRestored(_));
        if let Some(task) = change.task().filter(|_| self.unreadable > 0 && !enters)
            && self.task(task.id).is_none()
        {
            self.unreadable -= 1;
        }
    }

    /// New ranks in the same order. A task that has left the column since keeps its place elsewhere.
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

    /// Members stand in the order in which they joined, before those who have left.
    pub(crate) fn put_member(&mut self, member: &Member) {
        let known = self.members.iter_mut().find(|other| other.user_id == member.user_id && !other.former);
        if let Some(known) = known {
            // The event of an older server does not tell it.
            let place = member.place.or(known.place);
            known.clone_from(member);
            known.place = place;
            return;
        }
        self.members.retain(|other| other.user_id != member.user_id);
        let end = self.members.partition_point(|other| !other.former);
        self.members.insert(end, member.clone());
    }

    /// Their tasks stay theirs, and go on showing their name; so does one that is put back later.
    pub(crate) fn remove_member(&mut self, member: &Member) {
        self.members.retain(|other| other.user_id != member.user_id);
        self.members.push(member.clone().into_former());
    }
}

/// A board keeps no descriptions: they are long, and only the dialog of one task shows one.
fn without_description(task: &Task) -> Task {
    Task { description: None, ..task.clone() }
}

#[cfg(test)]
mod tests;
