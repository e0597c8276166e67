//! Invitations, created by owners and accepted by future members. There is no other way into a project.
//!
//! Each is for one person: with an address for the account of that address, without one for the first person who
//! accepts. So an owner sees whom each brought, and a used link is worthless. Its validity is decided on acceptance:
//! the inviter must still be an owner, and the project must exist.
//!
//! Nothing here queries whether an address has an account, so no response can reveal it.

mod decline;
mod letter_quota;
mod operator;
pub(crate) mod token;
mod validity;

use engine::{
    ApiError, Change, Invitation, InvitationId, InvitationOffer, Project, ProjectId, Role, Timestamp, User, UserId,
    time::DAY_MS,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{self, Right},
    field,
    project::ProjectChanged,
    quota,
    write::ProjectWrite,
};
use crate::{
    chunked::{self, CHUNK},
    clock,
    secret::Secret,
    store::{InvitationEnd, InvitationRow, NewInvitation, Store, StoreError, WriteTx},
};
pub use decline::{InvitationDeclined, decline};
pub use operator::{create_by_operator, open, revoke_by_operator};
use token::NewToken;
pub(crate) use validity::is_open;
use validity::{check_open, check_recipient};

/// Lifetime of an invitation, in milliseconds: 7 days.
pub const LIFE_MS: i64 = 7 * DAY_MS;
/// How long an ended invitation is remembered after its expiry, in milliseconds: 30 days.
const KEEP_MS: i64 = 30 * DAY_MS;
/// Open invitations per project.
const OPEN: i64 = 200;

/// An invitation to create.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationDraft {
    /// The invited address, which need not have an account yet. Without it, the first person with the link may accept.
    #[serde(default)]
    pub email: Option<String>,
    /// The role it grants.
    pub role: Role,
}

/// A created invitation.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InvitationMade {
    /// The invitation.
    pub invitation: Invitation,
}

/// A revoked invitation.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InvitationRevoked {
    /// Its id.
    pub id: InvitationId,
}

/// Creates an invitation. It replaces an open one for the same address. `site` is this server's public URL.
///
/// # Errors
/// `invalid` with the field, `already_member`, `too_many_invitations`, and those of every write.
pub async fn create(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    draft: InvitationDraft,
    site: &str,
) -> Result<OpResponse, ServiceError> {
    // Stored responses lack the link: it is added again for a repeated request.
    match make(services, intent, project, draft).await {
        Ok(answer) | Err(ServiceError::Answered(answer)) if answer.status == 201 => {
            with_link(services, answer, site).await
        }
        Ok(answer) => Ok(answer),
        Err(error) => Err(error),
    }
}

/// The open and the declined invitations to a project, oldest first.
///
/// # Errors
/// `project_not_found`, `forbidden`.
pub async fn list(
    services: &Services,
    user: &User,
    project: ProjectId,
    site: &str,
) -> Result<Vec<Invitation>, ServiceError> {
    access::check(services.store.member_role(project, user.id).await?, Right::ManageMembers)?;
    Ok(open(&services.store, &services.secret, project, site).await?)
}

/// What an invitation offers, shown to anyone with its link.
///
/// # Errors
/// `invitation_not_found`, or how it ended. Not for members: they are told that they are members already.
pub async fn offer(store: &Store, user: Option<&User>, token: &str) -> Result<InvitationOffer, ServiceError> {
    let row = store.invitation(&token::hash(token)).await?.ok_or_else(not_found)?;
    let now = clock::now();
    let role = match user {
        Some(user) => store.member_role(row.project_id, user.id).await?,
        None => None,
    };
    if role.is_none() {
        check_open(&row, now)?;
    }
    Ok(InvitationOffer {
        joined: role.map(|_| row.project_id),
        project: row.project,
        invited_by: row.inviter,
        role: row.role,
        email: row.email,
        expires_at: row.expires_at,
    })
}

/// Accepts an invitation: makes the user a member with its role. Does not change an existing member's role.
///
/// # Errors
/// `invitation_not_found`, how it ended, `other_address`, `email_unverified`, `too_many_members`, and those of every
/// write.
pub async fn accept(services: &Services, intent: Intent, token: &str) -> Result<OpResponse, ServiceError> {
    let hash = token::hash(token);
    let project = services.store.invitation(&hash).await?.ok_or_else(not_found)?.project_id;
    let proven = services.accounts.is_verified(&services.store, intent.user.id).await?;
    let (mut write, member) = ProjectWrite::enter_invited(services, intent, project).await?;
    // Read again under the project's lock.
    let row = write.tx.invitation(&hash).await?.ok_or_else(not_found)?;
    let user = write.intent.user.clone();
    if row.end(write.at) == Some(InvitationEnd::ProjectDeleted) {
        check_open(&row, write.at)?;
    }
    if let Some(role) = member {
        if row.email.is_some() && check_recipient(row.email.as_deref(), &user.email).is_ok() {
            write.tx.use_invitation(row.id, user.id, write.at).await?;
        }
        let project = Project { role: Some(role), ..write.project.clone() };
        let seq = write.next_seq() - 1;
        return write.commit(200, &ProjectChanged { seq, project }).await;
    }
    check_open(&row, write.at)?;
    check_recipient(row.email.as_deref(), &user.email)?;
    if row.email.is_some() && !proven {
        let message = "Confirm your e-mail address first, with the link we sent you.";
        return Err(ApiError::new(403, "email_unverified", message).into());
    }
    quota::check_members(&services.quotas, write.tx.count_members(project).await?)?;
    let role = row.role;
    write.tx.add_member(project, user.id, role, write.at).await?;
    write.tx.use_invitation(row.id, user.id, write.at).await?;
    // Other open invitations for this user are obsolete.
    write.tx.revoke_invitations_to(project, &field::address(&user.email), write.at).await?;
    let joined = write.tx.member(project, user.id).await?;
    let seq = write
        .record(Change::MemberAdded(joined.ok_or(ServiceError::Internal("a member who has just joined is missing"))?));
    let project = Project { role: Some(role), ..write.project.clone() };
    write.commit(200, &ProjectChanged { seq, project }).await
}

/// Revokes an invitation. One that has already ended, other than by acceptance, stays as it is.
///
/// # Errors
/// `invitation_not_found`, `invitation_used`, and those of every write.
pub async fn revoke(services: &Services, intent: Intent, id: InvitationId) -> Result<OpResponse, ServiceError> {
    let row = services.store.invitation_by_id(id).await?.ok_or_else(not_found)?;
    let entered = ProjectWrite::enter(services, intent, row.project_id, Right::ManageMembers).await;
    let mut write = entered.map_err(|error| match error {
        // To a non-member, an invitation is as invisible as its project.
        ServiceError::Refused(error) if error.status == 404 => not_found().into(),
        other => other,
    })?;
    let row = write.tx.invitation(&row.hash).await?.ok_or_else(not_found)?;
    if row.end(write.at) == Some(InvitationEnd::Used) {
        check_open(&row, write.at)?;
    }
    write.tx.revoke_invitation(id, write.at).await?;
    write.commit(200, &InvitationRevoked { id }).await
}

/// Checks whether an invitation lets an address register while registration is closed: it must be for this very
/// address. One without an address could be passed on to anyone.
///
/// # Errors
/// `registration_closed`; `invitation_not_found`, or how it ended; `other_address`.
pub(super) async fn admit(store: &Store, token: &str, email: &str) -> Result<(), ServiceError> {
    let row = store.invitation(&token::hash(token)).await?.ok_or_else(not_found)?;
    check_open(&row, clock::now())?;
    if row.email.is_none() {
        return Err(ApiError::new(
            403,
            "registration_closed",
            "Registration is closed. Ask the server's admin for an account.",
        )
        .into());
    }
    Ok(check_recipient(row.email.as_deref(), email).map_err(|error| error.on("email"))?)
}

/// Deletes invitations that ended long ago.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    chunked::all(|| store.forget_invitations(now.plus(-KEEP_MS), CHUNK)).await
}

async fn make(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    draft: InvitationDraft,
) -> Result<OpResponse, ServiceError> {
    let email = draft.email.as_deref().map(field::email).transpose()?;
    let mut write = ProjectWrite::enter(services, intent, project, Right::ManageMembers).await?;
    access::check_offer(Some(write.role), draft.role)?;
    let (at, user) = (write.at, write.intent.user.clone());
    quota::check_invitations(&mut write.tx, services.quotas.invitations_per_day, user.id, at).await?;
    let of = (email, draft.role);
    let invitation = add(&mut write.tx, &services.secret, project, of, Some(&user), at, services.sends_mail).await?;
    write.commit(201, &InvitationMade { invitation }).await
}

/// Inserts an invitation. The returned one has no link.
async fn add(
    tx: &mut WriteTx,
    secret: &Secret,
    project: ProjectId,
    (email, role): (Option<String>, Role),
    inviter: Option<&User>,
    at: Timestamp,
    mails: bool,
) -> Result<Invitation, ServiceError> {
    if let Some(email) = &email {
        // Checks only members, whose addresses owners can see anyway: other addresses take the same time.
        if tx.member_addresses(project).await?.iter().any(|member| field::address(member) == *email) {
            return Err(ApiError::new(409, "already_member", "They're already in this project.").on("email").into());
        }
        tx.revoke_invitations_to(project, email, at).await?;
    }
    if tx.count_open_invitations(project, at).await? >= OPEN {
        let message = "This project has too many open invitations. Revoke some first.";
        return Err(ApiError::new(409, "too_many_invitations", message).into());
    }
    let (id, expires_at) = (InvitationId::new(Uuid::now_v7()), at.plus(LIFE_MS));
    let invited_by: Option<UserId> = inviter.map(|user| user.id);
    let mail_at = match &email {
        Some(email) if mails => letter_quota::moment(tx, invited_by, email, at, expires_at).await?,
        _ => None,
    };
    let token = NewToken::random(secret)?;
    tx.add_invitation(&NewInvitation {
        id,
        project_id: project,
        seed: &token.seed,
        hash: &token.hash,
        email: email.as_deref(),
        role,
        invited_by,
        at,
        expires_at,
        mail_at,
    })
    .await?;
    let invited_by = inviter.map(|user| user.name.clone());
    Ok(Invitation {
        id,
        email,
        role,
        invited_by,
        created_at: at,
        expires_at,
        mailed: mail_at.is_some(),
        declined_at: None,
        url: None,
    })
}

/// Adds the link to a response, if the invitation still exists.
async fn with_link(services: &Services, answer: OpResponse, site: &str) -> Result<OpResponse, ServiceError> {
    let InvitationMade { mut invitation } = serde_json::from_str(&answer.body)?;
    let row = services.store.invitation_by_id(invitation.id).await?;
    if let Some(row) = row.filter(|row| is_open(row, clock::now())) {
        invitation.url = link(&services.secret, &row, site);
    }
    OpResponse::new(answer.status, &InvitationMade { invitation })
}

fn shown(secret: &Secret, row: InvitationRow, site: &str) -> Invitation {
    let url = if row.declined_at.is_some() { None } else { link(secret, &row, site) };
    let InvitationRow { id, email, role, inviter, created_at, expires_at, mailed, declined_at, .. } = row;
    Invitation { id, email, role, invited_by: inviter, created_at, expires_at, mailed, declined_at, url }
}

/// The link of an invitation; `None` if its token was made with another secret.
pub(crate) fn link(secret: &Secret, row: &InvitationRow, site: &str) -> Option<String> {
    let token = token::from_seed(secret, &row.seed, &row.hash)?;
    Some(format!("{site}{}{token}", engine::invitation::PATH))
}

fn not_found() -> ApiError {
    ApiError::new(404, "invitation_not_found", "This invitation doesn't exist. Check that the link is complete.")
}
