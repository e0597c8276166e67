//! Passwords: argon2id, away from the async threads, and not more at once than there are cores.
//!
//! A password is hashed in the normal form KC, as NIST SP 800-63B asks: systems compose what is typed differently. Hashes
//! of earlier builds are of what was typed, and match it still.

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

/// What came of comparing a password with a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordVerdict {
    /// Another password.
    Wrong,
    /// The password.
    Right,
    /// The password, but the hash is of what was typed and not of its normal form.
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
    /// Passwords at a cost.
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

    /// The hash of a password, with its salt and parameters, as a PHC string.
    ///
    /// # Errors
    /// When the server stops meanwhile.
    pub async fn hash(&self, password: String) -> Result<String, ServiceError> {
        self.work(move |argon| {
            argon
                .hash_password(normal(&password).as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|_| ServiceError::Internal("argon2 refused to hash"))
        })
        .await
    }

    /// Whether a password is the one of a hash. Without a hash it takes the same time to say no,
    /// so that nobody can measure which addresses have an account.
    ///
    /// # Errors
    /// When the server stops meanwhile.
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

    /// Whether a password may be chosen by somebody with this name and address.
    ///
    /// # Errors
    /// `invalid` and `weak_password`, on the field `password`.
    pub async fn check(&self, password: &str, name: &str, email: &str) -> Result<(), ServiceError> {
        let (password, name, email) = (password.to_owned(), name.to_owned(), email.to_owned());
        // Looking through the list takes about as long as a hash.
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
    /// Whether it is the password.
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
    async fn nobody_has_no_password() {
        let passwords = Passwords::new(PasswordCost::Token);
        assert_eq!(passwords.verify(None, "nobody's password".into()).await.unwrap(), PasswordVerdict::Wrong);
    }

    #[tokio::test]
    async fn however_a_system_composes_it_a_password_is_the_same() {
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
    async fn a_hash_of_what_was_typed_matches_it_still() {
        let passwords = Passwords::new(PasswordCost::Token);
        let old = passwords.argon.hash_password("Cafe\u{301}".as_bytes()).unwrap().to_string();
        let verdict = async |typed: &str| passwords.verify(Some(old.clone()), typed.into()).await.unwrap();
        assert_eq!(verdict("Cafe\u{301}").await, PasswordVerdict::RightAsTyped);
        assert_eq!(verdict("Caf\u{e9}").await, PasswordVerdict::Wrong, "nobody knows what was typed then");
    }
}
