//! Statuses: create, change, reorder, delete.

use engine::{ApiError, Category, Change, ProjectId, Rank, Status, StatusId, User, limit, op::present};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{self, Right},
    completion,
    field::{self, invalid},
    ordering::status_not_found,
    removal::{self, UndoBy},
    write::ProjectWrite,
};
use crate::store::{RemovalKey, Store};

/// The default colour of a status.
const COLOR: &str = "#64748b";

/// A status to create. Without a neighbour it comes last.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusDraft {
    /// The column's name.
    pub name: String,
    /// `#rrggbb`; grey by default.
    #[serde(default)]
    pub color: Option<String>,
    /// The category; `todo` by default.
    #[serde(default)]
    pub category: Option<Category>,
    /// The limit of tasks in it: 1 to 999.
    #[serde(default)]
    pub wip_limit: Option<u32>,
    /// The status directly before it.
    #[serde(default)]
    pub after_id: Option<StatusId>,
    /// The status directly after it.
    #[serde(default)]
    pub before_id: Option<StatusId>,
}

/// A change of a status. Absent fields stay; `null` clears a field.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusPatch {
    /// The column's name.
    #[serde(default)]
    pub name: Option<String>,
    /// `#rrggbb`.
    #[serde(default)]
    pub color: Option<String>,
    /// The category: its tasks become finished or unfinished accordingly.
    #[serde(default)]
    pub category: Option<Category>,
    /// The limit of tasks in it: 1 to 999; `null` for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<u32>)]
    pub wip_limit: Option<Option<u32>>,
    /// The status directly before its new position.
    #[serde(default)]
    pub after_id: Option<StatusId>,
    /// The status directly after its new position.
    #[serde(default)]
    pub before_id: Option<StatusId>,
}

/// A status after a write, and its `seq`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StatusChanged {
    /// The `seq` of the last event of the write.
    pub seq: u64,
    /// The status.
    pub status: Status,
}

/// The statuses of a project, in order.
///
/// # Errors
/// `project_not_found`.
pub async fn list(store: &Store, user: &User, project: ProjectId) -> Result<Vec<Status>, ServiceError> {
    access::check(store.member_role(project, user.id).await?, Right::Read)?;
    Ok(store.statuses(project).await?)
}

/// Creates a status.
///
/// # Errors
/// `invalid` with the field, `too_many_statuses`, `status_not_found` for a neighbour.
pub async fn create(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    draft: StatusDraft,
) -> Result<OpResponse, ServiceError> {
    let name = field::text("name", &draft.name, limit::NAME)?;
    let color = field::color(draft.color.as_deref().unwrap_or(COLOR))?;
    let wip_limit = draft.wip_limit.map(wip_limit).transpose()?;
    let category = draft.category.unwrap_or(Category::Todo);
    let mut write = ProjectWrite::enter(services, intent, project, Right::EditStatuses).await?;
    let others = write.tx.statuses(project).await?;
    check_room(&others)?;
    let id = StatusId::new(Uuid::now_v7());
    let rank = rank(&mut write, others, draft.after_id, draft.before_id).await?;
    let status = Status { id, project_id: project, name, color, rank, wip_limit, category };
    write.tx.add_status(&status).await?;
    let seq = write.record(Change::StatusCreated(status.clone()));
    write.commit(201, &StatusChanged { seq, status }).await
}

/// Changes a status. A new category makes its tasks finished or unfinished: each with an event, before that of the
/// status. In a long column the rest [follows](completion) in further writes, and the response comes after the last
/// one.
///
/// # Errors
/// `status_not_found`, `invalid` with the field, `rank_cycle`.
pub async fn update(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    id: StatusId,
    patch: StatusPatch,
) -> Result<OpResponse, ServiceError> {
    if patch == StatusPatch::default() {
        return Err(ApiError::new(422, "invalid", "There's nothing to change.").into());
    }
    let mut write = ProjectWrite::enter(services, intent, project, Right::EditStatuses).await?;
    let (mut status, others) = find(&mut write, id).await?;
    if let Some(name) = patch.name {
        status.name = field::text("name", &name, limit::NAME)?;
    }
    if let Some(color) = patch.color {
        status.color = field::color(&color)?;
    }
    if let Some(limit) = patch.wip_limit {
        status.wip_limit = limit.map(wip_limit).transpose()?;
    }
    if patch.after_id.is_some() || patch.before_id.is_some() {
        if patch.after_id == Some(id) || patch.before_id == Some(id) || patch.after_id == patch.before_id {
            return Err(ApiError::new(422, "rank_cycle", "A column can't be placed next to itself.").into());
        }
        status.rank = rank(&mut write, others, patch.after_id, patch.before_id).await?;
    }
    let category = patch.category.filter(|category| *category != status.category);
    status.category = category.unwrap_or(status.category);
    write.tx.save_status(&status).await?;
    let more = category.is_some() && completion::begin(&mut write, &status).await?;
    let seq = write.record(Change::StatusUpdated(status.clone()));
    let user = write.intent.user.clone();
    let answer = write.commit(200, &StatusChanged { seq, status }).await?;
    if more {
        completion::finish(services, &user, project, id).await;
    }
    Ok(answer)
}

/// Deletes an empty status. For a while it can be [restored](restore).
///
/// # Errors
/// `status_not_found`; `status_not_empty`; `last_status`, since a board needs one.
pub async fn delete(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    id: StatusId,
) -> Result<OpResponse, ServiceError> {
    let mut write = ProjectWrite::enter(services, intent, project, Right::EditStatuses).await?;
    let (status, others) = find(&mut write, id).await?;
    if write.tx.has_tasks(id).await? {
        return Err(ApiError::new(409, "status_not_empty", "Move this column's cards first, then delete it.").into());
    }
    if others.is_empty() {
        return Err(ApiError::new(409, "last_status", "A board needs at least one column.").into());
    }
    write.tx.delete_status(id).await?;
    removal::store(&mut write, &key(project, id), &status).await?;
    let seq = write.record(Change::StatusDeleted(status.clone()));
    write.commit(200, &StatusChanged { seq, status }).await
}

/// Restores a deleted status at its former position.
///
/// # Errors
/// `status_not_deleted`; `undo_expired`; `too_many_statuses`.
pub async fn restore(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    id: StatusId,
) -> Result<OpResponse, ServiceError> {
    let mut write = ProjectWrite::enter(services, intent, project, Right::EditStatuses).await?;
    let others = write.tx.statuses(project).await?;
    if others.iter().any(|status| status.id == id) {
        return Err(ApiError::new(409, "status_not_deleted", "This status is on the board.").into());
    }
    let status: Status = removal::take(&mut write, &key(project, id), UndoBy::Anyone).await?;
    check_room(&others)?;
    write.tx.add_status(&status).await?;
    let seq = write.record(Change::StatusCreated(status.clone()));
    write.commit(200, &StatusChanged { seq, status }).await
}

fn key(project: ProjectId, id: StatusId) -> RemovalKey {
    RemovalKey::new(project, "status", id)
}

/// Checks whether a board may have another status.
fn check_room(others: &[Status]) -> Result<(), ApiError> {
    if others.len() < limit::STATUSES {
        return Ok(());
    }
    let message = format!("A board can have at most {} columns.", limit::STATUSES);
    Err(ApiError::new(409, "too_many_statuses", message))
}

/// A status of the project, and the others in order.
async fn find(write: &mut ProjectWrite, id: StatusId) -> Result<(Status, Vec<Status>), ServiceError> {
    let mut statuses = write.tx.statuses(write.project.id).await?;
    let at = statuses.iter().position(|status| status.id == id).ok_or_else(status_not_found)?;
    let status = statuses.remove(at);
    Ok((status, statuses))
}

/// A rank between two neighbours, or at the end. If ranks have become long, ranks all statuses anew.
async fn rank(
    write: &mut ProjectWrite,
    mut others: Vec<Status>,
    after: Option<StatusId>,
    before: Option<StatusId>,
) -> Result<Rank, ServiceError> {
    let position = |id: StatusId| others.iter().position(|status| status.id == id).ok_or_else(status_not_found);
    let at = match (after, before) {
        (Some(after), _) => position(after)? + 1,
        (None, Some(before)) => position(before)?,
        (None, None) => others.len(),
    };
    let above = at.checked_sub(1).and_then(|above| others.get(above)).map(|status| &status.rank);
    let below = others.get(at).map(|status| &status.rank);
    match Rank::between(above, below) {
        Ok(rank) if rank.as_str().len() <= Rank::LONG => return Ok(rank),
        _ => {}
    }
    let mut fresh = Rank::spread(others.len() + 1);
    if fresh.len() <= at {
        return Err(ServiceError::Internal("too few ranks"));
    }
    let rank = fresh.remove(at);
    for (status, rank) in others.iter_mut().zip(fresh) {
        status.rank = rank;
        write.tx.save_status(status).await?;
        write.record(Change::StatusUpdated(status.clone()));
    }
    Ok(rank)
}

fn wip_limit(limit: u32) -> Result<u32, ApiError> {
    if (1..=limit::WIP).contains(&limit) {
        return Ok(limit);
    }
    Err(invalid("wip_limit", format!("1 to {}, or null for no limit.", limit::WIP)))
}
