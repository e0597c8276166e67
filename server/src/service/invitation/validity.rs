//! Whether an invitation is still valid, and for whom.

use engine::{ApiError, Timestamp};

use crate::{
    service::access,
    store::{EmailKey, InvitationEnd, InvitationRow, Inviter},
};

/// Whether an invitation can be accepted.
pub(crate) fn is_open(row: &InvitationRow, now: Timestamp) -> bool {
    check_open(row, now).is_ok()
}

/// Checks that an invitation can be accepted; the error says how it ended.
pub(super) fn check_open(row: &InvitationRow, now: Timestamp) -> Result<(), ApiError> {
    let (code, message) = match row.end(now) {
        None => return check_inviter(row),
        Some(InvitationEnd::Used) => ("invitation_used", "This invitation was already used. Ask for a new one."),
        Some(InvitationEnd::Revoked) => {
            ("invitation_revoked", "This invitation was revoked or replaced by a newer one.")
        }
        Some(InvitationEnd::Declined) => ("invitation_declined", "This invitation was declined. Ask for a new one."),
        Some(InvitationEnd::ProjectDeleted) => ("project_deleted", "The project of this invitation was deleted."),
        Some(InvitationEnd::Expired) => ("invitation_expired", "This invitation has expired. Ask for a new one."),
    };
    Err(ApiError::new(410, code, message))
}

/// An invitation is worth what its inviter may do now, so that removed owners leave no door open.
pub(super) fn check_inviter(row: &InvitationRow) -> Result<(), ApiError> {
    let allowed = match row.by() {
        Inviter::Operator => true,
        Inviter::Member(role) => access::check_offer(role, row.role).is_ok(),
    };
    let message = "The person who invited you can no longer invite to this project. Ask another owner.";
    allowed.then_some(()).ok_or_else(|| ApiError::new(410, "invitation_void", message))
}

/// Checks whether an invitation is for an account: any if it has no address, else that of its address.
pub(super) fn check_recipient(wanted: Option<&str>, email: &str) -> Result<(), ApiError> {
    match wanted {
        Some(wanted) if EmailKey::of(wanted) != EmailKey::of(email) => {
            Err(ApiError::new(403, "other_address", format!("This invitation is for {wanted}.")))
        }
        _ => Ok(()),
    }
}
