//! Declines invitations.

use engine::{ApiError, InvitationId};
use serde::{Deserialize, Serialize};

use super::{check_open, check_recipient, not_found, token};
use crate::{
    clock,
    service::{Intent, OpResponse, ServiceError, Services},
};

/// A declined invitation.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InvitationDeclined {
    /// Its id.
    pub id: InvitationId,
}

/// Declines an invitation on behalf of its recipient: the account of its address, or anyone with its link. Owners of
/// the project see it. Declining again changes nothing, so no response is stored.
///
/// # Errors
/// `invitation_not_found`, how it ended, `other_address`, `already_member`.
pub async fn decline(services: &Services, intent: Intent, token: &str) -> Result<OpResponse, ServiceError> {
    let hash = token::hash(token);
    let project = services.store.invitation(&hash).await?.ok_or_else(not_found)?.project_id;
    let mut tx = services.store.write_project(project).await?;
    // Read again under the project's lock.
    let row = tx.invitation(&hash).await?.ok_or_else(not_found)?;
    let (user, at) = (intent.user, clock::now());
    let answer = OpResponse::new(200, &InvitationDeclined { id: row.id })?;
    if row.declined_by == Some(user.id) {
        tx.roll_back().await?;
        return Ok(answer);
    }
    check_open(&row, at)?;
    check_recipient(row.email.as_deref(), &user.email)?;
    if tx.member(project, user.id).await?.is_some() {
        return Err(ApiError::new(409, "already_member", "You're already in this project.").into());
    }
    tx.decline_invitation(row.id, user.id, at).await?;
    tx.commit().await?;
    Ok(answer)
}
