//! People, and what they may do in a project.

use serde::{Deserialize, Serialize};

use crate::UserId;

/// A person with an account, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Who.
    pub id: UserId,
    /// The sign-in address.
    pub email: String,
    /// The name that the board shows.
    pub name: String,
}

/// What a member may do. The order is that of the rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads, and changes tasks and statuses.
    Editor,
    /// All of it, with members and the project itself.
    Owner,
}

/// Somebody with whom a user is in a project, or that user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Colleague {
    /// Who.
    pub user_id: UserId,
    /// Their [number](Member::place) in the oldest project that they share with the user.
    pub place: u32,
}

/// A member of a project, or somebody who was one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// Who.
    pub user_id: UserId,
    /// The name that the board shows.
    pub name: String,
    /// The sign-in address, which members of one project may see of each other; empty for a former one.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they have left. A board names them for as long as one of its tasks does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub former: bool,
    /// Their number among the members, from 0, by which people are coloured: the lowest that was free when they joined, and
    /// theirs for as long as they stay. Absent from older servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<u32>,
}

impl Member {
    /// What remains of somebody who has left: a name, and no rights.
    #[must_use]
    pub fn into_former(self) -> Self {
        Self { email: String::new(), role: Role::Viewer, former: true, ..self }
    }
}
