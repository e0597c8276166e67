//! Who may do what: the one place that decides.

use engine::{ApiError, Comment, Role, User, UserId};

/// A thing that a member may or may not do in a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// See the board, its log and who is in it.
    Read,
    /// Make, change, move, delete and restore tasks.
    EditTasks,
    /// Make, change, order and delete statuses.
    EditStatuses,
    /// Write about tasks, and rewrite and delete what one has written oneself.
    Comment,
    /// Delete what others have written about tasks. Nobody may rewrite that.
    ModerateComments,
    /// Be told of a task, or no longer.
    Watch,
    /// Leave the project.
    Leave,
    /// Invite and remove members, and change their roles.
    ManageMembers,
    /// Rename or delete the project.
    ManageProject,
}

impl Right {
    /// The least role that has this right.
    pub const fn least(self) -> Role {
        match self {
            Right::Read | Right::Watch | Right::Leave => Role::Viewer,
            Right::EditTasks | Right::EditStatuses | Right::Comment => Role::Editor,
            Right::ModerateComments | Right::ManageMembers | Right::ManageProject => Role::Owner,
        }
    }
}

/// Whether somebody with this role (`None`: a stranger) has a right.
///
/// # Errors
/// `project_not_found` for a stranger, who must not learn that there is one, and `forbidden` for
/// a member with too little of a role.
pub fn check(role: Option<Role>, right: Right) -> Result<Role, ApiError> {
    match role {
        None => Err(project_not_found()),
        Some(role) if role >= right.least() => Ok(role),
        Some(_) => Err(ApiError::new(403, "forbidden", "Your role in this project doesn't allow that.")),
    }
}

/// Whether somebody who may [comment](Right::Comment) may rewrite this comment.
///
/// # Errors
/// `forbidden`.
pub fn check_rewrite(user: UserId, comment: &Comment) -> Result<(), ApiError> {
    if comment.author_id == user {
        return Ok(());
    }
    Err(ApiError::new(403, "forbidden", "You can edit only your own comments."))
}

/// Whether somebody who may [comment](Right::Comment) may delete this comment.
///
/// # Errors
/// `forbidden`.
pub fn check_deletion(user: UserId, role: Role, comment: &Comment) -> Result<(), ApiError> {
    if comment.author_id == user {
        return Ok(());
    }
    check(Some(role), Right::ModerateComments).map(|_| ())
}

/// Whether a member (`None`: somebody who is none) may invite others with a role: owners may, with no more rights than
/// they have themselves.
///
/// # Errors
/// `project_not_found`; `forbidden`.
pub fn check_offer(inviter: Option<Role>, offered: Role) -> Result<(), ApiError> {
    if offered <= check(inviter, Right::ManageMembers)? {
        return Ok(());
    }
    Err(ApiError::new(403, "forbidden", "You can't give others more rights than you have."))
}

/// Whether somebody may see how much a person can do: their own, and that of whom they share a project with (`shared`).
///
/// # Errors
/// `forbidden`, also where there is no such person.
pub fn check_capacity(asking: &User, person: UserId, shared: bool) -> Result<(), ApiError> {
    if asking.id == person || shared {
        return Ok(());
    }
    Err(ApiError::new(403, "forbidden", "You need to share a project with them to see that."))
}

/// Whether somebody may change how much a person can do: it counts for every project that they are in, so only they
/// can say it.
///
/// # Errors
/// `forbidden`, also where there is no such person.
pub fn check_capacity_change(asking: &User, person: UserId) -> Result<(), ApiError> {
    if asking.id == person {
        return Ok(());
    }
    Err(ApiError::new(403, "forbidden", "You can change only your own working hours."))
}

/// There is no such project, or none that the asking user is in.
pub fn project_not_found() -> ApiError {
    ApiError::new(404, "project_not_found", "This project doesn't exist.")
}

/// There is no such task, or none that the asking user can see.
pub fn task_not_found() -> ApiError {
    ApiError::new(404, "task_not_found", "This card doesn't exist.")
}

/// There is no such comment, or none that the asking user can see.
pub fn comment_not_found() -> ApiError {
    ApiError::new(404, "comment_not_found", "This comment doesn't exist.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_right_needs_its_role() {
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
    fn only_owners_invite_and_with_no_more_rights_than_their_own() {
        for offered in [Role::Viewer, Role::Editor, Role::Owner] {
            assert!(check_offer(Some(Role::Owner), offered).is_ok());
            for inviter in [None, Some(Role::Viewer), Some(Role::Editor)] {
                assert!(check_offer(inviter, offered).is_err(), "{inviter:?} offers {offered:?}");
            }
        }
    }

    #[test]
    fn a_stranger_does_not_learn_that_there_is_a_project() {
        assert_eq!(check(None, Right::Read).map_err(|error| error.status), Err(404));
        assert_eq!(check(Some(Role::Viewer), Right::EditTasks).map_err(|error| error.status), Err(403));
    }
}
