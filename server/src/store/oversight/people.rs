//! The people of projects, and their capacities.

use engine::{
    ProjectId, Timestamp, UserId,
    day::Day,
    oversight::{Capacity, DaysOff},
};
use sqlx::{AssertSqlSafe, any::AnyRow};

use crate::store::{
    Store, StoreError, WriteTx,
    row::{Columns, leave_out, only, readable},
};

/// A person whose load is counted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OverseenPerson {
    /// The user.
    pub(crate) id: UserId,
    /// Their name.
    pub(crate) name: String,
    /// How many hours they can work.
    pub(crate) capacity: Capacity,
    /// Whether they share a project with the reader.
    pub(crate) shared: bool,
}

macro_rules! person_columns {
    () => {
        "u.id, u.name, c.hours,
         (SELECT string_agg(concat(d.first_day, ',', d.last_day), ';' ORDER BY d.first_day, d.last_day)
          FROM days_off d WHERE d.user_id = u.id) AS days_off,
         CASE WHEN EXISTS (
             SELECT 1 FROM project_members a JOIN projects p ON p.id = a.project_id AND p.deleted_at IS NULL
             JOIN project_members b ON b.project_id = a.project_id
             WHERE a.user_id = $1 AND b.user_id = u.id
         ) THEN 1 ELSE 0 END AS shared
         FROM users u LEFT JOIN capacities c ON c.user_id = u.id"
    };
}

impl Store {
    /// The members of these projects and some further users, by name, as a reader sees them. Viewers are left out
    /// unless they have set a capacity.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn people(
        &self,
        reader: UserId,
        projects: &[ProjectId],
        others: &[UserId],
    ) -> Result<Vec<OverseenPerson>, StoreError> {
        let texts = |number| self.dialect.texts().replace("$1", number);
        let sql = format!(
            concat!(
                "SELECT ",
                person_columns!(),
                " WHERE u.id IN (SELECT m.user_id FROM project_members m WHERE m.project_id IN ({})
                     AND (m.role <> 'viewer' OR EXISTS (SELECT 1 FROM capacities k WHERE k.user_id = m.user_id)))
                 OR u.id IN ({}) ORDER BY u.name, u.id"
            ),
            texts("$2"),
            texts("$3")
        );
        let list =
            |ids: Vec<String>| serde_json::to_string(&ids).map_err(|error| StoreError::Unreadable(error.to_string()));
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(reader.to_string())
            .bind(list(projects.iter().map(ToString::to_string).collect())?)
            .bind(list(others.iter().map(ToString::to_string).collect())?)
            .fetch_all(&self.reader)
            .await?;
        Ok(readable("users", &rows, person).rows)
    }

    /// One person, as a reader sees them; `None` if there is no such account.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn person(&self, reader: UserId, user: UserId) -> Result<Option<OverseenPerson>, StoreError> {
        let row = sqlx::query(concat!("SELECT ", person_columns!(), " WHERE u.id = $2"))
            .bind(reader.to_string())
            .bind(user.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.map(|row| only("users", &row, person)).transpose()
    }
}

impl WriteTx {
    /// Stores a user's capacity.
    pub(crate) async fn save_capacity(&mut self, user: UserId, capacity: &Capacity) -> Result<(), StoreError> {
        let id = user.to_string();
        let hours =
            serde_json::to_string(&capacity.hours).map_err(|error| StoreError::Unreadable(error.to_string()))?;
        sqlx::query(
            "INSERT INTO capacities (user_id, hours, version) VALUES ($1, $2, 1)
             ON CONFLICT (user_id) DO UPDATE SET hours = excluded.hours, version = capacities.version + 1",
        )
        .bind(&id)
        .bind(hours)
        .execute(&mut *self.tx)
        .await?;
        sqlx::query("DELETE FROM days_off WHERE user_id = $1").bind(&id).execute(&mut *self.tx).await?;
        for off in &capacity.days_off {
            sqlx::query(
                "INSERT INTO days_off (user_id, first_day, last_day) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(&id)
            .bind(off.first.timestamp().millis())
            .bind(off.last.timestamp().millis())
            .execute(&mut *self.tx)
            .await?;
        }
        Ok(())
    }
}

fn person(row: &AnyRow) -> Result<OverseenPerson, StoreError> {
    // An unreadable capacity counts as the default one, so that the tasks are still counted.
    let left_out = |error: &StoreError| leave_out("capacities", &row.text("id").unwrap_or_default(), error);
    Ok(OverseenPerson {
        id: row.parse("id")?,
        name: row.text("name")?,
        capacity: capacity(row).inspect_err(left_out).unwrap_or_default(),
        shared: row.int("shared")? == 1,
    })
}

fn capacity(row: &AnyRow) -> Result<Capacity, StoreError> {
    let unreadable = |column: &str| StoreError::Unreadable(column.to_owned());
    let hours = match row.opt_text("hours")? {
        Some(hours) => serde_json::from_str(&hours).map_err(|_| unreadable("hours"))?,
        None => Capacity::default().hours,
    };
    let days_off = row.opt_text("days_off")?.unwrap_or_default();
    let days_off = days_off.split_terminator(';').map(|off| read(off).ok_or_else(|| unreadable("days_off")));
    Ok(Capacity { hours, days_off: days_off.collect::<Result<_, _>>()? })
}

fn read(off: &str) -> Option<DaysOff> {
    let day = |millis: &str| millis.parse().ok().map(|millis| Day::utc(Timestamp::from_millis(millis)));
    let (first, last) = off.split_once(',')?;
    Some(DaysOff { first: day(first)?, last: day(last)? })
}
