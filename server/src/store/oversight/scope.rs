//! The projects that a user can oversee, and where their logs end.

use engine::{ProjectId, Role, UserId, day::FirstWeekday, room::LogPlace};
use sqlx::any::AnyRow;

use crate::store::{
    Store, StoreError,
    row::{Columns, leave_out, readable},
};

/// The user who asks: their time zone and projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OversightReader {
    /// The IANA name of their time zone.
    pub(crate) time_zone: String,
    /// The first day of their weeks.
    pub(crate) first_weekday: FirstWeekday,
    /// Their projects, oldest first.
    pub(crate) projects: Vec<Visible>,
}

/// A project that the user can see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visible {
    /// Its id.
    pub(crate) id: ProjectId,
    /// Its name.
    pub(crate) name: String,
    /// The user's role in it.
    pub(crate) role: Role,
    /// The end of its log.
    pub(crate) at: LogPlace,
}

impl Store {
    /// A user's time zone and projects, read at once; `None` if there is no such user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn oversight_reader(&self, user: UserId) -> Result<Option<OversightReader>, StoreError> {
        let rows = sqlx::query(
            "SELECT u.time_zone, u.first_weekday, p.id, p.name, m.role, p.epoch, p.seq FROM users u
             LEFT JOIN (project_members m JOIN projects p ON p.id = m.project_id AND p.deleted_at IS NULL)
             ON m.user_id = u.id
             WHERE u.id = $1 ORDER BY p.created_at, p.id",
        )
        .bind(user.to_string())
        .fetch_all(&self.reader)
        .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        // Unreadable settings count as the defaults.
        let left_out = |error: &StoreError| leave_out("users", &user.to_string(), error);
        let time_zone = first.text("time_zone").inspect_err(left_out).unwrap_or_default();
        let first_weekday = first.word("first_weekday").inspect_err(left_out).unwrap_or_default();
        let projects = readable("projects", &rows, visible).rows.into_iter().flatten().collect();
        Ok(Some(OversightReader { time_zone, first_weekday, projects }))
    }
}

fn visible(row: &AnyRow) -> Result<Option<Visible>, StoreError> {
    // A user without projects has one row without a project.
    let Some(id) = row.opt_parse("id")? else { return Ok(None) };
    let at = LogPlace { epoch: row.parse("epoch")?, seq: row.seq("seq")? };
    Ok(Some(Visible { id, name: row.text("name")?, role: row.word("role")?, at }))
}
