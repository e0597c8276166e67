//! Revocations: which sockets to close when access ends, here and on other nodes.
//!
//! Each node receives them over the bus, and also checks the database within [`Timing::access`](super::Timing), since
//! a bus may lose messages. The removal of a member needs no revocation: the room reads it in the log.

use engine::UserId;
use serde::{Deserialize, Serialize};

use super::log::{Listening, SessionId};

/// The access that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// A user signed out.
    Session(SessionId),
    /// All sessions of a user but one ended: the password changed, or the account was disabled.
    User {
        /// The user.
        id: UserId,
        /// The session that stays valid.
        except: Option<SessionId>,
    },
}

impl Revocation {
    /// Whether it ends this subscription.
    pub(super) fn ends(&self, listening: &Listening) -> bool {
        match self {
            Self::Session(session) => listening.session == *session,
            Self::User { id, except } => listening.user == *id && Some(listening.session) != *except,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_revocation_ends_what_it_names_and_nothing_else() {
        let user = |number| UserId::new(Uuid::from_u128(number));
        let listening = |user, token| Listening { user, session: SessionId::of(token), project: None };
        let (here, there) = (listening(user(1), "here"), listening(user(1), "there"));
        let other = listening(user(2), "other");
        let ended = |revocation: Revocation| [here, there, other].map(|listening| revocation.ends(&listening));
        assert_eq!(ended(Revocation::Session(SessionId::of("here"))), [true, false, false]);
        assert_eq!(ended(Revocation::User { id: user(1), except: None }), [true, true, false]);
        let except = Some(SessionId::of("here"));
        assert_eq!(ended(Revocation::User { id: user(1), except }), [false, true, false]);
    }
}
