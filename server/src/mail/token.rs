//! The token in the link that ends e-mail: it says whose, for good, and is worth nothing else.

use engine::UserId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// What a token is good for.
const AUDIENCE: &str = "unsubscribe";

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    aud: String,
}

/// Signs a token for a user.
pub(super) fn mint(secret: &Secret, user: UserId) -> String {
    let key = EncodingKey::from_secret(secret.bytes());
    // HS256 takes a key of any length, and these claims are always JSON; an empty token ends nothing.
    let claims = Claims { sub: user, aud: AUDIENCE.to_owned() };
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap_or_default()
}

/// Whose e-mail a token ends, if it is good.
pub(super) fn recipient(secret: &Secret, token: &str) -> Option<UserId> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["aud", "sub"]);
    // Who wants no e-mail in a year may find an old one first.
    validation.validate_exp = false;
    let key = DecodingKey::from_secret(secret.bytes());
    Some(jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims.sub)
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

    #[test]
    fn it_names_its_user_and_cannot_be_made_by_others() {
        let user = UserId::new(Uuid::from_u128(1));
        let token = mint(&secret("one"), user);
        assert_eq!(recipient(&secret("one"), &token), Some(user));
        assert_eq!(recipient(&secret("two"), &token), None);
        assert_eq!(recipient(&secret("one"), ""), None);
    }
}
