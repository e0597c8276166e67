//! Socket tokens: for clients that cannot send a cookie, and for pages of another origin.

use axum::{Json, extract::State};
use engine::UserId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::log::SessionId;
use crate::{secret::Secret, service::account::CurrentSession};

/// What a token is good for.
const AUDIENCE: &str = "ws";
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
pub async fn issue(State(secret): State<Secret>, session: CurrentSession) -> Json<WsToken> {
    Json(WsToken { token: mint(&secret, &session, jsonwebtoken::get_current_timestamp()) })
}

/// Signs a token for a session at `now`, in seconds since 1970. It is worth no more than the session.
fn mint(secret: &Secret, session: &CurrentSession, now: u64) -> String {
    let CurrentSession { user, id } = session;
    let (name, aud) = (user.name.clone(), AUDIENCE.to_owned());
    let claims = Claims { sub: user.id, name, sid: *id, aud, iat: now, exp: now + LIFE };
    let key = EncodingKey::from_secret(secret.bytes());
    // HS256 takes a key of any length, and these claims are always JSON; an empty token opens nothing.
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap_or_default()
}

/// Who a token stands for, if it is good.
pub(super) fn verify(secret: &Secret, token: &str) -> Option<Person> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "aud", "sub"]);
    // One clock signs and checks: nothing to be lenient about.
    validation.leeway = 0;
    let key = DecodingKey::from_secret(secret.bytes());
    let Claims { sub, name, sid, .. } = jsonwebtoken::decode(token, &key, &validation).ok()?.claims;
    Some(Person { id: sub, name, session: sid })
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
        let (secret, session, now) = (secret("one"), session(), jsonwebtoken::get_current_timestamp());
        let person = Person { id: session.user.id, name: "Ann".into(), session: session.id };
        assert_eq!(verify(&secret, &mint(&secret, &session, now)), Some(person));
        assert_eq!(verify(&secret, &mint(&secret, &session, now - LIFE - 1)), None, "it ends");
    }

    #[test]
    fn another_key_another_audience_and_no_signature_open_nothing() {
        let (secret, session, now) = (secret("one"), session(), jsonwebtoken::get_current_timestamp());
        assert_eq!(verify(&secret, &mint(&self::secret("two"), &session, now)), None);
        let claims = |aud: &str| {
            let (sub, name, sid) = (session.user.id, "Ann".to_owned(), session.id);
            Claims { sub, name, sid, aud: aud.into(), iat: now, exp: now + 9 }
        };
        let key = EncodingKey::from_secret(secret.bytes());
        let sign = |algorithm, aud| jsonwebtoken::encode(&Header::new(algorithm), &claims(aud), &key).unwrap();
        assert!(verify(&secret, &sign(Algorithm::HS256, AUDIENCE)).is_some());
        assert_eq!(verify(&secret, &sign(Algorithm::HS256, "api")), None);
        assert_eq!(verify(&secret, &sign(Algorithm::HS512, AUDIENCE)), None);
        let good = sign(Algorithm::HS256, AUDIENCE);
        let unsigned = good.rsplit_once('.').unwrap().0;
        assert_eq!(verify(&secret, &format!("{unsigned}.")), None);
        assert_eq!(verify(&secret, "nonsense"), None);
    }
}
