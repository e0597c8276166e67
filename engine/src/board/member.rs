//! People, and what they may do in a project.

use serde::{Deserialize, Serialize};

use crate::UserId;

/// A person with an account, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// The sign-in address.
    pub email: String,
    /// The name that the board shows.
    pub name: String,
}

/// A member's role. Ordered by rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, and changes tasks and columns.
    Editor,
    /// Everything, including members and the project itself.
    Owner,
}

/// A user who shares a project with the reader, or the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Colleague {
    /// The user.
    pub user_id: UserId,
    /// Their [number](Member::place) in the oldest project that they share with the user.
    pub place: u32,
}

/// A current or former member of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The user.
    pub user_id: UserId,
    /// The name that the board shows.
    pub name: String,
    /// The sign-in address, which members of one project may see of each other; empty for a former one.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// Whether they have left. A board lists them while one of its tasks names them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub former: bool,
    /// Their number among the members, from 0, which determines their colour: the lowest free one when they joined,
    /// kept while they stay. Absent from older servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
}

impl Member {
    /// The same person as a former member: a name without rights.
    #[must_use]
    pub fn into_former(self) -> Self {
        Self { email: String::new(), role: Role::Viewer, former: true, ..self }
    }
}
