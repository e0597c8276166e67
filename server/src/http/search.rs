//! `/api/projects/{project_id}/search`.

use axum::{Json, extract::State};
use engine::{ProjectId, TaskId, error::ErrorBody};
use serde::{Deserialize, Serialize};

use super::{
    session::CurrentUser,
    write::{Path, Query},
};
use crate::{
    service::{ServiceError, search},
    store::Store,
};

/// A search query.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Searched {
    /// A text of 1 to 500 characters. Compared after NFKC and case folding.
    text: String,
}

/// The matching tasks.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub(super) struct FoundTasks {
    /// In no particular order.
    pub(super) task_ids: Vec<TaskId>,
}

/// Search the tasks of a board by title and description.
#[utoipa::path(
    get, path = "/projects/{project_id}/search", tag = "tasks",
    params(("project_id" = ProjectId, Path), Searched),
    responses((status = 200, body = FoundTasks), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn search(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(project): Path<ProjectId>,
    Query(Searched { text }): Query<Searched>,
) -> Result<Json<FoundTasks>, ServiceError> {
    Ok(Json(FoundTasks { task_ids: search::search(&store, &user, project, &text).await? }))
}
