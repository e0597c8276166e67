//! The token in the link of an invitation: 256 bits, made from a random seed and the server's secret.
//!
//! The database has the seed and a hash of the token. Neither of them, nor the secret alone, opens a project; the two
//! together let owners copy a link again and let a letter be sent later, without a stored token.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{TryRngCore as _, rngs::OsRng};
use sha2::{Digest as _, Sha256};

use crate::{jwt, secret::Secret, service::ServiceError};

/// Keeps these tokens apart from whatever else the secret signs: no JWT has a colon in what is signed.
const PURPOSE: &str = "invitation:";

/// A new token as the database knows it.
pub(super) struct NewToken {
    /// The random part of it.
    pub(super) seed: String,
    /// By which it is found.
    pub(super) hash: String,
}

impl NewToken {
    /// A token that has never been before.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(super) fn random(secret: &Secret) -> Result<Self, ServiceError> {
        let mut bytes = [0; 32];
        OsRng.try_fill_bytes(&mut bytes).map_err(|_| ServiceError::Internal("the system gives no random bytes"))?;
        let seed = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let token = derive(secret, &seed).ok_or(ServiceError::Internal("the secret signs nothing"))?;
        Ok(Self { hash: hash(&token), seed })
    }
}

/// The token of a seed; `None` where it was made under another secret.
pub(crate) fn again(secret: &Secret, seed: &str, known: &str) -> Option<String> {
    derive(secret, seed).filter(|token| hash(token) == known)
}

/// What the database knows a token by.
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
    fn a_token_comes_again_from_its_seed_and_its_secret_only() {
        let one = NewToken::random(&secret("one")).unwrap();
        let token = again(&secret("one"), &one.seed, &one.hash).unwrap();
        assert_eq!((token.len(), hash(&token)), (43, one.hash.clone()));
        assert_eq!(again(&secret("two"), &one.seed, &one.hash), None);
        let two = NewToken::random(&secret("one")).unwrap();
        assert_ne!((one.seed, one.hash), (two.seed, two.hash));
    }
}
