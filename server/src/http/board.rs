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

/// Where to read the log from.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct CursorQuery {
    /// Of which log.
    #[param(value_type = String, format = Uuid)]
    epoch: Epoch,
    /// The last event that is known.
    since: u64,
    /// The id of that event, where it is known: a log that has another event there is another log.
    #[param(value_type = Option<String>, format = Uuid)]
    last: Option<EventId>,
    /// How many events at the most: 1 to 1000.
    limit: Option<usize>,
}

/// A page of the log. The events are as they were encoded when they were made.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct EventPageBody {
    /// Of which log.
    epoch: Epoch,
    /// The log's last event, which may be past this page.
    seq: u64,
    /// When the page was read.
    at: Timestamp,
    /// The events after `since`, in order.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Box<RawValue>>,
}

/// The whole board at one `seq`.
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

/// What happened after a `seq`; 410 `log_pruned` where the log does not tell.
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
