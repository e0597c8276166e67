//! Ids: one newtype an entity, so that a task's id cannot be passed for a status's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = Uuid))]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID made elsewhere: this crate makes none.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

id! {
    /// A person with an account.
    UserId;
    /// A board.
    ProjectId;
    /// A column of a board.
    StatusId;
    /// A card.
    TaskId;
    /// What somebody wrote about a task.
    CommentId;
    /// What one user is told. A UUIDv7: its order is about that of time.
    NotificationId;
    /// A label of a project.
    LabelId;
    /// An invitation to a project. It is no secret: the token in its link is.
    InvitationId;
    /// What a user wanted, once: a UUIDv7 made at the gesture and kept over every retry.
    OpId;
    /// One tab of a browser, from its load to its end.
    TabId;
    /// One thing that happened.
    EventId;
    /// A session of an account, as its user sees it. It signs nobody in.
    PublicSessionId;
    /// Identity of one project's log. A cursor is worth nothing under another epoch.
    Epoch;
}
