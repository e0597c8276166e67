//! Permissions: the one place that decides them.

use engine::{ApiError, Comment, Role, User, UserId};

/// A permission in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// See the board, its log and its members.
    Read,
    /// Create, change, move, delete and restore tasks.
    EditTasks,
    /// Create, change, reorder and delete statuses.
    EditStatuses,
    /// Comment on tasks, and edit and delete one's own comments.
    Comment,
    /// Delete the comments of others. No one may edit those.
    ModerateComments,
    /// Watch or stop watching a task.
    Watch,
    /// Leave the project.
    Leave,
    /// Invite and remove members, and change their roles.
    ManageMembers,
    /// Rename or delete the project.
    ManageProject,
}

impl Right {
    /// The lowest role with this right.
    pub const fn least(self) -> Role {
        match self {
            Right::Read | Right::Watch | Right::Leave => Role::Viewer,
            Right::EditTasks | Right::EditStatuses | Right::Comment => Role::Editor,
            Right::ModerateComments | Right::ManageMembers | Right::ManageProject => Role::Owner,
        }
    }
}

/// Checks whether a role has a right; `None` is a non-member.
///
/// # Errors
/// `project_not_found` for a non-member, who must not learn that the project exists; `forbidden` for a member whose
/// role is too low.
pub fn check(role: Option<Role>, right: Right) -> Result<Role, ApiError> {
    match role {
        None => Err(project_not_found()),
        Some(role) if role >= right.least() => Ok(role),
        Some(_) => Err(ApiError::new(403, "forbidden", "Your role in this project doesn't allow that.")),
    }
}

/// Checks whether a user with the right to [comment](Right::Comment) may edit this comment.
///
/// # Errors
/// `forbidden`.
pub fn check_rewrite(user: UserId, comment: &Comment) -> Result<(), ApiError> {
    if comment.author_id == user {
        return Ok(());
    }
    Err(ApiError::new(403, "forbidden", "You can edit only your own comments."))
}

/// Checks whether a user with the right to [comment](Right::Comment) may delete this comment.
///
/// # Errors
/// `forbidden`.
pub fn check_deletion(user: UserId, role: Role, comment: &Comment) -> Result<(), ApiError> {
    if comment.author_id == user {
        return Ok(());
    }
    check(Some(role), Right::ModerateComments).map(|_| ())
}

/// Checks whether a user may invite others with a role: owners may, up to their own role. `None` is a non-member.
///
/// # Errors
/// `project_not_found`; `forbidden`.
pub fn check_offer(inviter: Option<Role>, offered: Role) -> Result<(), ApiError> {
    if offered <= check(inviter, Right::ManageMembers)? {
        return Ok(());
    }
    Err(ApiError::new(403, "forbidden", "You can't give others more rights than you have."))
}

/// Checks whether a user may see a person's capacity: their own, and that of people they share a project with
/// (`shared`).
///
/// # Errors
/// `forbidden`, also if there is no such person.
pub fn check_capacity(asking: &User, person: UserId, shared: bool) -> Result<(), ApiError> {
    if asking.id == person || shared {
        return Ok(());
    }
    Err(ApiError::new(403, "forbidden", "You need to share a project with them to see that."))
}

/// Checks whether a user may change a person's capacity: only their own, because it counts in every project of theirs.
///
/// # Errors
/// `forbidden`, also if there is no such person.
pub fn check_capacity_change(asking: &User, person: UserId) -> Result<(), ApiError> {
    if asking.id == person {
        return Ok(());
    }
    Err(ApiError::new(403, "forbidden", "You can change only your own working hours."))
}

/// The refusal of a project that does not exist, or that the user is not a member of.
pub fn project_not_found() -> ApiError {
    ApiError::new(404, "project_not_found", "This project doesn't exist.")
}

/// The refusal of a task that does not exist, or that the user cannot see.
pub fn task_not_found() -> ApiError {
    ApiError::new(404, "task_not_found", "This card doesn't exist.")
}

/// The refusal of a comment that does not exist, or that the user cannot see.
pub fn comment_not_found() -> ApiError {
    ApiError::new(404, "comment_not_found", "This comment doesn't exist.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_right_requires_its_role() {
        use Right::*;
        let allowed = |role, right| check(role, right).is_ok();
        for (right, viewer, editor) in [
            (Read, true, true),
            (Leave, true, true),
            (EditTasks, false, true),
            (EditStatuses, false, true),
            (Watch, true, true),
            (Comment, false, true),
            (ModerateComments, false, false),
            (ManageMembers, false, false),
            (ManageProject, false, false),
        ] {
            assert_eq!(allowed(Some(Role::Viewer), right), viewer, "viewer {right:?}");
            assert_eq!(allowed(Some(Role::Editor), right), editor, "editor {right:?}");
            assert!(allowed(Some(Role::Owner), right), "owner {right:?}");
            assert!(!allowed(None, right), "stranger {right:?}");
        }
    }

    #[test]
    fn only_owners_invite_and_at_most_with_their_own_role() {
        for offered in [Role::Viewer, Role::Editor, Role::Owner] {
            assert!(check_offer(Some(Role::Owner), offered).is_ok());
            for inviter in [None, Some(Role::Viewer), Some(Role::Editor)] {
                assert!(check_offer(inviter, offered).is_err(), "{inviter:?} offers {offered:?}");
            }
        }
    }

    #[test]
    fn a_non_member_does_not_learn_that_a_project_exists() {
        assert_eq!(check(None, Right::Read).map_err(|error| error.status), Err(404));
        assert_eq!(check(Some(Role::Viewer), Right::EditTasks).map_err(|error| error.status), Err(403));
    }
}
