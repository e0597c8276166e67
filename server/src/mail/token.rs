//! The token in the unsubscribe link: it names the user and the time, and grants nothing else.

use engine::{Timestamp, UserId, time::DAY_MS};
use serde::{Deserialize, Serialize};

use crate::{
    jwt::{self, Validity},
    secret::Secret,
};

/// Lifetime of a link, in milliseconds: 180 days. CAN-SPAM requires 30, RFC 8058 no limit; this is long enough for old
/// letters, and limits what a forwarded one is worth.
pub(super) const LIFE_MS: i64 = 180 * DAY_MS;

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    aud: String,
    /// When it was created, in seconds since 1970. Missing in earlier builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
}

/// The contents of a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnsubscribeToken {
    /// The user whose e-mail it ends.
    pub(super) user: UserId,
    /// When it was created; `None` if by an earlier build.
    issued_at: Option<Timestamp>,
}

impl UnsubscribeToken {
    /// Whether the link is too old. A link without a time counts as created when the database first met a build that
    /// adds one.
    pub(super) fn is_late(&self, now: Timestamp, dated_since: Option<Timestamp>) -> bool {
        let issued_at = self.issued_at.or(dated_since);
        issued_at.is_some_and(|at| now.millis().saturating_sub(at.millis()) >= LIFE_MS)
    }
}

impl jwt::Claims for Claims {
    const AUDIENCE: &'static str = "unsubscribe";

    fn audience(&self) -> &str {
        &self.aud
    }

    /// Expiry depends on more than the token: see [`UnsubscribeToken::is_late`].
    fn validity(&self) -> Option<Validity> {
        None
    }
}

/// Signs a token for a user.
pub(super) fn mint(secret: &Secret, user: UserId, now: Timestamp) -> String {
    let aud = <Claims as jwt::Claims>::AUDIENCE.to_owned();
    jwt::sign(secret, &Claims { sub: user, aud, iat: Some(now.millis().div_euclid(1000)) })
}

/// The contents of a token signed by this server, which may be too old.
pub(super) fn read(secret: &Secret, token: &str) -> Option<UnsubscribeToken> {
    let Claims { sub, iat, .. } = jwt::verify(secret, token, 0)?;
    let issued_at = iat.map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1000)));
    Some(UnsubscribeToken { user: sub, issued_at })
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

    fn user() -> UserId {
        UserId::new(Uuid::from_u128(1))
    }

    #[test]
    fn it_names_its_user_and_cannot_be_forged() {
        let token = mint(&secret("one"), user(), Timestamp::from_millis(0));
        assert_eq!(read(&secret("one"), &token).map(|read| read.user), Some(user()));
        assert_eq!(read(&secret("two"), &token), None);
        assert_eq!(read(&secret("one"), ""), None);
    }

    #[test]
    fn it_is_valid_for_half_a_year_and_one_without_a_date_from_the_upgrade_on() {
        let made = Timestamp::from_millis(1_700_000_000_000);
        let (last, over) = (made.plus(LIFE_MS - 1), made.plus(LIFE_MS));
        let dated = read(&secret("one"), &mint(&secret("one"), user(), made)).unwrap();
        assert!(!dated.is_late(last, None) && dated.is_late(over, None));
        assert!(!dated.is_late(made.plus(-DAY_MS), None), "another node's clock is ahead");

        let claims = Claims { sub: user(), aud: <Claims as jwt::Claims>::AUDIENCE.to_owned(), iat: None };
        let undated = read(&secret("one"), &jwt::sign(&secret("one"), &claims)).unwrap();
        assert!(!undated.is_late(last, Some(made)) && undated.is_late(over, Some(made)));
    }
}
