//! Effects of requests on the rows: the rules of the server's services, in memory.

use engine::{
    ApiError, Category, Change, CommentId, Member, Move, Op, Placement, Rank, Request, Role, StatusId, Task, TaskDraft,
    TaskId, TaskPatch, Timestamp, UserId, comment::CommentDraft, event::Reranked,
};

use crate::{
    dice::Dice,
    rows::{Rows, member},
};

/// A column with longer ranks is re-ranked: earlier than on a server, so that it happens.
const LONG: usize = 5;

pub(crate) fn refused(status: u16, code: &'static str) -> ApiError {
    ApiError::new(status, code, "")
}

/// A parsed request. One about a comment does not name its task: `task_of` does.
fn read(request: &Request, task_of: impl Fn(CommentId) -> Option<TaskId>) -> Result<Op, ApiError> {
    let body = |key: &str| request.body.as_ref().and_then(|body| body.get(key)).cloned().unwrap_or_default();
    let whole = || request.body.clone().unwrap_or_default();
    let invalid = |_| refused(422, "invalid");
    let path: Vec<&str> = request.path.trim_start_matches("/api/").split('/').collect();
    Ok(match (format!("{:?}", request.method).as_str(), path.as_slice()) {
        ("Post", ["projects", project, "tasks"]) => {
            let draft: TaskDraft = serde_json::from_value(whole()).map_err(invalid)?;
            Op::CreateTask { project_id: project.parse().unwrap(), draft }
        }
        (method, ["tasks", task, rest @ ..]) => {
            let task_id: TaskId = task.parse().unwrap();
            match (method, rest) {
                ("Patch", []) => {
                    let patch: TaskPatch = serde_json::from_value(whole()).map_err(invalid)?;
                    Op::UpdateTask { task_id, patch }
                }
                ("Patch", ["status"]) => {
                    let to: Placement = serde_json::from_value(whole()).map_err(invalid)?;
                    Op::MoveTask { task_id, to }
                }
                ("Post", ["assign"]) => {
                    let assignee_id = serde_json::from_value(body("assignee_id")).map_err(invalid)?;
                    Op::AssignTask { task_id, assignee_id }
                }
                ("Delete", []) => Op::DeleteTask { task_id },
                ("Post", ["restore"]) => Op::RestoreTask { task_id },
                ("Post", ["comments"]) => {
                    let draft: CommentDraft = serde_json::from_value(whole()).map_err(invalid)?;
                    Op::AddComment { task_id, draft }
                }
                _ => panic!("{request:?}"),
            }
        }
        ("Delete", ["projects", project, "statuses", status]) => {
            Op::DeleteStatus { project_id: project.parse().unwrap(), status_id: status.parse().unwrap() }
        }
        ("Post", ["projects", project, "statuses", status, "restore"]) => {
            Op::RestoreStatus { project_id: project.parse().unwrap(), status_id: status.parse().unwrap() }
        }
        (_, ["comments", comment, "restore"]) => {
            let comment_id: CommentId = comment.parse().unwrap();
            let task_id = task_of(comment_id).ok_or_else(|| refused(404, "comment_not_found"))?;
            Op::RestoreComment { task_id, comment_id }
        }
        (method, ["comments", comment]) => {
            let comment_id: CommentId = comment.parse().unwrap();
            let task_id = task_of(comment_id).ok_or_else(|| refused(404, "comment_not_found"))?;
            if method == "Delete" {
                Op::DeleteComment { task_id, comment_id }
            } else {
                let draft: CommentDraft = serde_json::from_value(whole()).map_err(invalid)?;
                Op::EditComment { task_id, comment_id, draft }
            }
        }
        _ => panic!("{request:?}"),
    })
}

impl Rows {
    /// Carries out a request, or refuses it and changes nothing.
    pub(crate) fn service(&mut self, request: &Request, by: UserId, at: Timestamp) -> Result<Vec<Change>, ApiError> {
        let mut changes = Vec::new();
        let task_of = |id: CommentId| self.comments.get(&id).map(|comment| comment.task_id);
        let change = match read(request, task_of)? {
            Op::CreateTask { project_id, draft } => {
                let id = draft.id.unwrap();
                if self.tasks.contains_key(&id) {
                    return Err(refused(409, "task_exists"));
                }
                let to = Placement { status_id: draft.status_id.unwrap(), after_id: None, before_id: None };
                self.status(to.status_id)?;
                let rank = self.place(id, to, &mut changes);
                let mut task = Task::new(id, project_id, (to.status_id, rank), (by, at));
                draft.apply(&mut task);
                self.follow_category(&mut task, at);
                self.tasks.insert(id, (task.clone(), false));
                Change::TaskCreated(task)
            }
            Op::UpdateTask { task_id, patch } => {
                let mut task = self.task(task_id, false)?;
                patch.apply(&mut task, at);
                Change::TaskUpdated(self.save(task, false, at))
            }
            Op::MoveTask { task_id, to } => {
                self.task(task_id, false)?;
                self.status(to.status_id)?;
                self.relocate(task_id, to, at, &mut changes)
            }
            Op::AssignTask { task_id, assignee_id } => {
                let task = self.task(task_id, false)?;
                if assignee_id.is_some_and(|user| self.members.iter().all(|member| member.user_id != user)) {
                    return Err(refused(422, "not_a_member"));
                }
                Change::TaskAssigned(self.save(Task { assignee_id, ..task }, false, at))
            }
            Op::DeleteTask { task_id } => {
                let task = self.task(task_id, false)?;
                Change::TaskDeleted(self.save(task, true, at))
            }
            Op::RestoreTask { task_id } => {
                let task = self.task(task_id, true)?;
                let task = Task { status_id: self.column_of(task.status_id), ..task };
                let taken = self.column(task.status_id, task_id).iter().any(|(rank, _)| *rank == task.rank);
                let end = Placement { status_id: task.status_id, after_id: None, before_id: None };
                let rank = if taken { self.place(task_id, end, &mut changes) } else { task.rank.clone() };
                Change::TaskRestored(self.save(Task { rank, ..task }, false, at))
            }
            Op::AddComment { task_id, draft } => self.add_comment(task_id, draft, by, at)?,
            Op::EditComment { task_id, comment_id, draft } => {
                self.edit_comment(task_id, comment_id, draft.body, by, at)?
            }
            Op::DeleteComment { task_id, comment_id } => self.delete_comment(task_id, comment_id, by, at)?,
            Op::RestoreComment { task_id, comment_id } => self.restore_comment(task_id, comment_id, by)?,
            Op::DeleteStatus { status_id, .. } => self.delete_status(status_id)?,
            Op::RestoreStatus { status_id, .. } => self.restore_status(status_id)?,
            // Done by the owner, who is not among the clients.
            Op::ChangeRole { .. } | Op::RemoveMember { .. } | Op::RestoreMember { .. } => {
                return Err(refused(403, "forbidden"));
            }
        };
        changes.push(change);
        Ok(changes)
    }

    /// Moves an existing task.
    pub(crate) fn relocate(&mut self, id: TaskId, to: Placement, at: Timestamp, changes: &mut Vec<Change>) -> Change {
        // First, as it may re-rank the task's own column.
        let rank = self.place(id, to, changes);
        let task = self.tasks[&id].0.clone();
        let from_status_id = task.status_id;
        let task = self.save(Task { status_id: to.status_id, rank, ..task }, false, at);
        Change::TaskStatusChanged(Move { task, from_status_id, status_color: "#336699".to_owned() })
    }

    /// Adds, removes or changes a member, as an owner does.
    pub(crate) fn membership(&mut self, user: UserId, role: Option<Role>) -> Option<Change> {
        let old: Option<Member> = self.members.iter().find(|member| member.user_id == user).cloned();
        match (old, role) {
            (None, None) => None,
            (None, Some(role)) => {
                self.members.push(member(user, role));
                Some(Change::MemberAdded(member(user, role)))
            }
            (Some(old), None) => {
                self.members.retain(|member| member.user_id != user);
                Some(Change::MemberRemoved(old))
            }
            (Some(old), Some(role)) => {
                self.members.iter_mut().filter(|member| member.user_id == user).for_each(|member| member.role = role);
                (old.role != role).then(|| Change::MemberUpdated(member(user, role)))
            }
        }
    }

    /// Moves some cards in one transaction.
    pub(crate) fn shuffle(&mut self, dice: &mut Dice, at: Timestamp) -> Vec<Change> {
        let there = self.tasks.values().filter(|(_, gone)| !gone);
        let tasks: Vec<TaskId> = there.map(|(task, _)| task.id).collect();
        let statuses: Vec<StatusId> = self.statuses.iter().map(|status| status.id).collect();
        let mut changes = Vec::new();
        for _ in 0..2 + dice.below(12) {
            let Some(task_id) = dice.pick(&tasks) else { break };
            let to = Placement { status_id: dice.pick(&statuses).unwrap(), after_id: None, before_id: None };
            let change = self.relocate(task_id, to, at, &mut changes);
            changes.push(change);
        }
        changes
    }

    pub(crate) fn task(&self, id: TaskId, deleted: bool) -> Result<Task, ApiError> {
        let found = self.tasks.get(&id).filter(|(_, gone)| *gone == deleted);
        found.map(|(task, _)| task.clone()).ok_or_else(|| refused(404, "task_not_found"))
    }

    fn save(&mut self, mut task: Task, gone: bool, at: Timestamp) -> Task {
        task.version += 1;
        task.updated_at = at;
        self.follow_category(&mut task, at);
        self.tasks.insert(task.id, (task.clone(), gone));
        task
    }

    fn follow_category(&self, task: &mut Task, at: Timestamp) {
        let done = self.statuses.iter().any(|status| status.id == task.status_id && status.category == Category::Done);
        task.completed_at = done.then(|| task.completed_at.unwrap_or(at));
    }

    /// The cards of a column except one, in order.
    pub(crate) fn column(&self, status: StatusId, but: TaskId) -> Vec<(Rank, TaskId)> {
        let tasks = self.tasks.values().filter(|(task, gone)| !gone && task.status_id == status && task.id != but);
        let mut column: Vec<_> = tasks.map(|(task, _)| (task.rank.clone(), task.id)).collect();
        column.sort();
        column
    }

    /// The rank between the neighbours; after `after_id` if they are not adjacent.
    fn place(&mut self, moved: TaskId, to: Placement, changes: &mut Vec<Change>) -> Rank {
        let column = self.column(to.status_id, moved);
        let find = |id: Option<TaskId>| column.iter().position(|(_, task)| Some(*task) == id);
        let at = find(to.after_id).map(|at| at + 1).or_else(|| find(to.before_id)).unwrap_or(column.len());
        let above = at.checked_sub(1).map(|at| &column[at].0);
        if let Ok(rank) = Rank::between(above, column.get(at).map(|(rank, _)| rank))
            && rank.as_str().len() <= LONG
        {
            return rank;
        }
        let mut fresh = Rank::spread(column.len() + 1);
        let rank = fresh.remove(at);
        let ranks: Vec<(TaskId, Rank)> = column.into_iter().map(|(_, task)| task).zip(fresh).collect();
        for (id, rank) in &ranks {
            self.tasks.get_mut(id).unwrap().0.rank = rank.clone();
        }
        changes.push(Change::TasksReranked(Reranked { status_id: to.status_id, ranks }));
        rank
    }
}

#[cfg(test)]
mod tests;
