//! `/api/comments`, and the comments on a task.

use axum::{Json, extract::State};
use engine::{
    CommentId, ProjectId, TaskId,
    comment::{CommentChanged, CommentDraft, Preview, Rendered, Thread},
    error::ErrorBody,
};
use serde::Deserialize;

use super::{
    session::CurrentUser,
    write::{self, Nothing, Path, Query, Write},
};
use crate::{
    service::{OpResponse, ServiceError, Services, comment},
    store::{Store, threads::ThreadPart},
};

/// Which page of a thread.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Older {
    /// Only comments older than this one; without it, the newest.
    before: Option<CommentId>,
    /// This comment, and those on both sides of it.
    around: Option<CommentId>,
}

impl Older {
    fn part(&self) -> Result<ThreadPart, ServiceError> {
        match (self.before, self.around) {
            (None, None) => Ok(ThreadPart::Newest),
            (Some(id), None) => Ok(ThreadPart::Before(id)),
            (None, Some(id)) => Ok(ThreadPart::Around(id)),
            (Some(_), Some(_)) => Err(comment::one_place().into()),
        }
    }
}

/// What is written about a task, also about a deleted one.
#[utoipa::path(
    get, path = "/tasks/{task_id}/comments", tag = "comments", params(("task_id" = TaskId, Path), Older),
    responses((status = 200, body = Thread), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn thread(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(task): Path<TaskId>,
    Query(older): Query<Older>,
) -> Result<Json<Thread>, ServiceError> {
    Ok(Json(comment::thread(&store, &user, task, older.part()?).await?))
}

/// Write about a task.
#[utoipa::path(
    post, path = "/tasks/{task_id}/comments", tag = "comments", params(("task_id" = TaskId, Path)),
    request_body = CommentDraft,
    responses((status = 201, body = CommentChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn create(
    State(services): State<Services>,
    Path(task): Path<TaskId>,
    Write(intent, draft): Write<CommentDraft>,
) -> Result<OpResponse, ServiceError> {
    comment::create(&services, intent, task, draft).await
}

/// Rewrite one's own comment.
#[utoipa::path(
    patch, path = "/comments/{comment_id}", tag = "comments", params(("comment_id" = CommentId, Path)),
    request_body = CommentDraft,
    responses((status = 200, body = CommentChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn rewrite(
    State(services): State<Services>,
    Path(id): Path<CommentId>,
    Write(intent, draft): Write<CommentDraft>,
) -> Result<OpResponse, ServiceError> {
    comment::rewrite(&services, intent, id, draft).await
}

/// Delete one's own comment, or as an owner of the project anybody's. It can be restored for ten minutes.
#[utoipa::path(
    delete, path = "/comments/{comment_id}", tag = "comments", params(("comment_id" = CommentId, Path)),
    responses((status = 200, body = CommentChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn delete(
    State(services): State<Services>,
    Path(id): Path<CommentId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    comment::delete(&services, intent, id).await
}

/// Put a comment back that one has deleted, for ten minutes.
#[utoipa::path(
    post, path = "/comments/{comment_id}/restore", tag = "comments", params(("comment_id" = CommentId, Path)),
    responses((status = 200, body = CommentChanged), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn restore(
    State(services): State<Services>,
    Path(id): Path<CommentId>,
    Write(intent, Nothing {}): Write<Nothing>,
) -> Result<OpResponse, ServiceError> {
    comment::restore(&services, intent, id).await
}

/// What a comment would look like. Nothing is kept.
#[utoipa::path(
    post, path = "/projects/{project_id}/preview", tag = "comments", params(("project_id" = ProjectId, Path)),
    request_body = Preview,
    responses((status = 200, body = Rendered), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn preview(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(project): Path<ProjectId>,
    write::Json(preview): write::Json<Preview>,
) -> Result<Json<Rendered>, ServiceError> {
    Ok(Json(comment::preview(&store, &user, project, preview).await?))
}
