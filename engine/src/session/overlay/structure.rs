//! Plays pending ops on columns and members.

use super::Known;
use crate::{Board, Member, Op, Status, StatusId, UserId};

/// Columns and members removed by the ops played so far, for ops that restore one.
pub(super) struct Structure<'a> {
    known: Known<'a>,
    statuses: Vec<Status>,
    members: Vec<Member>,
}

impl<'a> Structure<'a> {
    pub(super) fn new(known: Known<'a>) -> Self {
        Self { known, statuses: Vec::new(), members: Vec::new() }
    }

    /// Plays an op. Ops on tasks are ignored.
    pub(super) fn play(&mut self, board: &mut Board, op: &Op) {
        match op {
            Op::DeleteStatus { status_id, .. } => self.delete_status(board, *status_id),
            Op::RestoreStatus { status_id, .. } => {
                let played = self.statuses.iter().rfind(|status| status.id == *status_id);
                if let Some(status) = played.or_else(|| self.known.removed.status(*status_id)).cloned()
                    && board.status(*status_id).is_none()
                {
                    board.put_status(&status);
                }
            }
            Op::ChangeRole { user_id, role, .. } => {
                if let Some(member) = current(board, *user_id) {
                    board.put_member(&Member { role: *role, ..member });
                    if *user_id == self.known.me {
                        board.project.role = Some(*role);
                    }
                }
            }
            Op::RemoveMember { user_id, .. } => {
                if let Some(member) = current(board, *user_id) {
                    board.remove_member(&member);
                    self.members.push(member);
                }
            }
            Op::RestoreMember { user_id, .. } => {
                let played = self.members.iter().rfind(|member| member.user_id == *user_id);
                if let Some(member) = played.or_else(|| self.known.removed.member(*user_id)).cloned()
                    && current(board, *user_id).is_none()
                {
                    board.put_member(&member);
                }
            }
            _ => {}
        }
    }

    /// Deletes a column. One with cards and the last one stay: the server refuses to delete them.
    fn delete_status(&mut self, board: &mut Board, id: StatusId) {
        let empty = board.columns.get(&id).is_none_or(|cards| cards.is_empty());
        if empty
            && board.statuses.len() > 1
            && let Some(at) = board.statuses.iter().position(|status| status.id == id)
        {
            self.statuses.push(board.statuses.remove(at));
        }
    }
}

fn current(board: &Board, id: UserId) -> Option<Member> {
    board.members.iter().find(|member| member.user_id == id && !member.former).cloned()
}

#[cfg(test)]
mod tests;
