//! Invitations by the operator of the server.

use engine::{Invitation, InvitationId, ProjectId};

use super::{InvitationDraft, add, not_found, shown, validity::check_inviter};
use crate::{
    clock,
    secret::Secret,
    service::{ServiceError, access, field},
    store::{Store, StoreError},
};

/// Creates an invitation for the operator.
///
/// # Errors
/// `project_not_found`, `invalid` with the field, `already_member`, `too_many_invitations`.
pub async fn create_by_operator(
    store: &Store,
    secret: &Secret,
    project: ProjectId,
    draft: InvitationDraft,
    mails: bool,
    site: &str,
) -> Result<Invitation, ServiceError> {
    let email = draft.email.as_deref().map(field::email).transpose()?;
    let mut tx = store.write_project(project).await?;
    if !tx.has_project(project).await? {
        return Err(access::project_not_found().into());
    }
    let invitation = add(&mut tx, secret, project, (email, draft.role), None, clock::now(), mails).await?;
    tx.commit().await?;
    let row = store.invitation_by_id(invitation.id).await?.ok_or_else(not_found)?;
    Ok(shown(secret, row, site))
}

/// The open invitations to a project, for the operator.
///
/// # Errors
/// When the database does not answer.
pub async fn open(
    store: &Store,
    secret: &Secret,
    project: ProjectId,
    site: &str,
) -> Result<Vec<Invitation>, StoreError> {
    let rows = store.open_invitations(project, clock::now()).await?;
    let rows = rows.into_iter().filter(|row| check_inviter(row).is_ok());
    Ok(rows.map(|row| shown(secret, row, site)).collect())
}

/// Revokes an invitation for the operator. Returns whether it was open.
///
/// # Errors
/// When the database does not answer.
pub async fn revoke_by_operator(store: &Store, id: InvitationId) -> Result<bool, StoreError> {
    let Some(row) = store.invitation_by_id(id).await? else { return Ok(false) };
    let mut tx = store.write_project(row.project_id).await?;
    tx.revoke_invitation(id, clock::now()).await?;
    tx.commit().await?;
    Ok(row.end(clock::now()).is_none())
}
