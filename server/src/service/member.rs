//! Members: change roles, remove. They join by [invitation](super::invitation).

use engine::{ApiError, Change, Colleague, Member, ProjectId, Role, User, UserId};
use serde::{Deserialize, Serialize};

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{self, Right},
    field, notification, quota,
    removal::{self, UndoBy},
    write::ProjectWrite,
};
use crate::store::{RemovalKey, Store};

/// A change of a member's role.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// The new role.
    pub role: Role,
}

/// A member after a write, and its `seq`.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MemberChanged {
    /// The `seq` of the last event of the write.
    pub seq: u64,
    /// The member.
    pub member: Member,
}

/// The members of a project, in the order in which they joined.
///
/// # Errors
/// `project_not_found`.
pub async fn list(store: &Store, user: &User, project: ProjectId) -> Result<Vec<Member>, ServiceError> {
    access::check(store.member_role(project, user.id).await?, Right::Read)?;
    Ok(store.members(project).await?)
}

/// All users who share a project with a user, themselves included.
///
/// # Errors
/// When the database does not answer.
pub async fn colleagues(store: &Store, user: &User) -> Result<Vec<Colleague>, ServiceError> {
    Ok(store.colleagues(user.id).await?)
}

/// Changes a member's role.
///
/// # Errors
/// `member_not_found`, `last_owner`, and those of every write.
pub async fn set_role(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    user: UserId,
    role: Role,
) -> Result<OpResponse, ServiceError> {
    let mut write = ProjectWrite::enter(services, intent, project, Right::ManageMembers).await?;
    let mut member = find(&mut write, user).await?;
    if role != Role::Owner {
        keep_an_owner(&mut write, &member).await?;
        write.tx.revoke_invitations_by(project, user, write.at).await?;
    }
    member.role = role;
    write.tx.save_role(project, user, role).await?;
    let seq = write.record(Change::MemberUpdated(member.clone()));
    write.commit(200, &MemberChanged { seq, member }).await
}

/// Removes a member, or oneself. Tasks stay theirs; access ends at once, and their notifications about the project are
/// withdrawn. For a while it can be [undone](restore).
///
/// # Errors
/// `member_not_found`, `last_owner`, and those of every write.
pub async fn remove(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    user: UserId,
) -> Result<OpResponse, ServiceError> {
    let right = if intent.user.id == user { Right::Leave } else { Right::ManageMembers };
    let mut write = ProjectWrite::enter(services, intent, project, right).await?;
    let member = find(&mut write, user).await?;
    keep_an_owner(&mut write, &member).await?;
    write.tx.remove_member(project, user).await?;
    // Neither their invitations nor those for them are a way back in.
    write.tx.revoke_invitations_by(project, user, write.at).await?;
    write.tx.revoke_invitations_to(project, &field::address(&member.email), write.at).await?;
    removal::store(&mut write, &RemovalKey::of_member(project, user), member.role).await?;
    let moved = write.tx.withdraw_notifications(project, user).await?;
    let seq = write.record(Change::MemberRemoved(member.clone()));
    let answer = write.commit(200, &MemberChanged { seq, member }).await?;
    if moved > 0 {
        notification::recount(services, vec![user]).await;
    }
    Ok(answer)
}

/// Undoes a removal, with the member's role and notifications. The owner who removed them may, and members who left by
/// themselves; no one else becomes a member this way, least of all the removed. Their tasks have stayed theirs; their
/// invitations stay revoked.
///
/// # Errors
/// `already_member`; `undo_expired`; `forbidden` if someone else removed them, and for oneself `project_not_found`;
/// `too_many_members`; and those of every write.
pub async fn restore(
    services: &Services,
    intent: Intent,
    project: ProjectId,
    user: UserId,
) -> Result<OpResponse, ServiceError> {
    let mut write = if intent.user.id == user {
        ProjectWrite::enter_left(services, intent, project, user).await?
    } else {
        ProjectWrite::enter(services, intent, project, Right::ManageMembers).await?
    };
    if write.tx.member(project, user).await?.is_some() {
        return Err(ApiError::new(409, "already_member", "They're already in this project.").into());
    }
    let moved = write.tx.restore_notifications(project, user).await?;
    let role: Role = removal::take(&mut write, &RemovalKey::of_member(project, user), UndoBy::Remover).await?;
    quota::check_members(&services.quotas, write.tx.count_members(project).await?)?;
    write.tx.add_member(project, user, role, write.at).await?;
    let member = find(&mut write, user).await?;
    write.tx.revoke_invitations_to(project, &field::address(&member.email), write.at).await?;
    let seq = write.record(Change::MemberAdded(member.clone()));
    let answer = write.commit(200, &MemberChanged { seq, member }).await?;
    if moved > 0 {
        notification::recount(services, vec![user]).await;
    }
    Ok(answer)
}

async fn find(write: &mut ProjectWrite, user: UserId) -> Result<Member, ServiceError> {
    let member = write.tx.member(write.project.id, user).await?;
    member.ok_or_else(|| ApiError::new(404, "member_not_found", "They're not in this project.").into())
}

/// Refuses to leave a project without an owner: it could never have one again.
async fn keep_an_owner(write: &mut ProjectWrite, leaving: &Member) -> Result<(), ServiceError> {
    if leaving.role == Role::Owner && write.tx.owners(write.project.id).await? < 2 {
        return Err(
            ApiError::new(409, "last_owner", "A project needs an owner. Make someone else an owner first.").into()
        );
    }
    Ok(())
}
