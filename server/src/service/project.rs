//! Projects: create, rename, delete.

use engine::{Category, Change, Epoch, Project, ProjectId, Rank, Role, Status, StatusId, limit};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{Right, project_not_found},
    field, notification, quota, write,
    write::ProjectWrite,
};
use crate::clock;

/// The statuses of a new project: name, colour, category.
const FIRST_STATUSES: [(&str, &str, Category); 3] = [
    ("To do", "#64748b", Category::Todo),
    ("In progress", "#2563eb", Category::Doing),
    ("Done", "#16a34a", Category::Done),
];

/// The fields of a project that its members choose.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProjectFields {
    /// The name of the project.
    pub name: String,
}

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProjectBody {
    /// The project.
    pub project: Project,
}

/// A project after a write, and its `seq`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProjectChanged {
    /// The `seq` of the last event of the write.
    pub seq: u64,
    /// The project.
    pub project: Project,
}

/// Creates a project with three statuses, owned by its creator.
///
/// # Errors
/// `invalid` with the field, `too_many_projects`.
pub async fn create(services: &Services, intent: Intent, fields: ProjectFields) -> Result<OpResponse, ServiceError> {
    let name = field::text("name", &fields.name, limit::NAME)?;
    let at = clock::now();
    let id = ProjectId::new(Uuid::now_v7());
    let project = Project { id, name, role: Some(Role::Owner), created_at: at, updated_at: at };
    let mut tx = services.store.write().await?;
    if let Err(error) = intent.check(tx.stored_response(intent.user.id, intent.op_id).await?) {
        if let ServiceError::Answered(answer) = &error {
            // A creator who has left since is answered like a non-member.
            let ProjectBody { project } = serde_json::from_str(&answer.body)?;
            tx.member(project.id, intent.user.id).await?.ok_or_else(project_not_found)?;
        }
        tx.roll_back().await?;
        return Err(error);
    }
    quota::check_projects(&mut tx, &services.quotas, intent.user.id, at).await?;
    tx.add_project(&project, Epoch::new(Uuid::new_v4())).await?;
    tx.add_member(id, intent.user.id, Role::Owner, at).await?;
    let ranks = Rank::spread(FIRST_STATUSES.len());
    for ((name, color, category), rank) in FIRST_STATUSES.into_iter().zip(ranks) {
        let status_id = StatusId::new(Uuid::now_v7());
        let (name, color) = (name.to_owned(), color.to_owned());
        tx.add_status(&Status { id: status_id, project_id: id, name, color, rank, wip_limit: None, category }).await?;
    }
    let answer = OpResponse::new(201, &ProjectBody { project })?;
    write::store_response(&mut tx, &intent, &answer, at, &services.store).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Renames a project.
///
/// # Errors
/// `project_not_found`, `forbidden`, `invalid` with the field.
pub async fn rename(
    services: &Services,
    intent: Intent,
    id: ProjectId,
    fields: ProjectFields,
) -> Result<OpResponse, ServiceError> {
    let name = field::text("name", &fields.name, limit::NAME)?;
    let mut write = ProjectWrite::enter(services, intent, id, Right::ManageProject).await?;
    let project = Project { name, updated_at: write.at, ..write.project.clone() };
    write.tx.save_project(&project).await?;
    let seq = write.record(Change::ProjectUpdated(project.clone()));
    write.commit(200, &ProjectChanged { seq, project: Project { role: Some(Role::Owner), ..project } }).await
}

/// Deletes a project for all its members, with their notifications about it.
///
/// # Errors
/// `project_not_found`, `forbidden`.
pub async fn delete(services: &Services, intent: Intent, id: ProjectId) -> Result<OpResponse, ServiceError> {
    let mut write = ProjectWrite::enter(services, intent, id, Right::ManageProject).await?;
    let project = Project { updated_at: write.at, ..write.project.clone() };
    write.tx.delete_project(id, write.at).await?;
    let users = write.tx.forget_project(id).await?;
    let seq = write.record(Change::ProjectDeleted(project.clone()));
    let answer = write.commit(200, &ProjectChanged { seq, project }).await?;
    notification::recount(services, users).await;
    Ok(answer)
}
