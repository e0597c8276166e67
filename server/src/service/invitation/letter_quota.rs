//! Limits the e-mails that invitations cause: strangers choose the names in them.

use engine::{Timestamp, UserId, time::DAY_MS};

use crate::{service::ServiceError, store::WriteTx};

/// Letters per member and day.
const SENT: i64 = 50;
/// Letters per address and day, across all members and projects.
const RECEIVED: u32 = 3;

/// When to send the letter of an invitation; `None` for never. If the inviter has sent too many, there is none, and
/// the link has to be copied. If the address has received too many, the letter waits: the response to the inviter must
/// not reveal that others have written there.
pub(super) async fn moment(
    tx: &mut WriteTx,
    inviter: Option<UserId>,
    email: &str,
    at: Timestamp,
    expires_at: Timestamp,
) -> Result<Option<Timestamp>, ServiceError> {
    if let Some(inviter) = inviter
        && tx.letters_by(inviter, at.plus(-DAY_MS)).await? >= SENT
    {
        return Ok(None);
    }
    let free = tx.last_letter_to(email, RECEIVED - 1).await?.map_or(at, |sent| sent.plus(DAY_MS));
    // If that is after the expiry, the letter is dropped when it is due.
    Ok(Some(free.max(at).min(expires_at)))
}
