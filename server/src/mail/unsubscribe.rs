//! `/unsubscribe/{token}`: the unsubscribe link of every letter, for people and (RFC 8058) for mail programs.

use axum::{
    Router,
    extract::{FromRef, Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use engine::UserId;

use super::token;
use crate::{
    clock,
    secret::Secret,
    service::{ServiceError, preferences},
    store::{Milestone, Store},
};

/// A form, and no script or style.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");

/// The alternative on the account page.
const SETTINGS: &str = "<p>You can turn off e-mail on <a href=\"/account\">your account page</a>.</p>";

/// The unsubscribe link. Not part of the API: its user need not be signed in.
pub fn router<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Store: FromRef<S>,
    Secret: FromRef<S>,
{
    Router::new().route("/unsubscribe/{token}", get(ask).post(end))
}

/// Asks for confirmation: virus scanners follow every link.
async fn ask(
    State(store): State<Store>,
    State(secret): State<Secret>,
    Path(token): Path<String>,
) -> Result<Response, ServiceError> {
    Ok(match recipient(&store, &secret, &token).await? {
        Ok(_) => page(
            StatusCode::OK,
            "<h1>Stop all e-mail?</h1>\n<p>Lockstep will stop sending you e-mail. The bell in the page stays.</p>\n\
             <form method=\"post\"><button type=\"submit\">Stop all e-mail</button></form>",
        ),
        Err(refusal) => refusal,
    })
}

async fn end(
    State(store): State<Store>,
    State(secret): State<Secret>,
    Path(token): Path<String>,
) -> Result<Response, ServiceError> {
    let user = match recipient(&store, &secret, &token).await? {
        Ok(user) => user,
        Err(refusal) => return Ok(refusal),
    };
    preferences::end_mail(&store, user).await?;
    let done =
        "<h1>Done</h1>\n<p>Lockstep won't send you any more e-mail. You can turn it on again on your account page.</p>";
    Ok(page(StatusCode::OK, done))
}

/// The user of a token, or a page that explains why it is invalid.
async fn recipient(store: &Store, secret: &Secret, token: &str) -> Result<Result<UserId, Response>, ServiceError> {
    let Some(read) = token::read(secret, token) else {
        return Ok(Err(page(StatusCode::NOT_FOUND, &format!("<h1>This link is broken</h1>\n{SETTINGS}"))));
    };
    let dated_since = store.reached_at(Milestone::DatedUnsubscribing).await?;
    if read.is_late(clock::now(), dated_since) {
        return Ok(Err(page(StatusCode::GONE, &format!("<h1>This link has expired</h1>\n{SETTINGS}"))));
    }
    Ok(Ok(read.user))
}

fn page(status: StatusCode, main: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>E-mail · Lockstep</title>\n</head>\n\
         <body>\n<main>\n{main}\n</main>\n</body>\n</html>\n"
    );
    (status, [(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
}
