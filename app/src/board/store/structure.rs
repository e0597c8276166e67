//! The reader's changes to columns and members: shown at once, and reverted when the server refuses them.

use engine::{ApiError, Op, Role, StatusId, UserId};
use leptos::prelude::*;

use super::BoardStore;
use crate::message::{person, quoted};

impl BoardStore {
    /// Deletes an empty column. A toast offers to undo it, or explains why it stays.
    pub(crate) fn delete_column(&self, id: StatusId) {
        let project_id = self.project_id;
        let Some(name) = untrack(|| self.status(id)).map(|status| status.name) else { return };
        let op = Op::DeleteStatus { project_id, status_id: id };
        // No need to ask the server about what is known here. It checks again anyway.
        if self.column(id).with_untracked(|cards| !cards.is_empty()) {
            return self.refuse(&op, &ApiError::new(409, "status_not_empty", ""));
        }
        if self.statuses.with_untracked(Vec::len) < 2 {
            return self.refuse(&op, &ApiError::new(409, "last_status", ""));
        }
        self.submit(op.clone());
        let undo = Op::RestoreStatus { project_id, status_id: id };
        self.offer_undo(format!("Deleted the column {}", quoted(&name)), op, undo, || ());
    }

    /// Changes a member's role.
    pub(crate) fn change_role(&self, user: UserId, role: Role) {
        let op = Op::ChangeRole { project_id: self.project_id, user_id: user, role };
        if role != Role::Owner && self.is_last_owner(user) {
            return self.refuse(&op, &last_owner());
        }
        self.submit(op);
    }

    /// Removes a member. A toast offers to undo it.
    pub(crate) fn remove_member(&self, user: UserId) {
        let project_id = self.project_id;
        let Some(name) = untrack(|| self.member(user)).map(|member| member.name) else { return };
        let op = Op::RemoveMember { project_id, user_id: user };
        if self.is_last_owner(user) {
            return self.refuse(&op, &last_owner());
        }
        self.submit(op.clone());
        let undo = Op::RestoreMember { project_id, user_id: user };
        self.offer_undo(format!("Removed {}", person(&name)), op, undo, || ());
    }

    /// Whether the project would have no owner without this member. Untracked.
    pub(crate) fn is_last_owner(&self, user: UserId) -> bool {
        self.members.with_untracked(|all| {
            let mut owners = all.iter().filter(|member| !member.former && member.role == Role::Owner);
            owners.next().is_some_and(|owner| owner.user_id == user) && owners.next().is_none()
        })
    }
}

pub(crate) fn last_owner() -> ApiError {
    ApiError::new(409, "last_owner", "")
}
