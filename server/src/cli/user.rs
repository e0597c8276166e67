//! `lockstep user …`: accounts, managed by the operator. Passwords are never arguments, which every process of the
//! machine can read.

use std::io::{self, Write as _};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use clap::{Args, Subcommand};
use engine::{ApiError, User};
use rand::{TryRngCore as _, rngs::OsRng};

use crate::{
    audit::{AuditEntry, AuditEvent},
    config::Config,
    realtime::{Revocation, bus::redis},
    service::{
        ServiceError,
        account::{self, Registration},
    },
    startup::{self, StartError},
    store::Store,
};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Create an account, even if registration is closed
    Add {
        /// Sign-in address
        email: String,
        /// Name shown on boards
        #[arg(long)]
        name: String,
        #[command(flatten)]
        password: Password,
    },
    /// Set a new password and end the account's sessions
    ResetPassword {
        /// Sign-in address
        email: String,
        #[command(flatten)]
        password: Password,
    },
    /// Print a link with which the owner of an account can set a new password: it works once, for 30 minutes
    ResetLink {
        /// Sign-in address
        email: String,
    },
    /// Mark the address of an account as verified, without a letter
    Verify {
        /// Sign-in address
        email: String,
    },
    /// Change the address of an account; the new one counts as verified
    SetEmail {
        /// Sign-in address
        email: String,
        /// New address
        new: String,
    },
    /// Disable an account and end its sessions; its tasks and memberships stay
    Disable {
        /// Sign-in address
        email: String,
    },
    /// Enable a disabled account
    Enable {
        /// Sign-in address
        email: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Password {
    /// Read the password from standard input; by default one is generated and printed
    #[arg(long)]
    password_stdin: bool,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum UserError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{}", .0.message)]
    Refused(ApiError),
    #[error("cannot read the password: {0}")]
    Read(io::Error),
    #[error("cannot print the answer: {0}")]
    Print(io::Error),
}

impl UserCommand {
    pub(super) async fn run(self, config: Config) -> Result<(), UserError> {
        let store = startup::open_store(&config).await?;
        let entry = self.entry();
        let done = self.execute(&config, &store).await;
        match &done {
            Ok(Done { user, .. }) => entry.user(user).write(),
            Err(UserError::Refused(error)) => entry.refused(&error.code),
            Err(_) => {}
        }
        store.close().await;
        let Done { did, user, more } = done?;
        let mut out = io::stdout().lock();
        writeln!(out, "{did} {}", user.email).map_err(UserError::Print)?;
        if let Some(more) = more {
            writeln!(out, "{more}").map_err(UserError::Print)?;
        }
        Ok(())
    }

    /// The audit entry of a command, with its account.
    fn entry(&self) -> AuditEntry {
        let (event, email) = match self {
            Self::Add { email, .. } => (AuditEvent::AccountCreated, email),
            Self::ResetPassword { email, .. } => (AuditEvent::PasswordReset, email),
            Self::ResetLink { email } => (AuditEvent::PasswordResetRequested, email),
            Self::Verify { email } => (AuditEvent::EmailVerified, email),
            Self::SetEmail { email, .. } => (AuditEvent::EmailChanged, email),
            Self::Disable { email } => (AuditEvent::AccountDisabled, email),
            Self::Enable { email } => (AuditEvent::AccountEnabled, email),
        };
        AuditEntry::by_operator(event).account(email)
    }

    async fn execute(self, config: &Config, store: &Store) -> Result<Done, UserError> {
        let accounts = startup::accounts(config);
        let refused = |error: ServiceError| UserError::Refused(error.into_error());
        match self {
            Self::Add { email, name, password } => {
                let (password, made_up) = password.get().map_err(UserError::Read)?;
                let registration = Registration { email, name, password, invitation: None };
                let user = accounts.create(store, registration).await.map_err(refused)?;
                Ok(Done { did: "made the account", user, more: made_up.map(shown) })
            }
            Self::ResetPassword { email, password } => {
                let (password, made_up) = password.get().map_err(UserError::Read)?;
                let user = accounts.reset_password(store, &email, password).await.map_err(refused)?;
                sign_out(config, &user).await;
                Ok(Done { did: "set the password of", user, more: made_up.map(shown) })
            }
            Self::Disable { email } => {
                let user = account::set_disabled(store, &email, true).await.map_err(refused)?;
                sign_out(config, &user).await;
                Ok(Done { did: "disabled", user, more: None })
            }
            Self::Enable { email } => {
                let user = account::set_disabled(store, &email, false).await.map_err(refused)?;
                Ok(Done { did: "enabled", user, more: None })
            }
            Self::ResetLink { email } => {
                let (user, token) = accounts.reset_link(store, &email).await.map_err(refused)?;
                let server = config.public_url.clone().unwrap_or_else(|| format!("http://{}", config.addr));
                let more = Some(format!("{server}/reset-password#{token}"));
                Ok(Done { did: "made a link for", user, more })
            }
            Self::Verify { email } => {
                let user = account::profile::verify(store, &email).await.map_err(refused)?;
                Ok(Done { did: "verified", user, more: None })
            }
            Self::SetEmail { email, new } => {
                let user = account::profile::set_address(store, &email, &new).await.map_err(refused)?;
                Ok(Done { did: "set the address to", user, more: None })
            }
        }
    }
}

/// The output of a successful command.
struct Done {
    did: &'static str,
    user: User,
    /// A generated password, or a link.
    more: Option<String>,
}

fn shown(password: String) -> String {
    format!("password: {password}")
}

/// Notifies running servers; without Redis they notice within half a minute.
async fn sign_out(config: &Config, user: &User) {
    let Some(url) = &config.redis.url else { return };
    let client = match redis::client(url, config.redis.ca.as_deref()) {
        Ok(client) => client,
        Err(error) => {
            tracing::warn!(%error, "could not publish to redis; running servers notice by themselves");
            return;
        }
    };
    if let Err(error) = redis::announce(&client, Revocation::User { id: user.id, except: None }).await {
        tracing::warn!(%error, "redis does not answer: running servers close the account's pages within half a minute");
    }
}

impl Password {
    /// The password, and a copy to print if it was generated.
    fn get(&self) -> io::Result<(String, Option<String>)> {
        if self.password_stdin {
            return Ok((io::read_to_string(io::stdin())?.trim_end_matches(['\r', '\n']).to_owned(), None));
        }
        let mut bytes = [0; 15];
        OsRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
        let password = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        Ok((password.clone(), Some(password)))
    }
}
