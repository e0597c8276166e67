//! `/api/oversight/flow`: how work goes through the columns.

use axum::{extract::State, http::header, response::Response};
use engine::{
    error::ErrorBody,
    oversight::{Flow, query::FlowQuery},
};

use super::{
    etag::{Known, versioned},
    session::CurrentUser,
    write::Query,
};
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
    known: Known,
    Query(mut query): Query<FlowQuery>,
) -> Result<Response, Stop> {
    known.fill(&mut query.seen);
    let answer = flow::json(&state, &user, &query).await?;
    let answer = answer.map(|(version, text)| (version, ([(header::CONTENT_TYPE, "application/json")], text)));
    Ok(versioned(answer, query.seen.as_ref()))
}
