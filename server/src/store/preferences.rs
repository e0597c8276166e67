//! Notification preferences of users.

use std::collections::BTreeMap;

use engine::{
    ProjectId, UserId,
    day::FirstWeekday,
    notification::{Channels, NotificationKind, QuietHours},
};
use sqlx::{AnyConnection, AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    dialect::{Dialect, placeholders},
    row::{Columns, leave_out, optional, readable, word},
};

/// The settings that decide how a user's notifications are delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeliveryPreferences {
    /// Kinds whose channels differ from the default.
    pub(crate) kinds: BTreeMap<NotificationKind, Channels>,
    /// When only the bell may notify.
    pub(crate) quiet: Option<QuietHours>,
    /// The IANA name of the time zone.
    pub(crate) time_zone: String,
    /// The first day of the week.
    pub(crate) first_weekday: FirstWeekday,
    /// Whether the project in question is muted.
    pub(crate) muted: bool,
}

impl Store {
    /// The time zone of a user.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn time_zone(&self, user: UserId) -> Result<String, StoreError> {
        let query = sqlx::query("SELECT time_zone FROM users WHERE id = $1").bind(user.to_string());
        query.fetch_one(&self.reader).await?.text("time_zone")
    }

    /// The preferences of a user, and their muted projects.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn preferences(&self, user: UserId) -> Result<(DeliveryPreferences, Vec<ProjectId>), StoreError> {
        let mut tx = self.dialect.begin_read(&self.reader).await?;
        let rows = sqlx::query(
            "SELECT u.id AS user_id, u.time_zone, u.first_weekday, u.quiet_from, u.quiet_to, CAST(NULL AS TEXT) AS muted,
             p.kind, p.bell, p.browser, p.email FROM users u LEFT JOIN notification_preferences p ON p.user_id = u.id WHERE u.id = $1",
        )
        .bind(user.to_string())
        .fetch_all(&mut *tx)
        .await?;
        let delivery = delivery_preferences(&rows).remove(&user).ok_or(sqlx::Error::RowNotFound)?;
        let rows = sqlx::query("SELECT project_id FROM muted_projects WHERE user_id = $1 ORDER BY project_id")
            .bind(user.to_string())
            .fetch_all(&mut *tx)
            .await?;
        Ok((delivery, readable("muted_projects", &rows, |row| row.parse("project_id")).rows))
    }
}

impl Store {
    /// Like [`WriteTx::delivery_preferences`], outside of a write.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn delivery_preferences(
        &self,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<BTreeMap<UserId, DeliveryPreferences>, StoreError> {
        let mut connection = self.reader.acquire().await?;
        self.dialect.delivery_preferences(&mut connection, project, users).await
    }
}

impl WriteTx {
    /// The preferences of those users who are members of a project and whose accounts are enabled.
    pub(crate) async fn delivery_preferences(
        &mut self,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<BTreeMap<UserId, DeliveryPreferences>, StoreError> {
        self.dialect.delivery_preferences(&mut self.tx, project, users).await
    }

    /// Stores a user's preferences, and mutes those of the given projects that they are in.
    pub(crate) async fn save_preferences(
        &mut self,
        user: UserId,
        delivery: &DeliveryPreferences,
        muted: &[ProjectId],
    ) -> Result<(), StoreError> {
        let id = user.to_string();
        sqlx::query(
            "UPDATE users SET time_zone = $2, first_weekday = $3, quiet_from = $4, quiet_to = $5 WHERE id = $1",
        )
        .bind(&id)
        .bind(&delivery.time_zone)
        .bind(word(delivery.first_weekday)?)
        .bind(delivery.quiet.map(|quiet| i64::from(quiet.from)))
        .bind(delivery.quiet.map(|quiet| i64::from(quiet.to)))
        .execute(&mut *self.tx)
        .await?;
        sqlx::query("DELETE FROM notification_preferences WHERE user_id = $1").bind(&id).execute(&mut *self.tx).await?;
        if !delivery.kinds.is_empty() {
            let sql = format!(
                "INSERT INTO notification_preferences (user_id, kind, bell, browser, email) VALUES {}",
                placeholders(delivery.kinds.len(), 5)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(false);
            for (kind, Channels { bell, browser, email }) in &delivery.kinds {
                let query_with = query.bind(&id).bind(word(kind)?);
                query = query_with.bind(i64::from(*bell)).bind(i64::from(*browser)).bind(i64::from(*email));
            }
            query.execute(&mut *self.tx).await?;
        }
        sqlx::query("DELETE FROM muted_projects WHERE user_id = $1").bind(&id).execute(&mut *self.tx).await?;
        for project in muted {
            sqlx::query(
                "INSERT INTO muted_projects (user_id, project_id)
                 SELECT user_id, project_id FROM project_members WHERE user_id = $1 AND project_id = $2
                 ON CONFLICT DO NOTHING",
            )
            .bind(&id)
            .bind(project.to_string())
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }
}

impl Dialect {
    async fn delivery_preferences(
        self,
        connection: &mut AnyConnection,
        project: ProjectId,
        users: &[UserId],
    ) -> Result<BTreeMap<UserId, DeliveryPreferences>, StoreError> {
        let sql = format!(
            "SELECT u.id AS user_id, u.time_zone, u.first_weekday, u.quiet_from, u.quiet_to, x.project_id AS muted,
             p.kind, p.bell, p.browser, p.email
             FROM project_members m JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
             LEFT JOIN muted_projects x ON x.user_id = u.id AND x.project_id = m.project_id
             LEFT JOIN notification_preferences p ON p.user_id = u.id
             WHERE m.project_id = $2 AND m.user_id IN ({})",
            self.texts()
        );
        let users: Vec<String> = users.iter().map(ToString::to_string).collect();
        let users = serde_json::to_string(&users).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        let query = sqlx::query(AssertSqlSafe(sql)).bind(users).bind(project.to_string());
        Ok(delivery_preferences(&query.fetch_all(connection).await?))
    }
}

/// Reads rows of one kind each. Skips settings of a newer build, so that their user can still be notified and write.
pub(super) fn delivery_preferences(rows: &[AnyRow]) -> BTreeMap<UserId, DeliveryPreferences> {
    let mut users: BTreeMap<UserId, DeliveryPreferences> = BTreeMap::new();
    for row in rows {
        let Some(user) = optional::<UserId>("users", Some(row), |row| row.parse("user_id")) else { continue };
        let left_out = |error: &StoreError| leave_out("preferences", &user.to_string(), error);
        let delivery = users.entry(user).or_insert_with(|| DeliveryPreferences {
            kinds: BTreeMap::new(),
            quiet: quiet(row).inspect_err(left_out).unwrap_or_default(),
            // An unreadable time zone counts as UTC.
            time_zone: row.text("time_zone").inspect_err(left_out).unwrap_or_default(),
            first_weekday: row.word("first_weekday").inspect_err(left_out).unwrap_or_default(),
            muted: row.opt_text("muted").inspect_err(left_out).is_ok_and(|muted| muted.is_some()),
        });
        if let Some((kind, channels)) = kind(row).inspect_err(left_out).unwrap_or_default() {
            delivery.kinds.insert(kind, channels);
        }
    }
    users
}

fn quiet(row: &AnyRow) -> Result<Option<QuietHours>, StoreError> {
    let minute = |column: &str| {
        let minute = row.opt_int(column)?.map(u16::try_from).transpose();
        minute.map_err(|_| StoreError::Unreadable(column.to_owned()))
    };
    Ok(minute("quiet_from")?.zip(minute("quiet_to")?).map(|(from, to)| QuietHours { from, to }))
}

fn kind(row: &AnyRow) -> Result<Option<(NotificationKind, Channels)>, StoreError> {
    let Some(kind) = row.opt_word("kind")? else { return Ok(None) };
    let is_on = |column| Ok::<_, StoreError>(row.int(column)? == 1);
    Ok(Some((kind, Channels { bell: is_on("bell")?, browser: is_on("browser")?, email: is_on("email")? })))
}
