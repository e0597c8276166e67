//! Invitations to a project. A person becomes a member only by accepting one.

use serde::{Deserialize, Serialize};

use crate::{InvitationId, ProjectId, Role, Timestamp};

/// Path of an invitation's page; the token follows.
pub const PATH: &str = "/invitations/";

/// An open or declined invitation, as the project's owners see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The invited address. Without one, the first person who uses its link may accept it.
    pub email: Option<String>,
    /// The role that the new member gets.
    pub role: Role,
    /// The name of the inviting member; `None` for the operator of the server.
    pub invited_by: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it goes out by e-mail.
    pub mailed: bool,
    /// When it was declined, which ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declined_at: Option<Timestamp>,
    /// The link. `None` if it has ended, or if this process cannot derive it because it was created under another
    /// `LOCKSTEP_SECRET`.
    pub url: Option<String>,
}

/// An invitation, as everybody with its link sees it, signed in or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationOffer {
    /// The name of the project.
    pub project: String,
    /// The name of the inviting member; `None` for the operator of the server.
    pub invited_by: Option<String>,
    /// The role that the new member gets.
    pub role: Role,
    /// The invited address. Without one, the first person who uses the link may accept it.
    pub email: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The project, if the reader is a member already.
    pub joined: Option<ProjectId>,
}

/// The token in the path of an invitation's page.
pub fn token_of(path: &str) -> Option<&str> {
    let token = path.strip_prefix(PATH)?;
    (!token.is_empty() && !token.contains(['/', '?', '#'])).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::token_of;

    #[test]
    fn only_the_path_of_an_invitation_has_a_token() {
        assert_eq!(token_of("/invitations/abc_-1"), Some("abc_-1"));
        for path in ["/", "/invitations/", "/invitations/a/b", "/invitations/a?b", "/projects/a", "invitations/a"] {
            assert_eq!(token_of(path), None, "{path}");
        }
    }
}
