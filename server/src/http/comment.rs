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

/// A page of a thread.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Older {
    /// Only comments older than this one; by default, the newest.
    before: Option<CommentId>,
    /// This comment, with its neighbours on both sides.
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

/// List the comments on a task, including a deleted one.
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

/// Add a comment to a task.
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

/// Edit your own comment.
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

/// Delete your own comment, or any comment as an owner of the project. It can be restored for ten minutes.
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

/// Restore a comment that you deleted, for ten minutes.
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

/// Preview a comment. Nothing is stored.
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
