//! The session cookie.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, HeaderValue, header, request::Parts},
};
use axum_extra::extract::CookieJar;
use engine::{ApiError, User};

use crate::{
    security,
    service::{
        ServiceError,
        account::{CurrentSession, KNOWN_FOR, KnownDevices},
    },
    state::AppState,
    store::{Device, StoreError},
};

/// The cookie's name over plain HTTP.
pub(super) const PLAIN: &str = "lockstep_session";
/// Its name over TLS: browsers accept it only from this host, and only over TLS.
const HOST: &str = "__Host-lockstep_session";
/// The cookie of known devices, over plain HTTP.
const DEVICE_PLAIN: &str = "lockstep_device";
/// Its name over TLS.
const DEVICE_SECURE: &str = "__Secure-lockstep_device";
/// The cookie's lifetime in seconds: the longest that browsers allow. The server decides when the session ends, and
/// extends it with each use.
const MAX_AGE: u32 = 400 * 24 * 60 * 60;

/// The current session; 401 `not_signed_in` without one.
impl FromRequestParts<AppState> for CurrentSession {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ServiceError> {
        // The check of the page's user has looked it up already.
        if let Some(session) = parts.extensions.get::<Self>() {
            return Ok(session.clone());
        }
        match current_of(state, &parts.headers, &parts.extensions).await? {
            Some(session) => Ok(session),
            None => Err(ApiError::new(401, "not_signed_in", "Sign in first.").into()),
        }
    }
}

/// The signed-in user; 401 `not_signed_in` without one.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub User);

impl FromRequestParts<AppState> for CurrentUser {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ServiceError> {
        CurrentSession::from_request_parts(parts, state).await.map(|session| Self(session.user))
    }
}

/// The session of the cookie, if it is valid.
///
/// # Errors
/// When the database does not answer.
pub async fn current(state: &AppState, headers: &HeaderMap) -> Result<Option<CurrentSession>, StoreError> {
    find(state, headers, &device(headers, None)).await
}

/// The session of a request whose peer address is known.
///
/// # Errors
/// When the database does not answer.
pub async fn current_of(
    state: &AppState,
    headers: &HeaderMap,
    extensions: &Extensions,
) -> Result<Option<CurrentSession>, StoreError> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let address = peer.map(|ConnectInfo(peer)| security::client_ip(&state.config, headers, peer.ip()));
    find(state, headers, &device(headers, address)).await
}

async fn find(state: &AppState, headers: &HeaderMap, device: &Device) -> Result<Option<CurrentSession>, StoreError> {
    match token(state, headers) {
        // The device is stored only if its address is known too.
        Some(token) => {
            let device = Some(device).filter(|device| !device.address.is_empty());
            state.services.accounts.session(&state.services.store, &state.services.realtime, &token, device).await
        }
        None => Ok(None),
    }
}

/// The device that sends a request, as its user sees it among their sessions.
pub(super) fn device(headers: &HeaderMap, address: Option<IpAddr>) -> Device {
    let agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    // IPv4 over a dual-stack socket is IPv4.
    let address = address.map(|address| address.to_canonical().to_string());
    Device { user_agent: agent.unwrap_or_default(), address: address.unwrap_or_default() }
}

/// The token in the session cookie.
pub(super) fn token(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    jar.get(name(state, headers)).map(|cookie| cookie.value().to_owned())
}

/// The header that sets the session cookie; an empty token removes it.
pub(super) fn set_cookie(state: &AppState, headers: &HeaderMap, token: &str) -> [(header::HeaderName, HeaderValue); 1] {
    let name = name(state, headers);
    let secure = if name == HOST { "; Secure" } else { "" };
    let age = if token.is_empty() { 0 } else { MAX_AGE };
    let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    // The token is base64: always a valid header value.
    let value = HeaderValue::try_from(cookie).unwrap_or_else(|_| HeaderValue::from_static(""));
    [(header::SET_COOKIE, value)]
}

/// The accounts that the browser's cookie claims to be known to.
pub(super) fn known_devices(state: &AppState, headers: &HeaderMap) -> KnownDevices {
    let name = if security::is_secure(&state.config, headers) { DEVICE_SECURE } else { DEVICE_PLAIN };
    let jar = CookieJar::from_headers(headers);
    jar.get(name).map(|cookie| KnownDevices::parse(cookie.value())).unwrap_or_default()
}

/// The header that sets the cookie of known devices. It outlives the session, so that a returning user is recognised.
pub(super) fn set_known_devices(
    state: &AppState,
    headers: &HeaderMap,
    known: &KnownDevices,
) -> [(header::HeaderName, HeaderValue); 1] {
    let (name, secure) = match security::is_secure(&state.config, headers) {
        true => (DEVICE_SECURE, "; Secure"),
        false => (DEVICE_PLAIN, ""),
    };
    let known = known.to_cookie();
    let cookie = format!("{name}={known}; Path=/api/auth; HttpOnly; SameSite=Strict; Max-Age={KNOWN_FOR}{secure}");
    // Base64 and digits: always a valid header value.
    [(header::SET_COOKIE, HeaderValue::try_from(cookie).unwrap_or_else(|_| HeaderValue::from_static("")))]
}

fn name(state: &AppState, headers: &HeaderMap) -> &'static str {
    if security::is_secure(&state.config, headers) { HOST } else { PLAIN }
}
