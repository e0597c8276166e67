//! `/api/oversight/flow`: flow metrics.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use engine::{
    error::ErrorBody,
    oversight::{Flow, query::FlowQuery},
};

use super::{etag::IfNoneMatch, session::CurrentUser, write::Query};
use crate::service::{ServiceError, Services, oversight::flow};

/// Get flow metrics: cumulative flow, cycle and lead times, throughput, ageing and blocked time.
#[utoipa::path(
    get, path = "/oversight/flow", tag = "oversight", params(FlowQuery),
    responses(
        (status = 200, body = Flow, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "`If-None-Match` names its version."), (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn flow(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
    IfNoneMatch(known): IfNoneMatch,
    Query(query): Query<FlowQuery>,
) -> Result<Response, ServiceError> {
    let answer = flow::json(&services, &user, &query, &known).await?;
    Ok(answer.map(|text| ([(header::CONTENT_TYPE, "application/json")], text)).into_response())
}
