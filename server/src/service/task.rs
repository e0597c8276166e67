//! Tasks: create, change, move, assign, delete, restore.

use engine::{
    ApiError, Category, Change, Move, Placement, ProjectId, Status, StatusId, Task, TaskDraft, TaskId, TaskPatch,
    Timestamp, User, UserId, limit,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{self, Right, task_not_found},
    field::{self, invalid},
    notice::TaskNotice,
    ordering::{self, Placed},
    patch,
    write::ProjectWrite,
};
use crate::store::{Anchor, InsertionPoint, Store, StoreError, TaskRow, Watchers};

/// A task after a write, and its `seq`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TaskChanged {
    /// The `seq` of the last event of the write.
    pub seq: u64,
    /// The task, without its description unless that changed.
    pub task: Task,
}

/// A task with its description.
///
/// # Errors
/// `task_not_found`, also for tasks of projects that the user is not a member of.
pub async fn get(store: &Store, user: &User, id: TaskId) -> Result<Task, ServiceError> {
    let task = store.task(id).await;
    let project = match &task {
        // Only members learn that it exists.
        Err(error) if error.is_unreadable() => store.project_of_task(id).await?,
        Err(_) | Ok(None) => None,
        Ok(Some(task)) => Some(task.project_id),
    };
    if let Some(project) = project {
        let role = store.member_role(project, user.id).await?;
        access::check(role, Right::Read).map_err(|_| task_not_found())?;
    }
    Ok(task?.ok_or_else(task_not_found)?)
}

/// Creates a task at the end of its column.
///
/// # Errors
/// `invalid` with the field, `status_not_found`, `not_a_member` for the assignee, `task_exists`, `too_many_cards`.
pub async fn create(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    mut draft: TaskDraft,
) -> Result<OpResponse, ServiceError> {
    draft.title = field::text("title", &draft.title, limit::TITLE)?;
    let description = draft.description.take().unwrap_or_default();
    let description = field::long_text("description", description, limit::DESCRIPTION)?;
    patch::check_draft(&mut draft)?;
    let id = draft.id.unwrap_or_else(|| TaskId::new(Uuid::now_v7()));
    let mut write = ProjectWrite::enter(services, intent, project, Right::EditTasks).await?;
    write.count_task(&services.quotas)?;
    let status = match draft.status_id {
        Some(status) => status,
        None => first_status(&mut write).await?,
    };
    check_assignee(&mut write, draft.assignee_id).await?;
    let Placed { status, rank } = ordering::end(&mut write, id, status).await?;
    let mut task = Task::new(id, project, (status.id, rank), (write.intent.user.id, write.at));
    draft.apply(&mut task);
    task.description = Some(description);
    follow_category(&mut task, &status, write.at);
    match write.tx.add_task(&task, Some(write.next_seq())).await {
        Err(StoreError::Exists) => {
            return Err(ApiError::new(409, "task_exists", "A card with this id already exists.").on("id").into());
        }
        done => done?,
    }
    if let Some(assignee) = task.assignee_id {
        write.tx.watch(&[(id, assignee)]).await?;
    }
    if task.assignee_id != Some(task.created_by) {
        write.tx.watch_created(id, task.created_by).await?;
    }
    let seq = write.record(Change::TaskCreated(task.clone()));
    write.notify(&task, &Watchers::default(), TaskNotice::Assigned { from: None, to: task.assignee_id });
    write.commit(201, &TaskChanged { seq, task }).await
}

/// Changes fields of a task.
///
/// # Errors
/// `task_not_found`, `invalid` with the field, and `description_conflict` with the current task if its description is
/// newer than the version that the writer has read.
pub async fn update(
    services: &Services,
    intent: Intent,
    id: TaskId,
    mut patch: TaskPatch,
) -> Result<OpResponse, ServiceError> {
    if patch == (TaskPatch { version: patch.version, ..TaskPatch::default() }) {
        return Err(ApiError::new(422, "invalid", "There's nothing to change.").into());
    }
    let (mut write, mut row) = enter(services, intent, id).await?;
    let (task, at) = (&mut row.task, write.at);
    let was_blocked = task.blocked_reason.is_some();
    patch::check(&mut patch)?;
    patch.apply(task, at);
    if let Some(description) = patch.description {
        let read =
            patch.version.ok_or_else(|| invalid("version", "Send the version of the description that you read."))?;
        if row.description_version > read {
            let current = Task { description: Some(write.tx.description(id).await?), ..row.task };
            let error = ApiError::new(409, "description_conflict", "Someone else changed the description.");
            return Err(error.on("description").with_current(serde_json::to_value(current)?).into());
        }
        task.description = Some(field::long_text("description", description, limit::DESCRIPTION)?);
        row.description_version = task.version + 1;
    }
    let notice = (was_blocked != row.task.blocked_reason.is_some())
        .then(|| TaskNotice::Blocker(row.task.blocked_reason.clone()));
    save(write, row, notice, Change::TaskUpdated).await
}

/// Moves a task to a position in a column.
///
/// # Errors
/// `task_not_found`, `status_not_found`, `rank_cycle`.
pub async fn move_to(
    services: &Services,
    intent: Intent,
    id: TaskId,
    to: Placement,
) -> Result<OpResponse, ServiceError> {
    let (mut write, mut row, place) = ProjectWrite::enter_move(services, intent, id, to, Right::EditTasks).await?;
    if row.deleted {
        return Err(task_not_found().into());
    }
    ordering::check(id, to)?;
    let from_status_id = row.task.status_id;
    let Placed { status, rank } = ordering::resolve(&mut write, id, place).await?;
    row.task.status_id = status.id;
    row.task.rank = rank;
    follow_category(&mut row.task, &status, write.at);
    let status_color = status.color;
    let notice = (status.id != from_status_id).then_some(TaskNotice::Moved(status.name));
    save(write, row, notice, |task| Change::TaskStatusChanged(Move { task, from_status_id, status_color })).await
}

/// Assigns a task to a member, or to no one.
///
/// # Errors
/// `task_not_found`, `not_a_member`.
pub async fn assign(
    services: &Services,
    intent: Intent,
    id: TaskId,
    to: Option<UserId>,
) -> Result<OpResponse, ServiceError> {
    let (mut write, mut row) = enter(services, intent, id).await?;
    check_assignee(&mut write, to).await?;
    if let Some(user) = to.filter(|user| !row.watchers.settled(*user)) {
        write.tx.watch(&[(id, user)]).await?;
    }
    let from = std::mem::replace(&mut row.task.assignee_id, to);
    save(write, row, Some(TaskNotice::Assigned { from, to }), Change::TaskAssigned).await
}

/// Deletes a task. It can be restored.
///
/// # Errors
/// `task_not_found`.
pub async fn delete(services: &Services, intent: Intent, id: TaskId) -> Result<OpResponse, ServiceError> {
    let (write, mut row) = enter(services, intent, id).await?;
    row.deleted = true;
    save(write, row, None, Change::TaskDeleted).await
}

/// Restores a deleted task at its former position; in the first column if its own is gone.
///
/// # Errors
/// `task_not_found`; `task_not_deleted` if it is on the board.
pub async fn restore(services: &Services, intent: Intent, id: TaskId) -> Result<OpResponse, ServiceError> {
    let (mut write, mut row) = ProjectWrite::enter_task(services, intent, id, Right::EditTasks).await?;
    if !row.deleted {
        return Err(ApiError::new(409, "task_not_deleted", "This card isn't deleted.").into());
    }
    let statuses = write.tx.statuses(write.project.id).await?;
    let Placed { status, rank } = match statuses.into_iter().find(|status| status.id == row.task.status_id) {
        Some(status) => {
            let (above, below) = write.tx.neighbours(status.id, id, &row.task.rank).await?;
            if above.as_ref() == Some(&row.task.rank) {
                // Another card has taken this rank: place it directly below.
                let anchor = Anchor::Below(row.task.rank.clone());
                ordering::rank_at(&mut write, id, InsertionPoint { status, above, below, anchor }).await?
            } else {
                Placed { status, rank: row.task.rank }
            }
        }
        None => {
            let first = first_status(&mut write).await?;
            ordering::end(&mut write, id, first).await?
        }
    };
    row.deleted = false;
    row.task.status_id = status.id;
    row.task.rank = rank;
    follow_category(&mut row.task, &status, write.at);
    save(write, row, None, Change::TaskRestored).await
}

/// Enters the project of a task that is on the board.
async fn enter(services: &Services, intent: Intent, id: TaskId) -> Result<(ProjectWrite, TaskRow), ServiceError> {
    let (write, row) = ProjectWrite::enter_task(services, intent, id, Right::EditTasks).await?;
    if row.deleted {
        return Err(task_not_found().into());
    }
    Ok((write, row))
}

async fn save(
    mut write: ProjectWrite,
    mut row: TaskRow,
    notice: Option<TaskNotice>,
    change: impl FnOnce(Task) -> Change,
) -> Result<OpResponse, ServiceError> {
    row.touch(write.at);
    let seq = write.record(change(row.task.clone()));
    if let Some(notice) = notice {
        write.notify(&row.task, &row.watchers, notice);
    }
    let changed = TaskChanged { seq, task: row.task.clone() };
    write.save_at_end(row);
    write.commit(200, &changed).await
}

pub(super) async fn first_status(write: &mut ProjectWrite) -> Result<StatusId, ServiceError> {
    let statuses = write.tx.statuses(write.project.id).await?;
    Ok(statuses.first().ok_or_else(ordering::status_not_found)?.id)
}

pub(super) async fn check_assignee(write: &mut ProjectWrite, assignee: Option<UserId>) -> Result<(), ServiceError> {
    let Some(user) = assignee else { return Ok(()) };
    match write.tx.member(write.project.id, user).await? {
        Some(_) => Ok(()),
        None => {
            let error = ApiError::new(422, "not_a_member", "You can assign cards only to members of the project.");
            Err(error.on("assignee_id").into())
        }
    }
}

/// Sets `completed_at` after the category of the status.
pub(super) fn follow_category(task: &mut Task, status: &Status, at: Timestamp) {
    task.completed_at = match status.category {
        Category::Done => task.completed_at.or(Some(at)),
        Category::Todo | Category::Doing => None,
    };
}
