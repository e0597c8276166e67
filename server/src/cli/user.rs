//! `lockstep user …`: accounts, by the operator. A password never stands in the command line, where
//! every process of the machine can read it.

use std::io::{self, Write as _};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use clap::{Args, Subcommand};
use engine::ApiError;
use rand::{TryRngCore as _, rngs::OsRng};

use crate::{
    config::Config,
    service::account::Registration,
    startup::{self, StartError},
};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an account, whether or not registration is open
    Add {
        /// Sign-in address
        email: String,
        /// Name that boards show
        #[arg(long)]
        name: String,
        #[command(flatten)]
        password: Password,
    },
    /// Set another password and end the account's sessions
    ResetPassword {
        /// Sign-in address
        email: String,
        #[command(flatten)]
        password: Password,
    },
}

#[derive(Args, Debug)]
pub(super) struct Password {
    /// Read the password from standard input; without this one is made up and printed
    #[arg(long)]
    password_stdin: bool,
}

/// Why there is no such account or password.
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
        let accounts = startup::accounts(&config);
        let (password, made_up) = match &self {
            Self::Add { password, .. } | Self::ResetPassword { password, .. } => {
                password.get().map_err(UserError::Read)?
            }
        };
        let (did, user) = match self {
            Self::Add { email, name, .. } => {
                let registration = Registration { email, name, password: password.clone() };
                ("made the account", accounts.create(&store, registration).await)
            }
            Self::ResetPassword { email, .. } => {
                ("set the password of", accounts.reset_password(&store, &email, password.clone()).await)
            }
        };
        store.close().await;
        let user = user.map_err(|stop| UserError::Refused(stop.into_error()))?;
        let mut out = io::stdout().lock();
        writeln!(out, "{did} {}", user.email).map_err(UserError::Print)?;
        if made_up {
            writeln!(out, "password: {password}").map_err(UserError::Print)?;
        }
        Ok(())
    }
}

impl Password {
    /// The password, and whether it was made up here.
    fn get(&self) -> io::Result<(String, bool)> {
        if self.password_stdin {
            return Ok((io::read_to_string(io::stdin())?.trim_end_matches(['\r', '\n']).to_owned(), false));
        }
        let mut bytes = [0; 15];
        OsRng.try_fill_bytes(&mut bytes).map_err(io::Error::other)?;
        Ok((BASE64_URL_SAFE_NO_PAD.encode(bytes), true))
    }
}
