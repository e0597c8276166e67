//! Socket tokens: for clients that cannot send a cookie, and for pages of another origin.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, State, rejection::BytesRejection},
};
use engine::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::log::SessionId;
use crate::{
    clock,
    jwt::{self, Validity},
    secret::Secret,
    service::account::CurrentSession,
    state::AppState,
};

/// How long it is good, in seconds: long enough to open a socket.
const LIFE: u64 = 60;

/// Somebody who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// Who.
    pub(super) id: UserId,
    /// The name that others see.
    pub(super) name: String,
    /// By which session.
    pub(super) session: SessionId,
}

/// A token that opens a socket.
#[derive(Debug, Serialize, ToSchema)]
pub struct WsToken {
    /// To be sent as `?token=`, or in an `auth` frame.
    pub token: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    name: String,
    sid: SessionId,
    aud: String,
    iat: u64,
    exp: u64,
}

impl jwt::Claims for Claims {
    const AUDIENCE: &'static str = "ws";

    fn audience(&self) -> &str {
        &self.aud
    }

    fn validity(&self) -> Option<Validity> {
        Some(Validity { issued_at: self.iat, expires_at: self.exp, longest: LIFE })
    }
}

/// Gives the signed-in user a token that opens sockets for a minute.
///
/// # Errors
/// When nobody is signed in (401 `not_signed_in`).
#[utoipa::path(
    post,
    path = "/ws-token",
    tag = "auth",
    summary = "Get a socket token",
    responses((status = 200, body = WsToken), (status = 401, body = engine::error::ErrorBody))
)]
pub async fn issue(State(secret): State<Secret>, session: CurrentSession, Skipped: Skipped) -> Json<WsToken> {
    Json(WsToken { token: mint(&secret, &session, seconds()) })
}

/// A body that says nothing, read all the same, so that the connection can go on.
pub struct Skipped;

impl FromRequest<AppState> for Skipped {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, BytesRejection> {
        Bytes::from_request(request, state).await.map(|_| Self)
    }
}

/// Signs a token for a session at `now`, in seconds since 1970. It is worth no more than the session.
fn mint(secret: &Secret, session: &CurrentSession, now: u64) -> String {
    let CurrentSession { user, id } = session;
    let (name, aud) = (user.name.clone(), <Claims as jwt::Claims>::AUDIENCE.to_owned());
    jwt::sign(secret, &Claims { sub: user.id, name, sid: *id, aud, iat: now, exp: now + LIFE })
}

/// Who a token stands for, if it is good.
pub(super) fn verify(secret: &Secret, token: &str) -> Option<Person> {
    let Claims { sub, name, sid, .. } = jwt::verify(secret, token, seconds())?;
    Some(Person { id: sub, name, session: sid })
}

/// Seconds since 1970.
fn seconds() -> u64 {
    u64::try_from(clock::now().millis() / 1000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use engine::User;
    use uuid::Uuid;

    use super::*;
    use crate::config::Config;

    fn secret(text: &str) -> Secret {
        let folder = tempfile::tempdir().unwrap();
        Secret::load(&Config { secret: Some(text.into()), ..Config::isolated(folder.path()) }).unwrap()
    }

    fn session() -> CurrentSession {
        let user = User { id: UserId::new(Uuid::from_u128(1)), email: "ann@example.org".into(), name: "Ann".into() };
        CurrentSession { user, id: SessionId::of("cookie") }
    }

    #[test]
    fn it_stands_for_the_user_for_a_minute() {
        let (secret, session, now) = (secret("one"), session(), seconds());
        let person = Person { id: session.user.id, name: "Ann".into(), session: session.id };
        assert_eq!(verify(&secret, &mint(&secret, &session, now)), Some(person));
        assert_eq!(verify(&secret, &mint(&secret, &session, now - LIFE - 1)), None, "it ends");
    }

    #[test]
    fn another_key_and_another_audience_open_nothing() {
        let (secret, session, now) = (secret("one"), session(), seconds());
        assert_eq!(verify(&self::secret("two"), &mint(&secret, &session, now)), None);
        let (sub, name, sid) = (session.user.id, "Ann".to_owned(), session.id);
        let claims = Claims { sub, name, sid, aud: "api".into(), iat: now, exp: now + 9 };
        assert_eq!(verify(&secret, &jwt::sign(&secret, &claims)), None);
        assert_eq!(verify(&secret, "nonsense"), None);
    }
}
