//! Identifies the opener of a socket from their request.

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
        OpenerIdentity,
        token::{self, TokenUser},
    },
    security,
    service::account::CurrentSession,
    state::AppState,
};

/// The origin of a request for a socket.
pub(super) struct Caller {
    /// The address that their sockets count against.
    pub(super) address: IpAddr,
    /// The headers of the request.
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

/// The identity of a socket's opener. The session cookie counts only from an allowed origin: a foreign page could
/// open a socket with it, and unlike with fetch it could read the frames. A `page` of this server has a cookie or
/// nothing.
pub(super) async fn identity(
    state: &AppState,
    token: Option<String>,
    headers: &HeaderMap,
    page: bool,
) -> OpenerIdentity {
    let mut shown = false;
    if security::origin_allowed(&state.config, headers) {
        match session::current(state, headers).await {
            Ok(Some(CurrentSession { user, id })) => {
                return OpenerIdentity::Known(TokenUser { id: user.id, name: user.name, session: id });
            }
            Ok(None) => shown = shows_session(headers),
            Err(error) => {
                tracing::warn!(%error, "could not read the session of a socket");
                return OpenerIdentity::Unavailable;
            }
        }
    }
    match token {
        Some(token) => {
            token::verify(&state.services.secret, &token).map_or(OpenerIdentity::Invalid, OpenerIdentity::Known)
        }
        // A browser whose session ended, or whose cookie is gone, is told at once.
        None if shown || page => OpenerIdentity::Invalid,
        None => OpenerIdentity::Pending,
    }
}

fn shows_session(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|cookies| cookies.contains("lockstep_session="))
}
