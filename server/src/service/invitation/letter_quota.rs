//! How many letters invitations may cause: strangers write the names in them, so nobody sends many, and nobody gets many.

use engine::{Timestamp, UserId, time::DAY_MS};

use crate::{service::ServiceError, store::WriteTx};

/// Letters that one member may cause in a day.
const SENT: i64 = 50;
/// Letters that one address gets in a day, from all members of all projects.
const RECEIVED: u32 = 3;

/// When the letter of an invitation is to be sent; `None` for never. Where the inviter has sent too many, there is
/// none, and the link is there to copy. Where the address has got too many, the letter waits: the answer to the
/// inviter must not tell that others have written there.
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
    // Where that is past the end of the invitation, it is given up when its turn comes.
    Ok(Some(free.max(at).min(expires_at)))
}
