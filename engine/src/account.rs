//! One's own account, and the browsers that are signed in to it.

use serde::{Deserialize, Serialize};

use crate::{PublicSessionId, Timestamp, User};

/// What an account says to its own user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// Who.
    pub user: User,
    /// Whether the address is proven to be theirs.
    pub email_verified: bool,
    /// The address that takes the place of the present one once it is confirmed.
    pub new_email: Option<String>,
    /// Whether this server sends e-mail, and so wants addresses confirmed.
    pub email_available: bool,
}

/// A browser or program that is signed in to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountSession {
    /// Which.
    pub id: PublicSessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    /// What it is, in words: `Firefox on Windows`.
    pub device: String,
    /// The network address it was last seen at; empty where none is known.
    pub address: String,
    /// When it was signed in.
    pub created_at: Timestamp,
    /// When it was last seen, to some minutes.
    pub last_seen_at: Timestamp,
}

impl Account {
    /// The address that waits to be confirmed, where this server sends e-mail.
    pub fn unconfirmed(&self) -> Option<&str> {
        let waits = self.new_email.as_deref().or((!self.email_verified).then_some(&self.user.email));
        waits.filter(|_| self.email_available)
    }
}
