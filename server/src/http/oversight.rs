//! `/api/oversight`, and `/api/users/{user_id}/capacity`: workload and capacities.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use engine::{
    User, UserId,
    error::ErrorBody,
    oversight::{
        Capacity, Workload,
        query::{TasksQuery, WorkloadQuery},
        workload::LoadTasks,
    },
};

use super::{
    etag::IfNoneMatch,
    session::CurrentUser,
    write::{Path, Query, Write},
};
use crate::{
    audit, clock,
    service::{
        ServiceError, Services,
        oversight::{
            capacity, sheet, tasks,
            versioned::{KnownVersions, Versioned},
            workload,
        },
    },
    store::Store,
};

/// Get the workload: estimated hours against capacity, by person and week or day.
#[utoipa::path(
    get, path = "/oversight/workload", tag = "oversight", params(WorkloadQuery),
    responses(
        (status = 200, body = Workload, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "`If-None-Match` names its version."), (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn workload(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
    IfNoneMatch(known): IfNoneMatch,
    Query(query): Query<WorkloadQuery>,
) -> Result<Response, ServiceError> {
    Ok(load(&services, &user, &query, &known).await?.map(Json).into_response())
}

/// Get the workload as CSV.
#[utoipa::path(
    get, path = "/oversight/workload.csv", tag = "oversight", params(WorkloadQuery),
    responses(
        (status = 200, content_type = "text/csv", body = String, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "`If-None-Match` names its version."), (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn workload_csv(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
    IfNoneMatch(known): IfNoneMatch,
    Query(query): Query<WorkloadQuery>,
) -> Result<Response, ServiceError> {
    let file = |workload: Workload| {
        let first = workload.periods.first().copied().unwrap_or(workload.today);
        let name = format!("workload-{first}.csv");
        audit::export(&user, query.project, &name);
        attachment("text/csv; charset=utf-8", &name, sheet::of(&workload))
    };
    Ok(load(&services, &user, &query, &known).await?.map(file).into_response())
}

/// List the open tasks behind a workload figure, by date, at most 50.
#[utoipa::path(
    get, path = "/oversight/tasks", tag = "oversight", params(TasksQuery),
    responses((status = 200, body = LoadTasks), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn tasks(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Query(query): Query<TasksQuery>,
) -> Result<Json<LoadTasks>, ServiceError> {
    Ok(Json(tasks::get(&store, &user, &query, clock::now()).await?))
}

/// Get a person's capacity: your own, or that of someone you share a project with.
#[utoipa::path(
    get, path = "/users/{user_id}/capacity", tag = "oversight", params(("user_id" = UserId, Path)),
    responses((status = 200, body = Capacity), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn capacity(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(whose): Path<UserId>,
) -> Result<Json<Capacity>, ServiceError> {
    Ok(Json(capacity::get(&store, &user, whose).await?))
}

/// Set your capacity: hours per weekday, and absences.
#[utoipa::path(
    put, path = "/users/{user_id}/capacity", tag = "oversight", params(("user_id" = UserId, Path)),
    request_body = Capacity, responses((status = 200, body = Capacity), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn set_capacity(
    State(services): State<Services>,
    Path(whose): Path<UserId>,
    Write(intent, wanted): Write<Capacity>,
) -> Result<Json<Capacity>, ServiceError> {
    Ok(Json(capacity::put(&services, &intent.user, whose, wanted).await?))
}

async fn load(
    services: &Services,
    user: &User,
    query: &WorkloadQuery,
    known: &KnownVersions,
) -> Result<Versioned<Workload>, ServiceError> {
    workload::get(&services.oversight, &services.store, user, query, known, clock::now()).await
}

/// A file for the browser to save under a plain name.
pub(super) fn attachment(content_type: &'static str, name: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}
