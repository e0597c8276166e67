//! `/api/oversight/report`: weekly reports as JSON, CSV and Markdown.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse as _, Response},
};
use engine::{
    ProjectId, User,
    error::ErrorBody,
    oversight::{Report, query::ReportQuery},
};

use super::{etag::IfNoneMatch, oversight::attachment, session::CurrentUser, write::Query};
use crate::{
    audit,
    service::{
        ServiceError, Services,
        oversight::report::{self, Read},
    },
};

/// Get the report of a week: a past week as it was at its end, the current one as it is now.
#[utoipa::path(
    get, path = "/oversight/report", tag = "oversight", params(ReportQuery),
    responses(
        (status = 200, body = Report, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "`If-None-Match` names its version."), (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn json(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
    IfNoneMatch(known): IfNoneMatch,
    Query(query): Query<ReportQuery>,
) -> Result<Response, ServiceError> {
    let answer = report::json(&services, &user, &query, &known).await?;
    Ok(answer.map(|text| ([(header::CONTENT_TYPE, "application/json")], text)).into_response())
}

/// Get the report of a week as CSV, with a row per task and category.
#[utoipa::path(
    get, path = "/oversight/report.csv", tag = "oversight", params(ReportQuery),
    responses(
        (status = 200, content_type = "text/csv", body = String, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "`If-None-Match` names its version."), (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn csv(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
    IfNoneMatch(known): IfNoneMatch,
    Query(query): Query<ReportQuery>,
) -> Result<Response, ServiceError> {
    let read = report::report(&services, &user, &query, &known).await?;
    Ok(read
        .map(|read| file(&user, query.project, &read, "csv", "text/csv; charset=utf-8; header=present", read.csv()))
        .into_response())
}

/// Get the report of a week as Markdown.
#[utoipa::path(
    get, path = "/oversight/report.md", tag = "oversight", params(ReportQuery),
    responses(
        (status = 200, content_type = "text/markdown", body = String, headers(("ETag" = String, description = "Its version."))),
        (status = 304, description = "`If-None-Match` names its version."), (status = "4XX", body = ErrorBody)
    )
)]
pub(super) async fn markdown(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
    IfNoneMatch(known): IfNoneMatch,
    Query(query): Query<ReportQuery>,
) -> Result<Response, ServiceError> {
    let read = report::report(&services, &user, &query, &known).await?;
    Ok(read
        .map(|read| file(&user, query.project, &read, "md", "text/markdown; charset=utf-8", read.markdown()))
        .into_response())
}

fn file(
    user: &User,
    project: Option<ProjectId>,
    read: &Read,
    ending: &str,
    kind: &'static str,
    text: String,
) -> Response {
    let name = format!("report-{}.{ending}", read.report.week);
    audit::export(user, project, &name);
    attachment(kind, &name, text)
}
