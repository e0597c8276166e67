//! Socket tokens, for clients without cookies and for pages of another origin.

use engine::UserId;
use serde::{Deserialize, Serialize};

use super::log::SessionId;
use crate::{
    clock,
    jwt::{self, Validity},
    secret::Secret,
};

/// Lifetime in seconds: long enough to open a socket.
const LIFE: u64 = 60;

/// A signed-in user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenUser {
    /// The user.
    pub(crate) id: UserId,
    /// The name shown to others.
    pub(crate) name: String,
    /// The session.
    pub(crate) session: SessionId,
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

/// Signs a token. It is valid no longer than the session.
pub(crate) fn mint(secret: &Secret, user: TokenUser) -> String {
    mint_at(secret, user, seconds())
}

/// Signs a token at `now`, in seconds since 1970.
fn mint_at(secret: &Secret, user: TokenUser, now: u64) -> String {
    let TokenUser { id, name, session } = user;
    let aud = <Claims as jwt::Claims>::AUDIENCE.to_owned();
    jwt::sign(secret, &Claims { sub: id, name, sid: session, aud, iat: now, exp: now + LIFE })
}

/// The user of a token, if it is valid.
pub(crate) fn verify(secret: &Secret, token: &str) -> Option<TokenUser> {
    let Claims { sub, name, sid, .. } = jwt::verify(secret, token, seconds())?;
    Some(TokenUser { id: sub, name, session: sid })
}

/// Seconds since 1970.
fn seconds() -> u64 {
    u64::try_from(clock::now().millis() / 1000).unwrap_or_default()
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

    fn ann() -> TokenUser {
        TokenUser { id: UserId::new(Uuid::from_u128(1)), name: "Ann".into(), session: SessionId::of("cookie") }
    }

    #[test]
    fn a_token_identifies_its_user_for_a_minute() {
        let (secret, now) = (secret("one"), seconds());
        assert_eq!(verify(&secret, &mint_at(&secret, ann(), now)), Some(ann()));
        assert_eq!(verify(&secret, &mint_at(&secret, ann(), now - LIFE - 1)), None, "it ends");
    }

    #[test]
    fn other_keys_and_audiences_are_refused() {
        let (secret, now) = (secret("one"), seconds());
        assert_eq!(verify(&self::secret("two"), &mint_at(&secret, ann(), now)), None);
        let TokenUser { id: sub, name, session: sid } = ann();
        let claims = Claims { sub, name, sid, aud: "api".into(), iat: now, exp: now + 9 };
        assert_eq!(verify(&secret, &jwt::sign(&secret, &claims)), None);
        assert_eq!(verify(&secret, "nonsense"), None);
    }
}
