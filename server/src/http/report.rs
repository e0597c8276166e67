//! `/api/oversight/report`: what a week brought, as JSON, CSV and Markdown.

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use engine::{
    ProjectId, User,
    error::ErrorBody,
    oversight::{Report, query::ReportQuery},
};

use super::{
    etag::{Known, versioned},
    session::CurrentUser,
    write::Query,
};
use crate::{
    audit,
    service::{
        Stop,
        oversight::report::{self, Read},
    },
    state::AppState,
};

/// What a week brought: of the past as it was at the week's end, of this week as it is now.
#[utoipa::path(
    get, path = "/oversight/report", tag = "oversight", params(ReportQuery),
    responses((status = 200, body = Report), (status = 304), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn json(
    CurrentUser(user): CurrentUser,
    State(state): State<AppState>,
    known: Known,
    Query(mut query): Query<ReportQuery>,
) -> Result<Response, Stop> {
    known.fill(&mut query.seen);
    let answer = report::json(&state, &user, &query).await?;
    let answer = answer.map(|(version, text)| (version, ([(header::CONTENT_TYPE, "application/json")], text)));
    Ok(versioned(answer, query.seen.as_ref()))
}

/// The same as CSV: a row for each task of each category.
#[utoipa::path(
    get, path = "/oversight/report.csv", tag = "oversight", params(ReportQuery),
    responses((status = 200, content_type = "text/csv", body = String), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn csv(
    CurrentUser(user): CurrentUser,
    State(state): State<AppState>,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Stop> {
    let read = report::report(&state, &user, &query).await?;
    Ok(file(&user, query.project, read, "csv", "text/csv; charset=utf-8; header=present", Read::csv))
}

/// The same as Markdown, to paste.
#[utoipa::path(
    get, path = "/oversight/report.md", tag = "oversight", params(ReportQuery),
    responses((status = 200, content_type = "text/markdown", body = String), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn markdown(
    CurrentUser(user): CurrentUser,
    State(state): State<AppState>,
    Query(query): Query<ReportQuery>,
) -> Result<Response, Stop> {
    let read = report::report(&state, &user, &query).await?;
    Ok(file(&user, query.project, read, "md", "text/markdown; charset=utf-8", Read::markdown))
}

fn file(
    user: &User,
    project: Option<ProjectId>,
    read: Option<Read>,
    ending: &str,
    kind: &'static str,
    text: impl Fn(&Read) -> String,
) -> Response {
    let Some(read) = read else { return StatusCode::NOT_MODIFIED.into_response() };
    let name = format!("report-{}.{ending}", read.report.week);
    audit::export(user, project, &name);
    let name = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, name)], text(&read)).into_response()
}
