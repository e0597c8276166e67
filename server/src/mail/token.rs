//! The token in the link that ends e-mail: it says whose, for good, and is worth nothing else.

use engine::UserId;
use serde::{Deserialize, Serialize};

use crate::{
    jwt::{self, Validity},
    secret::Secret,
};

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: UserId,
    aud: String,
}

impl jwt::Claims for Claims {
    const AUDIENCE: &'static str = "unsubscribe";

    fn audience(&self) -> &str {
        &self.aud
    }

    /// Who wants no e-mail in a year may find an old letter first.
    fn validity(&self) -> Option<Validity> {
        None
    }
}

/// Signs a token for a user.
pub(super) fn mint(secret: &Secret, user: UserId) -> String {
    jwt::sign(secret, &Claims { sub: user, aud: <Claims as jwt::Claims>::AUDIENCE.to_owned() })
}

/// Whose e-mail a token ends, if it is good.
pub(super) fn recipient(secret: &Secret, token: &str) -> Option<UserId> {
    jwt::verify::<Claims>(secret, token, 0).map(|claims| claims.sub)
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
