//! Invitations to projects.

use engine::{InvitationId, ProjectId, Role, Timestamp, UserId};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    row::{Columns, only, readable, word},
};

/// An invitation, with everything that decides whether it is valid.
#[derive(Clone, Debug)]
pub(crate) struct InvitationRow {
    /// Its id.
    pub(crate) id: InvitationId,
    /// The project.
    pub(crate) project_id: ProjectId,
    /// The project's name.
    pub(crate) project: String,
    /// The random part of its token.
    pub(crate) seed: String,
    /// The hash of its token.
    pub(crate) hash: String,
    /// The invited address; `None` if anyone with the link may use it.
    pub(crate) email: Option<String>,
    /// The role it grants.
    pub(crate) role: Role,
    /// The inviter's name; `None` for the operator.
    pub(crate) inviter: Option<String>,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// When it expires.
    pub(crate) expires_at: Timestamp,
    /// Whether it is sent by e-mail.
    pub(crate) mailed: bool,
    /// Failed attempts to send it.
    pub(crate) tries: u32,
    /// When it was declined.
    pub(crate) declined_at: Option<Timestamp>,
    /// Who declined it.
    pub(crate) declined_by: Option<UserId>,
    by: Inviter,
    used: bool,
    revoked: bool,
    project_deleted: bool,
}

/// What the inviter may currently do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inviter {
    /// The operator of the server.
    Operator,
    /// A member with this role; `None` if they left, or their account is disabled.
    Member(Option<Role>),
}

/// How an invitation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvitationEnd {
    /// It was accepted.
    Used,
    /// An owner revoked it, or created another one for the same address.
    Revoked,
    /// The project was deleted.
    ProjectDeleted,
    /// The recipient declined it.
    Declined,
    /// It was not accepted in time.
    Expired,
}

/// An invitation to insert.
pub(crate) struct NewInvitation<'a> {
    /// Its id.
    pub(crate) id: InvitationId,
    /// The project.
    pub(crate) project_id: ProjectId,
    /// The random part of its token.
    pub(crate) seed: &'a str,
    /// The hash of its token.
    pub(crate) hash: &'a str,
    /// The invited address.
    pub(crate) email: Option<&'a str>,
    /// The role it grants.
    pub(crate) role: Role,
    /// The inviter; `None` for the operator.
    pub(crate) invited_by: Option<UserId>,
    /// When it is created.
    pub(crate) at: Timestamp,
    /// When it expires.
    pub(crate) expires_at: Timestamp,
    /// When its letter is due.
    pub(crate) mail_at: Option<Timestamp>,
}

/// A query of invitations, up to its WHERE.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT i.id, i.project_id, i.token_seed, i.token_hash, i.email, i.role, i.invited_by, i.created_at,
             i.expires_at, i.accepted_at, i.revoked_at, i.declined_at, i.declined_by, i.mail_at, i.mailed_at, i.mail_tries,
             p.name AS project, p.deleted_at, u.name AS inviter, u.disabled_at, m.role AS inviter_role
             FROM invitations i JOIN projects p ON p.id = i.project_id LEFT JOIN users u ON u.id = i.invited_by
             LEFT JOIN project_members m ON m.project_id = i.project_id AND m.user_id = i.invited_by ",
            $rest
        )
    };
}

impl InvitationRow {
    /// How it ended, if it did.
    pub(crate) fn end(&self, now: Timestamp) -> Option<InvitationEnd> {
        match self {
            Self { used: true, .. } => Some(InvitationEnd::Used),
            Self { revoked: true, .. } => Some(InvitationEnd::Revoked),
            Self { project_deleted: true, .. } => Some(InvitationEnd::ProjectDeleted),
            Self { declined_at: Some(_), .. } => Some(InvitationEnd::Declined),
            Self { expires_at, .. } => (*expires_at <= now).then_some(InvitationEnd::Expired),
        }
    }

    /// The inviter, with their current role.
    pub(crate) fn by(&self) -> Inviter {
        self.by
    }
}

impl Store {
    /// The invitation with this token hash.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn invitation(&self, hash: &str) -> Result<Option<InvitationRow>, StoreError> {
        let query = sqlx::query(select!("WHERE i.token_hash = $1")).bind(hash);
        let row = query.fetch_optional(&self.reader).await?;
        row.map(|row| only("invitations", &row, invitation)).transpose()
    }

    /// An invitation by id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn invitation_by_id(&self, id: InvitationId) -> Result<Option<InvitationRow>, StoreError> {
        let query = sqlx::query(select!("WHERE i.id = $1")).bind(id.to_string());
        let row = query.fetch_optional(&self.reader).await?;
        row.map(|row| only("invitations", &row, invitation)).transpose()
    }

    /// The open invitations to a project, and declined ones that would still be open, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn open_invitations(
        &self,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<Vec<InvitationRow>, StoreError> {
        let sql = select!(
            "WHERE i.project_id = $1 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $2
             ORDER BY i.created_at, i.id"
        );
        let rows = sqlx::query(sql).bind(project.to_string()).bind(now.millis()).fetch_all(&self.reader).await?;
        Ok(readable("invitations", &rows, invitation).rows)
    }

    /// Deletes up to `limit` invitations that expired before a time. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn forget_invitations(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "DELETE FROM invitations WHERE id IN
              (SELECT id FROM invitations WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        );
        let query = query.bind(before.millis()).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(self.write_one(query).await?.rows_affected())
    }
}

impl WriteTx {
    /// The invitation with this token hash.
    pub(crate) async fn invitation(&mut self, hash: &str) -> Result<Option<InvitationRow>, StoreError> {
        let query = sqlx::query(select!("WHERE i.token_hash = $1")).bind(hash);
        let row = query.fetch_optional(&mut *self.tx).await?;
        row.map(|row| only("invitations", &row, invitation)).transpose()
    }

    /// How many invitations to a project are open, or declined and still shown.
    pub(crate) async fn count_open_invitations(
        &mut self,
        project: ProjectId,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        sqlx::query(
            "SELECT COUNT(*) AS open FROM invitations
             WHERE project_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2",
        )
        .bind(project.to_string())
        .bind(now.millis())
        .fetch_one(&mut *self.tx)
        .await?
        .int("open")
    }

    /// Inserts an invitation.
    pub(crate) async fn add_invitation(&mut self, new: &NewInvitation<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO invitations
             (id, project_id, token_hash, token_seed, email, role, invited_by, created_at, expires_at, mail_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(new.id.to_string())
        .bind(new.project_id.to_string())
        .bind(new.hash)
        .bind(new.seed)
        .bind(new.email)
        .bind(word(new.role)?)
        .bind(new.invited_by.map(|user| user.to_string()))
        .bind(new.at.millis())
        .bind(new.expires_at.millis())
        .bind(new.mail_at.map(Timestamp::millis))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Records who accepted an invitation.
    pub(crate) async fn use_invitation(
        &mut self,
        id: InvitationId,
        by: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE invitations SET accepted_at = $2, accepted_by = $3
             WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL",
        )
        .bind(id.to_string())
        .bind(at.millis())
        .bind(by.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Records who declined an invitation.
    pub(crate) async fn decline_invitation(
        &mut self,
        id: InvitationId,
        by: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE invitations SET declined_at = $2, declined_by = $3
             WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND declined_at IS NULL",
        )
        .bind(id.to_string())
        .bind(at.millis())
        .bind(by.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Revokes an invitation.
    pub(crate) async fn revoke_invitation(&mut self, id: InvitationId, at: Timestamp) -> Result<(), StoreError> {
        self.revoke("id", None, &id.to_string(), at).await
    }

    /// Revokes the open invitations for an address.
    pub(crate) async fn revoke_invitations_to(
        &mut self,
        project: ProjectId,
        email: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.revoke("email", Some(project), email, at).await
    }

    /// Revokes the open invitations of a member who may no longer invite.
    pub(crate) async fn revoke_invitations_by(
        &mut self,
        project: ProjectId,
        inviter: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.revoke("invited_by", Some(project), &inviter.to_string(), at).await
    }

    async fn revoke(
        &mut self,
        column: &'static str,
        project: Option<ProjectId>,
        value: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let of = if project.is_some() { "project_id = $3 AND" } else { "" };
        let sql = format!(
            "UPDATE invitations SET revoked_at = $1
             WHERE {of} {column} = $2 AND accepted_at IS NULL AND revoked_at IS NULL"
        );
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(at.millis()).bind(value);
        if let Some(project) = project {
            query = query.bind(project.to_string());
        }
        query.execute(&mut *self.tx).await?;
        Ok(())
    }
}

fn invitation(row: &AnyRow) -> Result<InvitationRow, StoreError> {
    let by = match row.opt_text("invited_by")? {
        None => Inviter::Operator,
        Some(_) if row.opt_int("disabled_at")?.is_some() => Inviter::Member(None),
        Some(_) => Inviter::Member(row.opt_word("inviter_role")?),
    };
    Ok(InvitationRow {
        id: row.parse("id")?,
        project_id: row.parse("project_id")?,
        project: row.text("project")?,
        seed: row.text("token_seed")?,
        hash: row.text("token_hash")?,
        email: row.opt_text("email")?,
        role: row.word("role")?,
        inviter: row.opt_text("inviter")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        mailed: row.opt_int("mail_at")?.is_some() || row.opt_int("mailed_at")?.is_some(),
        tries: row.count("mail_tries")?,
        declined_at: row.opt_time("declined_at")?,
        declined_by: row.opt_parse("declined_by")?,
        by,
        used: row.opt_int("accepted_at")?.is_some(),
        revoked: row.opt_int("revoked_at")?.is_some(),
        project_deleted: row.opt_int("deleted_at")?.is_some(),
    })
}
