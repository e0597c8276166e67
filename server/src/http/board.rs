//! A project's board and its log.

use axum::{Json, extract::State};
use engine::{Epoch, EventId, ProjectId, Snapshot, Timestamp, error::ErrorBody, wire::LogPosition};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    session::CurrentUser,
    write::{Path, Query},
};
use crate::{
    clock,
    service::{ServiceError, Services, board},
    store::Store,
};

/// The position in the log from which to read.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CursorQuery {
    /// The epoch of the log.
    #[param(value_type = String, format = Uuid)]
    epoch: Epoch,
    /// The seq of the last known event.
    since: u64,
    /// The id of that event, if known: a log with another event there is a different log.
    #[param(value_type = Option<String>, format = Uuid)]
    last: Option<EventId>,
    /// Most events to return: 1 to 1000.
    limit: Option<usize>,
}

/// A page of the log, with the events as they were encoded when they were created.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct EventPageBody {
    /// The epoch of the log.
    epoch: Epoch,
    /// The seq at the end of the log, which may be past this page.
    seq: u64,
    /// When the page was read.
    at: Timestamp,
    /// The events after `since`, in order.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Box<RawValue>>,
}

/// Get the whole board at one `seq`.
#[utoipa::path(
    get, path = "/projects/{project_id}/board", tag = "board", params(("project_id" = ProjectId, Path)),
    responses((status = 200, body = Snapshot), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn board(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Path(project): Path<ProjectId>,
) -> Result<Json<Snapshot>, ServiceError> {
    Ok(Json(board::snapshot(&store, &user, project).await?))
}

/// List the events after a `seq`; 410 `log_pruned` if the log does not reach back that far.
#[utoipa::path(
    get, path = "/projects/{project_id}/events", tag = "board",
    params(("project_id" = ProjectId, Path), CursorQuery),
    responses((status = 200, body = EventPageBody), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn events(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
    Path(project): Path<ProjectId>,
    Query(cursor): Query<CursorQuery>,
) -> Result<Json<EventPageBody>, ServiceError> {
    let CursorQuery { epoch, since, last, limit } = cursor;
    let from = LogPosition { epoch, since, last };
    let page = board::events(&services, &user, project, from, limit).await?;
    let events = page.frames.iter().map(|frame| RawValue::from_string(frame.as_str().to_owned()));
    let events = events.collect::<Result<_, _>>()?;
    Ok(Json(EventPageBody { epoch: page.epoch, seq: page.seq, at: clock::now(), events }))
}
