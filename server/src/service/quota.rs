//! Quotas of users, projects and cards, set by the operator.

use engine::{ApiError, Timestamp, UserId, time::DAY_MS};

use super::ServiceError;
use crate::{config::QuotaSettings, store::WriteTx};

/// Checks whether a user may own another project. Exact even for concurrent requests.
///
/// # Errors
/// `too_many_projects`.
pub(super) async fn check_projects(
    tx: &mut WriteTx,
    quotas: &QuotaSettings,
    user: UserId,
    at: Timestamp,
) -> Result<(), ServiceError> {
    let limit = quotas.projects_per_user;
    if limit == 0 {
        return Ok(());
    }
    tx.lock_profile(user).await?;
    // Deleted ones count for a day: creating and deleting in turn would also fill the disk.
    if tx.owned_projects(user, at.plus(-DAY_MS)).await? >= u64::from(limit) {
        let message =
            format!("You own {limit} projects, the most this server allows. Deleted projects count for a day.");
        return Err(ApiError::new(409, "too_many_projects", message).into());
    }
    Ok(())
}

/// Checks whether a project may have another card. `count` includes deleted cards, which take as much space, since
/// they can be restored and reports count them.
///
/// # Errors
/// `too_many_cards`.
pub(super) fn check_cards(quotas: &QuotaSettings, count: u64) -> Result<(), ApiError> {
    let limit = quotas.cards_per_project;
    let message = || {
        format!(
            "This project has {limit} cards (deleted ones included), the most this server allows. Start another project."
        )
    };
    check(limit, count, "too_many_cards", message)
}

/// Checks whether a card may have another comment.
///
/// # Errors
/// `too_many_comments`.
pub(super) fn check_comments(quotas: &QuotaSettings, count: u32) -> Result<(), ApiError> {
    let limit = quotas.comments_per_card;
    let message = || format!("This card has {limit} comments, the most this server allows. Continue on another card.");
    check(limit, count.into(), "too_many_comments", message)
}

/// Checks whether a project may have another member.
///
/// # Errors
/// `too_many_members`.
pub(super) fn check_members(quotas: &QuotaSettings, count: u64) -> Result<(), ApiError> {
    let limit = quotas.members_per_project;
    let message = || format!("This project has {limit} members, the most this server allows. Ask its owner.");
    check(limit, count, "too_many_members", message)
}

/// Checks whether a user may create another invitation today. Of two concurrent ones to different projects only one
/// passes if a single one is left: the other is asked to retry.
///
/// # Errors
/// `too_many_invitations` or `too_many_writes`, with the time to wait.
pub(super) async fn check_invitations(
    tx: &mut WriteTx,
    limit: u32,
    user: UserId,
    at: Timestamp,
) -> Result<(), ServiceError> {
    if limit == 0 {
        return Ok(());
    }
    let later =
        |seconds: u16, code, message| ApiError { retry_after: Some(seconds), ..ApiError::new(429, code, message) };
    if !tx.try_lock_user(user).await? {
        return Err(
            later(1, "too_many_writes", "Another of your invitations is still being created. Try again.").into()
        );
    }
    let made = tx.invitations_by(user, at.plus(-DAY_MS)).await?;
    if made.count < u64::from(limit) {
        return Ok(());
    }
    let wait = made.first.map_or(DAY_MS, |first| first.millis() + DAY_MS - at.millis());
    let seconds = u16::try_from(wait / 1000 + 1).unwrap_or(u16::MAX);
    let message = "You've sent too many invitations today. Try again tomorrow.";
    Err(later(seconds, "too_many_invitations", message).into())
}

fn check(limit: u32, count: u64, code: &'static str, message: impl FnOnce() -> String) -> Result<(), ApiError> {
    if limit == 0 || count < u64::from(limit) {
        return Ok(());
    }
    Err(ApiError::new(409, code, message()))
}
