//! Passwords: argon2id, away from the async threads, and not more at once than there are cores.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::{OnceCell, Semaphore};

use super::Stop;

/// How much work a hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// What OWASP advises: 19 MiB, two passes.
    Full,
    /// As little as argon2 allows: for tests, which sign in all the time.
    Token,
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
    pub fn new(cost: Cost) -> Self {
        let params = match cost {
            Cost::Full => Params::DEFAULT,
            Cost::Token => Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or(Params::DEFAULT),
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
    pub async fn hash(&self, password: String) -> Result<String, Stop> {
        self.work(move |argon| {
            argon
                .hash_password(password.as_bytes())
                .map(|hash| hash.to_string())
                .map_err(|_| Stop::Internal("argon2 refused to hash"))
        })
        .await
    }

    /// Whether a password is the one of a hash. Without a hash it takes the same time to say no,
    /// so that nobody can measure which addresses have an account.
    ///
    /// # Errors
    /// When the server stops meanwhile.
    pub async fn verify(&self, hash: Option<String>, password: String) -> Result<bool, Stop> {
        let known = hash.is_some();
        let hash = match hash {
            Some(hash) => hash,
            None => self.decoy.get_or_try_init(|| self.hash("nobody's password".to_owned())).await?.clone(),
        };
        let matches = self
            .work(move |argon| {
                let hash =
                    PasswordHash::new(&hash).map_err(|_| Stop::Internal("a stored password hash is unreadable"))?;
                Ok(argon.verify_password(password.as_bytes(), &hash).is_ok())
            })
            .await?;
        Ok(known && matches)
    }

    async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Argon2<'static>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Stop> {
        let slot = self.slots.clone().acquire_owned().await.map_err(|_| Stop::Internal("no more passwords"))?;
        let argon = self.argon.clone();
        tokio::task::spawn_blocking(move || {
            let _slot = slot;
            job(&argon)
        })
        .await
        .map_err(|_| Stop::Internal("the password thread ended"))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_password_of_a_hash_matches() {
        let passwords = Passwords::new(Cost::Token);
        let hash = passwords.hash("correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.verify(Some(hash.clone()), "correct horse".into()).await.unwrap());
        assert!(!passwords.verify(Some(hash), "correct house".into()).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let passwords = Passwords::new(Cost::Token);
        assert!(!passwords.verify(None, "nobody's password".into()).await.unwrap());
    }
}
