//! Who asks: the session cookie.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use axum_extra::extract::CookieJar;
use engine::{ApiError, User};

use crate::{
    security,
    service::{Stop, account::CurrentSession},
    state::AppState,
    store::StoreError,
};

/// The cookie's name over plain HTTP.
pub(super) const PLAIN: &str = "lockstep_session";
/// Its name behind TLS: a browser takes it only from this host, and only over TLS.
const HOST: &str = "__Host-lockstep_session";
/// What the browser may keep it for, in seconds: the most that browsers allow. When a session
/// really ends is up to the server, which puts the end off with each use.
const MAX_AGE: u32 = 400 * 24 * 60 * 60;

/// The session that is going on; 401 `not_signed_in` otherwise.
impl FromRequestParts<AppState> for CurrentSession {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Stop> {
        // The check of the page's user has looked it up already.
        if let Some(session) = parts.extensions.get::<Self>() {
            return Ok(session.clone());
        }
        match current(state, &parts.headers).await? {
            Some(session) => Ok(session),
            None => Err(ApiError::new(401, "not_signed_in", "Sign in first.").into()),
        }
    }
}

/// Whoever is signed in; 401 `not_signed_in` otherwise.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub User);

impl FromRequestParts<AppState> for CurrentUser {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Stop> {
        CurrentSession::from_request_parts(parts, state).await.map(|session| Self(session.user))
    }
}

/// Who the session cookie stands for, if it is there and good.
///
/// # Errors
/// When the database does not answer.
pub async fn user_from_headers(state: &AppState, headers: &HeaderMap) -> Result<Option<User>, StoreError> {
    Ok(current(state, headers).await?.map(|session| session.user))
}

/// The session of the cookie, if it is there and good.
///
/// # Errors
/// When the database does not answer.
pub async fn current(state: &AppState, headers: &HeaderMap) -> Result<Option<CurrentSession>, StoreError> {
    match token(state, headers) {
        Some(token) => state.accounts.session(&state.store, &state.realtime, &token).await,
        None => Ok(None),
    }
}

/// The token in the session cookie.
pub(super) fn token(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(name(state, headers)).map(|cookie| cookie.value().to_owned())
}

/// The header that gives a browser the session cookie; an empty token takes it away.
pub(super) fn set_cookie(state: &AppState, headers: &HeaderMap, token: &str) -> [(header::HeaderName, HeaderValue); 1] {
    let name = name(state, headers);
    let secure = if name == HOST { "; Secure" } else { "" };
    let age = if token.is_empty() { 0 } else { MAX_AGE };
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    // The token is base64: always a good header value.
    let value = HeaderValue::try_from(cookie).unwrap_or_else(|_| HeaderValue::from_static(""));
    [(header::SET_COOKIE, value)]
}

fn name(state: &AppState, headers: &HeaderMap) -> &'static str {
    if security::is_secure(&state.config, headers) { HOST } else { PLAIN }
}
