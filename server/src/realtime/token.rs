//! Socket tokens: for clients that cannot send a cookie, and for pages of another origin.

use axum::{Json, extract::State};
use engine::{User, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{http::session::CurrentUser, secret::Secret};

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
pub async fn issue(State(secret): State<Secret>, CurrentUser(user): CurrentUser) -> Json<WsToken> {
    Json(WsToken { token: mint(&secret, &user, jsonwebtoken::get_current_timestamp()) })
}

/// Signs a token for `user` at `now`, in seconds since 1970.
fn mint(secret: &Secret, user: &User, now: u64) -> String {
    let claims = Claims { sub: user.id, name: user.name.clone(), aud: AUDIENCE.to_owned(), iat: now, exp: now + LIFE };
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
    let Claims { sub, name, .. } = jsonwebtoken::decode(token, &key, &validation).ok()?.claims;
    Some(Person { id: sub, name })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::config::Config;

    fn secret(text: &str) -> Secret {
        let folder = tempfile::tempdir().unwrap();
        Secret::load(&Config { secret: Some(text.into()), ..Config::isolated(folder.path()) }).unwrap()
    }

    fn user() -> User {
        User { id: UserId::new(Uuid::from_u128(1)), email: "ann@example.org".into(), name: "Ann".into() }
    }

    #[test]
    fn it_stands_for_the_user_for_a_minute() {
        let (secret, user, now) = (secret("one"), user(), jsonwebtoken::get_current_timestamp());
        let person = Person { id: user.id, name: "Ann".into() };
        assert_eq!(verify(&secret, &mint(&secret, &user, now)), Some(person));
        assert_eq!(verify(&secret, &mint(&secret, &user, now - LIFE - 1)), None, "it ends");
    }

    #[test]
    fn another_key_another_audience_and_no_signature_open_nothing() {
        let (secret, user, now) = (secret("one"), user(), jsonwebtoken::get_current_timestamp());
        assert_eq!(verify(&secret, &mint(&self::secret("two"), &user, now)), None);
        let claims = |aud: &str| Claims { sub: user.id, name: "Ann".into(), aud: aud.into(), iat: now, exp: now + 9 };
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
