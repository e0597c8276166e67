//! Access that ended: which sockets are to be closed for it, here and on every other node.
//!
//! Each node hears of it over the bus, and finds out by itself within [`Timing::access`](super::Timing):
//! a bus may lose what it likes. A member who was removed needs none of this: the room reads it in the log.

use engine::UserId;
use serde::{Deserialize, Serialize};

use super::log::{Listening, SessionId};

/// Whose access ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// Somebody signed out.
    Session(SessionId),
    /// All sessions of a user ended, but for one: their password changed, or the account was disabled.
    User {
        /// Who.
        id: UserId,
        /// The session that goes on.
        except: Option<SessionId>,
    },
}

impl Revocation {
    /// Whether it ends this.
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
    fn it_ends_what_it_names_and_nothing_else() {
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
