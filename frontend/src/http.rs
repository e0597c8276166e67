//! Requests to the API.

use engine::{ApiError, Method, OpId, Request, UserId, error::ErrorBody};
use gloo_net::http::{RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;
use web_sys::AbortSignal;

use crate::{
    clock,
    session_doubt::{self, SessionDoubt},
    user,
};

/// How long an answer may take, in milliseconds. A silently broken connection would hold a request for minutes, and the
/// ops behind it.
const TIMEOUT_MS: u32 = 20_000;
const NOT_MODIFIED: u16 = 304;

/// Sends a request and reads the answer. A write carries its op id, under which it can be sent again.
///
/// # Errors
/// The API's refusal; [`ApiError::network`] without an answer; `bad_answer` (502) for an answer that this build does
/// not expect.
pub(crate) async fn send<T: DeserializeOwned>(request: &Request, op_id: Option<OpId>) -> Result<T, ApiError> {
    let text = text(request, op_id).await?;
    serde_json::from_str(&text).map_err(|_| ApiError::illegible())
}

/// Sends a request and reads the answer, which may be empty.
pub(crate) async fn send_any(request: &Request, op_id: OpId) -> Result<Value, ApiError> {
    let text = text(request, Some(op_id)).await?;
    if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(&text).map_err(|_| ApiError::illegible()) }
}

/// Sends a request that is answered by 304 if `known` is still the current version.
///
/// Such a request bypasses the browser's cache, so that the page gets the server's own 304.
pub(crate) async fn send_unless_same<T: DeserializeOwned>(
    request: &Request,
    known: Option<&str>,
) -> Result<Option<T>, ApiError> {
    let tag = known.map(|version| format!("W/\"{version}\""));
    let headers: Vec<_> = tag.iter().map(|tag| ("If-None-Match", tag.clone())).collect();
    let response = response(request, headers, user::of_page()).await?;
    // Without a version there is nothing that could still be so.
    if response.status() == NOT_MODIFIED && known.is_some() {
        return Ok(None);
    }
    serde_json::from_str(&whole(response).await?).map(Some).map_err(|_| ApiError::illegible())
}

/// Sends a request without naming the page's user.
pub(crate) async fn send_unnamed<T: DeserializeOwned>(request: &Request) -> Result<T, ApiError> {
    let text = whole(response(request, Vec::new(), None).await?).await?;
    serde_json::from_str(&text).map_err(|_| ApiError::illegible())
}

/// Reads the text under a path.
pub(crate) async fn text(request: &Request, op_id: Option<OpId>) -> Result<String, ApiError> {
    whole(answer(request, op_id).await?).await
}

async fn answer(request: &Request, op_id: Option<OpId>) -> Result<Response, ApiError> {
    let headers = op_id.map(|op_id| ("Idempotency-Key", op_id.to_string()));
    response(request, headers.into_iter().collect(), user::of_page()).await
}

async fn response(
    request: &Request,
    headers: Vec<(&'static str, String)>,
    user: Option<UserId>,
) -> Result<Response, ApiError> {
    let mut builder = RequestBuilder::new(&request.path)
        .method(match request.method {
            Method::Get => gloo_net::http::Method::GET,
            Method::Post => gloo_net::http::Method::POST,
            Method::Patch => gloo_net::http::Method::PATCH,
            Method::Put => gloo_net::http::Method::PUT,
            Method::Delete => gloo_net::http::Method::DELETE,
        })
        .abort_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    for (name, value) in headers {
        builder = builder.header(name, &value);
    }
    if let Some(user) = user {
        builder = builder.header("Lockstep-User", &user.to_string());
    }
    let request = match &request.body {
        Some(body) => builder.header("Content-Type", "application/json").body(body.to_string()),
        None => builder.build(),
    };
    let asked = clock::wall();
    let response = request.map_err(|_| ApiError::network())?.send().await.map_err(|_| ApiError::network())?;
    clock::compare(response.headers().get("date"), asked);
    Ok(response)
}

async fn whole(response: Response) -> Result<String, ApiError> {
    let text = response.text().await.map_err(|_| ApiError::network())?;
    if response.ok() {
        return Ok(text);
    }
    let error = refusal(&response, &text);
    if error.code == "other_user" {
        session_doubt::raise(SessionDoubt::OtherUser);
    }
    if error.status == 401 && error.code == "not_signed_in" {
        session_doubt::raise(SessionDoubt::SignedOut);
    }
    Err(error)
}

fn refusal(response: &Response, text: &str) -> ApiError {
    let error = match serde_json::from_str(text) {
        Ok(ErrorBody { error }) => error,
        // Not an API error, most likely a proxy's.
        Err(_) => ApiError::new(0, "unexpected", "The server gave no reason."),
    };
    ApiError { status: response.status(), retry_after: retry_after(response), ..error }
}

/// `Retry-After` in seconds. Other forms are ignored: the usual wait applies.
fn retry_after(response: &Response) -> Option<u16> {
    response.headers().get("retry-after")?.trim().parse().ok()
}
