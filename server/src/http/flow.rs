//! `/api/oversight/flow`: how work goes through the columns.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use engine::{
    error::ErrorBody,
    oversight::{Flow, query::FlowQuery},
};

use super::{session::CurrentUser, write::Query};
use crate::{
    service::{Stop, oversight::flow},
    state::AppState,
};

/// Cumulative flow, cycle and lead times, throughput, ageing and blocked time.
#[utoipa::path(
    get, path = "/oversight/flow", tag = "oversight", params(FlowQuery),
    responses((status = 200, body = Flow), (status = 304), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn flow(
    CurrentUser(user): CurrentUser,
    State(state): State<AppState>,
    Query(query): Query<FlowQuery>,
) -> Result<Response, Stop> {
    Ok(match flow::json(&state, &user, &query).await? {
        Some(text) => ([(header::CONTENT_TYPE, "application/json")], text).into_response(),
        None => StatusCode::NOT_MODIFIED.into_response(),
    })
}
