//! Ids: one newtype for each kind of entity, so that a task's id cannot be passed for a column's.

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
            /// Wraps a UUID; this crate generates none.
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
    /// A comment on a task.
    CommentId;
    /// A notification. A UUIDv7: ids are roughly in order of time.
    NotificationId;
    /// A label of a project.
    LabelId;
    /// An invitation to a project. Not secret, unlike the token in its link.
    InvitationId;
    /// One op: a UUIDv7 generated at the gesture and kept over every retry.
    OpId;
    /// A tab of a browser, from load to close.
    TabId;
    /// An event of a log.
    EventId;
    /// A session of an account, as its user sees it. Not usable to sign in.
    PublicSessionId;
    /// Identity of a project's log. A cursor is invalid under another epoch.
    Epoch;
}
