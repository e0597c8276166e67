//! A user's own account, and the browsers signed in to it.

use serde::{Deserialize, Serialize};

use crate::{PublicSessionId, Timestamp, User};

/// An account, as its own user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
    /// The user.
    pub user: User,
    /// Whether the address is confirmed.
    pub email_verified: bool,
    /// The new address, used once it is confirmed.
    pub new_email: Option<String>,
    /// Whether this server sends e-mail, and so requires confirmed addresses.
    pub email_available: bool,
}

/// A browser or program that is signed in to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountSession {
    /// Its id.
    pub id: PublicSessionId,
    /// Whether it is the current one.
    pub current: bool,
    /// The device, in words: `Firefox on Windows`.
    pub device: String,
    /// The network address it was last seen at; empty if unknown.
    pub address: String,
    /// When it was signed in.
    pub created_at: Timestamp,
    /// When it was last seen, to some minutes.
    pub last_seen_at: Timestamp,
}

impl Account {
    /// The address that has yet to be confirmed, if this server sends e-mail.
    pub fn unconfirmed(&self) -> Option<&str> {
        let waits = self.new_email.as_deref().or((!self.email_verified).then_some(&self.user.email));
        waits.filter(|_| self.email_available)
    }
}
