//! Who asks for a socket: what their request shows of it.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, Extension, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};

use crate::{
    http::session,
    realtime::{
        Who,
        token::{self, TokenUser},
    },
    security,
    service::account::CurrentSession,
    state::AppState,
};

/// Where a request for a socket comes from.
pub(super) struct Caller {
    /// What to count their sockets against.
    pub(super) address: IpAddr,
    /// What they sent along.
    pub(super) headers: HeaderMap,
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().copied().map(Extension);
        let address = security::address(&state.config, &parts.headers, peer);
        Ok(Self { address, headers: parts.headers.clone() })
    }
}

/// The session cookie counts only from an allowed origin: a page of somebody else's could open a
/// socket with it, and unlike a fetch it could read what comes. A `page` of this server has a cookie or nothing.
pub(super) async fn who(state: &AppState, token: Option<String>, headers: &HeaderMap, page: bool) -> Who {
    let mut shown = false;
    if security::origin_allowed(&state.config, headers) {
        match session::current(state, headers).await {
            Ok(Some(CurrentSession { user, id })) => {
                return Who::Known(TokenUser { id: user.id, name: user.name, session: id });
            }
            Ok(None) => shown = shows_session(headers),
            Err(error) => {
                tracing::warn!(%error, "a socket's session cannot be read");
                return Who::Unclear;
            }
        }
    }
    match token {
        Some(token) => token::verify(&state.services.secret, &token).map_or(Who::Nobody, Who::Known),
        // A browser whose session ended, or whose cookie is gone, learns it at once.
        None if shown || page => Who::Nobody,
        None => Who::Unsaid,
    }
}

fn shows_session(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|cookies| cookies.contains("lockstep_session="))
}
