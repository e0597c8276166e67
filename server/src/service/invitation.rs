//! Invitations: made by owners, and accepted by those who want to be members. There is no other way in.
//!
//! Each is for one person: one with an address for the account of that address, one without for whoever accepts it
//! first. So an owner sees whom each brought, and a link that leaks after its use opens nothing. What it is worth is
//! decided when it is accepted: by then its inviter has to be an owner still, and the project has to be there.
//!
//! Nothing in here asks whether an address has an account, so no answer can tell.

mod decline;
mod letter_quota;
pub(crate) mod token;

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
    store::{EmailKey, InvitationEnd, InvitationRow, Inviter, NewInvitation, Store, StoreError, WriteTx},
};
pub use decline::{InvitationDeclined, decline};
use token::NewToken;

/// How long an invitation lives, in milliseconds: 7 days.
pub const LIFE_MS: i64 = 7 * DAY_MS;
/// How long it is known how an invitation ended, in milliseconds, from when it would have expired.
const KEEP_MS: i64 = 30 * DAY_MS;
/// Invitations to one project that may be open at once.
const OPEN: i64 = 200;

/// An invitation to make.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationDraft {
    /// For the account of this address, which need not exist yet. Without it, for whoever accepts first.
    #[serde(default)]
    pub email: Option<String>,
    /// What they may do.
    pub role: Role,
}

/// An invitation that was made.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InvitationMade {
    /// The invitation.
    pub invitation: Invitation,
}

/// An invitation that was taken back.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InvitationRevoked {
    /// Which.
    pub id: InvitationId,
}

/// Invites into a project. An open invitation for the same address is replaced. `site` is where browsers reach this server.
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
    // The link is in no stored answer: whoever asks again is answered with it anew.
    match make(services, intent, project, draft).await {
        Ok(answer) | Err(ServiceError::Answered(answer)) if answer.status == 201 => {
            with_link(services, answer, site).await
        }
        Ok(answer) => Ok(answer),
        Err(stop) => Err(stop),
    }
}

/// Invites into a project on behalf of whoever runs the server.
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

/// The open invitations to a project, and those that were declined, oldest first.
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

/// The same for whoever runs the server.
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

/// What an invitation says to whoever has its link.
///
/// # Errors
/// `invitation_not_found`, and how it ended, if it did. Not for members: they are told that they are in.
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

/// Makes whoever asks a member, as the invitation says. For a member it changes nothing, their role neither.
///
/// # Errors
/// `invitation_not_found`, how it ended, `other_address`, `email_unverified`, `too_many_members`, and those of every write.
pub async fn accept(services: &Services, intent: Intent, token: &str) -> Result<OpResponse, ServiceError> {
    let hash = token::hash(token);
    let project = services.store.invitation(&hash).await?.ok_or_else(not_found)?.project_id;
    let proven = services.accounts.is_verified(&services.store, intent.user.id).await?;
    let (mut write, member) = ProjectWrite::enter_invited(services, intent, project).await?;
    // Once more: from here on nobody else writes to the project.
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
    // What else is open for them would only lie about.
    write.tx.revoke_invitations_to(project, &field::address(&user.email), write.at).await?;
    let joined = write.tx.member(project, user.id).await?;
    let seq = write
        .record(Change::MemberAdded(joined.ok_or(ServiceError::Internal("a member who has just joined is missing"))?));
    let project = Project { role: Some(role), ..write.project.clone() };
    write.commit(200, &ProjectChanged { seq, project }).await
}

/// Takes an invitation back. One that has ended otherwise, but for being accepted, stays as it is.
///
/// # Errors
/// `invitation_not_found`, `invitation_used`, and those of every write.
pub async fn revoke(services: &Services, intent: Intent, id: InvitationId) -> Result<OpResponse, ServiceError> {
    let row = services.store.invitation_by_id(id).await?.ok_or_else(not_found)?;
    let entered = ProjectWrite::enter(services, intent, row.project_id, Right::ManageMembers).await;
    let mut write = entered.map_err(|stop| match stop {
        // To a stranger, an invitation is as little there as its project.
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

/// Takes an invitation back on behalf of whoever runs the server. Says whether there was one to take back.
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

/// Whether an address may register by an invitation, also where registration is closed: it has to be for this very
/// address. A link without one lets nobody register there: it could be passed on to anybody.
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

/// Forgets invitations that ended long ago.
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

/// Writes an invitation down. What is given back has no link.
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
        // Only among the members, whose addresses owners see anyway: it takes as long for any other address.
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

/// The same answer with the link in it, where the invitation is still known.
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

/// The link of an invitation; `None` where its token was made under another secret.
pub(crate) fn link(secret: &Secret, row: &InvitationRow, site: &str) -> Option<String> {
    let token = token::again(secret, &row.seed, &row.hash)?;
    Some(format!("{site}{}{token}", engine::invitation::PATH))
}

/// Whether an invitation can be accepted.
pub(crate) fn is_open(row: &InvitationRow, now: Timestamp) -> bool {
    check_open(row, now).is_ok()
}

fn check_open(row: &InvitationRow, now: Timestamp) -> Result<(), ApiError> {
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

/// An invitation is worth what its inviter may do now, so that one who was removed does not leave a door open.
fn check_inviter(row: &InvitationRow) -> Result<(), ApiError> {
    let allowed = match row.by() {
        Inviter::Operator => true,
        Inviter::Member(role) => access::check_offer(role, row.role).is_ok(),
    };
    let message = "The person who invited you can no longer invite to this project. Ask another owner.";
    allowed.then_some(()).ok_or_else(|| ApiError::new(410, "invitation_void", message))
}

/// Whether an invitation is for an account: for any without an address, else for that of its address.
fn check_recipient(wanted: Option<&str>, email: &str) -> Result<(), ApiError> {
    match wanted {
        Some(wanted) if EmailKey::of(wanted) != EmailKey::of(email) => {
            Err(ApiError::new(403, "other_address", format!("This invitation is for {wanted}.")))
        }
        _ => Ok(()),
    }
}

fn not_found() -> ApiError {
    ApiError::new(404, "invitation_not_found", "This invitation doesn't exist. Check that the link is complete.")
}
