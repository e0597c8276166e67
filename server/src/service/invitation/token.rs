//! The token in an invitation's link: 256 bits, derived from a random seed and the server's secret.
//!
//! The database stores the seed and a hash of the token. Neither alone, nor the secret alone, opens a project;
//! together they let owners copy a link again and let a letter be sent later, without a stored token.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{TryRngCore as _, rngs::OsRng};
use sha2::{Digest as _, Sha256};

use crate::{jwt, secret::Secret, service::ServiceError};

/// Separates these tokens from other uses of the secret: a signed JWT contains no colon.
const PURPOSE: &str = "invitation:";

/// A new token, as stored.
pub(super) struct NewToken {
    /// Its random seed.
    pub(super) seed: String,
    /// Its hash.
    pub(super) hash: String,
}

impl NewToken {
    /// A new random token.
    ///
    /// # Errors
    /// When the system provides no random bytes.
    pub(super) fn random(secret: &Secret) -> Result<Self, ServiceError> {
        let mut bytes = [0; 32];
        OsRng.try_fill_bytes(&mut bytes).map_err(|_| ServiceError::Internal("the system gives no random bytes"))?;
        let seed = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let token = derive(secret, &seed).ok_or(ServiceError::Internal("the secret signs nothing"))?;
        Ok(Self { hash: hash(&token), seed })
    }
}

/// The token of a seed; `None` if it was made with another secret.
pub(crate) fn from_seed(secret: &Secret, seed: &str, known: &str) -> Option<String> {
    derive(secret, seed).filter(|token| hash(token) == known)
}

/// The stored hash of a token.
pub(crate) fn hash(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

fn derive(secret: &Secret, seed: &str) -> Option<String> {
    jwt::signature(secret, &format!("{PURPOSE}{seed}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn secret(text: &str) -> Secret {
        let folder = tempfile::tempdir().unwrap();
        Secret::load(&Config { secret: Some(text.into()), ..Config::isolated(folder.path()) }).unwrap()
    }

    #[test]
    fn a_token_is_derived_from_its_seed_and_its_secret_only() {
        let one = NewToken::random(&secret("one")).unwrap();
        let token = from_seed(&secret("one"), &one.seed, &one.hash).unwrap();
        assert_eq!((token.len(), hash(&token)), (43, one.hash.clone()));
        assert_eq!(from_seed(&secret("two"), &one.seed, &one.hash), None);
        let two = NewToken::random(&secret("one")).unwrap();
        assert_ne!((one.seed, one.hash), (two.seed, two.hash));
    }
}
