//! Invitations: how a person is asked into a project, and becomes a member only by saying yes.

use serde::{Deserialize, Serialize};

use crate::{InvitationId, ProjectId, Role, Timestamp};

/// Where the page of an invitation is: this, and the token.
pub const PATH: &str = "/invitations/";

/// An invitation that is open or was declined, as the owners of its project see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// Which.
    pub id: InvitationId,
    /// The address that it is for. Without one, the first person who uses its link may accept it.
    pub email: Option<String>,
    /// The role that the new member gets.
    pub role: Role,
    /// The name of the member who invited; `None` for the operator of the server.
    pub invited_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Whether it goes out by e-mail.
    pub mailed: bool,
    /// When whom it is for said no. It is over then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declined_at: Option<Timestamp>,
    /// The link. `None` for one that is over, and where this process cannot tell it: it was made under another
    /// `LOCKSTEP_SECRET`.
    pub url: Option<String>,
}

/// What an invitation says to everybody who has its link, signed in or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationOffer {
    /// The name of the project.
    pub project: String,
    /// The name of the member who invites; `None` for the operator of the server.
    pub invited_by: Option<String>,
    /// The role that the new member gets.
    pub role: Role,
    /// The address that it is for. Without one, the first person who uses the link may accept it.
    pub email: Option<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The project, where the asking user is in it already.
    pub joined: Option<ProjectId>,
}

/// The token of the invitation whose page is at `path`.
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
