//! The subscribers of the weekly report, and the last week that each received.

use engine::{User, UserId, day::Day};

use sqlx::any::AnyRow;

use crate::store::{
    DeliveryPreferences, Store, StoreError, WriteTx,
    preferences::delivery_preferences,
    row::{Columns, readable},
};

/// A subscriber of the weekly report.
#[derive(Clone, Debug)]
pub(crate) struct Subscriber {
    /// The user.
    pub(crate) user: User,
    /// Their time zone and channels.
    pub(crate) delivery: DeliveryPreferences,
    /// The first day of the last week that was reported to them.
    pub(crate) reported: Option<Day>,
}

impl Store {
    /// All subscribers, by any channel.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn report_subscribers(&self) -> Result<Vec<Subscriber>, StoreError> {
        let rows = sqlx::query(
            "SELECT u.id AS user_id, u.email AS address, u.name, u.report_week, u.time_zone, u.first_weekday, u.quiet_from,
             u.quiet_to, CAST(NULL AS TEXT) AS muted, p.kind, p.bell, p.browser, p.email
             FROM notification_preferences p JOIN users u ON u.id = p.user_id AND u.disabled_at IS NULL
             WHERE p.kind = 'report' AND (p.bell = 1 OR p.email = 1) ORDER BY u.id",
        )
        .fetch_all(&self.reader)
        .await?;
        let mut delivery = delivery_preferences(&rows);
        let user = |row: &AnyRow| {
            let user = User { id: row.parse("user_id")?, email: row.text("address")?, name: row.text("name")? };
            Ok((user, row.opt_time("report_week")?.map(Day::utc)))
        };
        let users = readable("users", &rows, user).rows.into_iter();
        let subscriber =
            |(user, reported): (User, _)| Some(Subscriber { delivery: delivery.remove(&user.id)?, user, reported });
        Ok(users.filter_map(subscriber).collect())
    }
}

impl WriteTx {
    /// Marks a week as reported to a user. False if it was already.
    pub(crate) async fn mark_week_reported(&mut self, user: UserId, week: Day) -> Result<bool, StoreError> {
        let sql = "UPDATE users SET report_week = $2 WHERE id = $1 AND (report_week IS NULL OR report_week < $2)";
        let query = sqlx::query(sql).bind(user.to_string()).bind(week.timestamp().millis());
        Ok(query.execute(&mut *self.tx).await?.rows_affected() == 1)
    }
}
