//! Hashes and checks passwords with argon2id, on blocking threads, at most as many at once as there are cores.
//!
//! A password is hashed in normal form KC, as NIST SP 800-63B requires, since systems compose input differently.
//! Hashes of earlier builds, made from the input as typed, still match.

mod rules;

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use engine::ApiError;
use tokio::sync::{OnceCell, Semaphore};
use unicode_normalization::{UnicodeNormalization as _, is_nfkc};

use super::ServiceError;
use crate::config::PasswordCost;

/// The result of comparing a password with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// It does not match.
    Wrong,
    /// It matches.
    Right,
    /// It matches as typed, but not in its normal form.
    RightAsTyped,
}

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    argon: Argon2<'static>,
    slots: Arc<Semaphore>,
    decoy: Arc<OnceCell<String>>,
}

impl Passwords {
    /// Creates a hasher with a cost.
    pub fn new(cost: PasswordCost) -> Self {
        let params = match cost {
            PasswordCost::Full => Params::DEFAULT,
            PasswordCost::Token => Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or(Params::DEFAULT),
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            slots: Arc::new(Semaphore::new(cores)),
            decoy: Arc::new(OnceCell::new()),
        }
    }

    /// The hash of a password as a PHC string, with salt and parameters.
    ///
    /// # Errors
    /// When the server is stopping.
    pub async fn hash(&self, password: String) -> Result<String, ServiceError> {
        self.work(move |argon| {
            argon
                .hash_password(normal(&password).as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|_| ServiceError::Internal("argon2 refused to hash"))
        })
        .await
    }

    /// Compares a password with a hash. Without a hash it takes the same time, so that no one can measure which
    /// addresses have an account.
    ///
    /// # Errors
    /// When the server is stopping.
    pub async fn verify(&self, hash: Option<String>, password: String) -> Result<PasswordVerdict, ServiceError> {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => self.decoy.get_or_try_init(|| self.hash("nobody's password".to_owned())).await?.clone(),
        };
        let verdict = self
            .work(move |argon| {
                let hash = PasswordHash::new(&hash)
                    .map_err(|_| ServiceError::Internal("a stored password hash is unreadable"))?;
                let is_of = |password: &str| argon.verify_password(password.as_bytes(), &hash).is_ok();
                Ok(if is_of(&normal(&password)) {
                    PasswordVerdict::Right
                } else if !is_nfkc(&password) && is_of(&password) {
                    PasswordVerdict::RightAsTyped
                } else {
                    PasswordVerdict::Wrong
                })
            })
            .await?;
        Ok(if known { verdict } else { PasswordVerdict::Wrong })
    }

    /// Checks whether a user with this name and address may choose a password.
    ///
    /// # Errors
    /// `invalid` and `weak_password`, on the field `password`.
    pub async fn check(&self, password: &str, name: &str, email: &str) -> Result<(), ServiceError> {
        let (password, name, email) = (password.to_owned(), name.to_owned(), email.to_owned());
        // Searching the list takes about as long as hashing.
        let checked: Result<(), ApiError> = self.work(move |_| Ok(rules::check(&password, &name, &email))).await?;
        Ok(checked?)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Argon2<'static>) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let slot = self.slots.clone().acquire_owned().await.map_err(|_| ServiceError::Internal("no more passwords"))?;
        let argon = self.argon.clone();
        tokio::task::spawn_blocking(move || {
            let _slot = slot;
            job(&argon)
        })
        .await
        .map_err(|_| ServiceError::Internal("the password thread ended"))?
    }
}

impl PasswordVerdict {
    /// Whether the password matches.
    pub fn is_right(self) -> bool {
        self != Self::Wrong
    }
}

/// The normal form in which passwords are hashed.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_of_a_hash_matches() {
        let passwords = Passwords::new(PasswordCost::Token);
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        let verdict = async |password: &str| passwords.verify(Some(hash.clone()), password.into()).await.unwrap();
        assert_eq!(verdict("correct horse").await, PasswordVerdict::Right);
        assert_eq!(verdict("correct house").await, PasswordVerdict::Wrong);
    }

    #[tokio::test]
    async fn a_missing_account_has_no_password() {
        let passwords = Passwords::new(PasswordCost::Token);
        assert_eq!(passwords.verify(None, "nobody's password".into()).await.unwrap(), PasswordVerdict::Wrong);
    }

    #[tokio::test]
    async fn a_password_is_the_same_in_any_composition() {
        let passwords = Passwords::new(PasswordCost::Token);
        let hash = passwords.hash("Cafe\u{301} o\u{fb03}ce".into()).await.unwrap();
        for typed in ["Caf\u{e9} office", "Cafe\u{301} o\u{fb03}ce", "Ｃafé office"] {
            assert_eq!(
                passwords.verify(Some(hash.clone()), typed.into()).await.unwrap(),
                PasswordVerdict::Right,
                "{typed}"
            );
        }
        assert_eq!(passwords.verify(Some(hash), "cafe office".into()).await.unwrap(), PasswordVerdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_the_typed_form_still_matches() {
        let passwords = Passwords::new(PasswordCost::Token);
        let old = passwords.argon.hash_password("Cafe\u{301}".as_bytes()).unwrap().to_string();
        let verdict = async |typed: &str| passwords.verify(Some(old.clone()), typed.into()).await.unwrap();
        assert_eq!(verdict("Cafe\u{301}").await, PasswordVerdict::RightAsTyped);
        assert_eq!(verdict("Caf\u{e9}").await, PasswordVerdict::Wrong, "nobody knows what was typed then");
    }
}
