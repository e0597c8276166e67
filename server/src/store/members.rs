//! The members of projects.

use engine::{Colleague, Member, ProjectId, Role, Timestamp, UserId};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    row::{Columns, only, readable, word},
};

impl Store {
    /// The members of a project, in the order in which they joined.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn members(&self, project: ProjectId) -> Result<Vec<Member>, StoreError> {
        let mut connection = self.reader.acquire().await?;
        all(&mut connection, project).await
    }

    /// All users who share a project with a user, themselves included, each with their place in the oldest shared
    /// project.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn colleagues(&self, user: UserId) -> Result<Vec<Colleague>, StoreError> {
        let rows = sqlx::query(
            "SELECT user_id, place FROM (
                 SELECT m.user_id, m.place,
                     ROW_NUMBER() OVER (PARTITION BY m.user_id ORDER BY p.created_at, p.id) AS nth
                 FROM project_members m JOIN projects p ON p.id = m.project_id AND p.deleted_at IS NULL
                 WHERE m.project_id IN (SELECT project_id FROM project_members WHERE user_id = $1)
             ) shared WHERE nth = 1 ORDER BY user_id",
        )
        .bind(user.to_string())
        .fetch_all(&self.reader)
        .await?;
        let colleague = |row: &AnyRow| Ok(Colleague { user_id: row.parse("user_id")?, place: row.count("place")? });
        Ok(readable("project_members", &rows, colleague).rows)
    }
}

impl WriteTx {
    /// A member of a project.
    pub(crate) async fn member(&mut self, project: ProjectId, user: UserId) -> Result<Option<Member>, StoreError> {
        let row = sqlx::query(
            "SELECT m.user_id, m.role, m.place, u.name, u.email FROM project_members m JOIN users u ON u.id = m.user_id
             WHERE m.project_id = $1 AND m.user_id = $2",
        )
        .bind(project.to_string())
        .bind(user.to_string())
        .fetch_optional(&mut *self.tx)
        .await?;
        row.map(|row| only("project_members", &row, member)).transpose()
    }

    /// The sign-in addresses of a project's members.
    pub(crate) async fn member_addresses(&mut self, project: ProjectId) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT u.email FROM project_members m JOIN users u ON u.id = m.user_id WHERE m.project_id = $1";
        let rows = sqlx::query(sql).bind(project.to_string()).fetch_all(&mut *self.tx).await?;
        Ok(readable("users", &rows, |row| row.text("email")).rows)
    }

    /// Adds a member, at their former place if it is free, else at the lowest free one. [`StoreError::Exists`] when
    /// they are a member already.
    pub(crate) async fn add_member(
        &mut self,
        project: ProjectId,
        user: UserId,
        role: Role,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO project_members (project_id, user_id, role, joined_at, place) VALUES ($1, $2, $3, $4, COALESCE(
                 (SELECT f.place FROM former_members f WHERE f.project_id = $1 AND f.user_id = $2
                  AND NOT EXISTS (SELECT 1 FROM project_members o WHERE o.project_id = $1 AND o.place = f.place)),
                 (SELECT MIN(c.place) FROM (SELECT 0 AS place UNION ALL
                      SELECT m.place + 1 FROM project_members m WHERE m.project_id = $1) c
                  WHERE NOT EXISTS (SELECT 1 FROM project_members o WHERE o.project_id = $1 AND o.place = c.place))))",
        )
        .bind(project.to_string())
        .bind(user.to_string())
        .bind(word(role)?)
        .bind(at.millis())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Changes a member's role.
    pub(crate) async fn save_role(&mut self, project: ProjectId, user: UserId, role: Role) -> Result<(), StoreError> {
        sqlx::query("UPDATE project_members SET role = $3 WHERE project_id = $1 AND user_id = $2")
            .bind(project.to_string())
            .bind(user.to_string())
            .bind(word(role)?)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Removes a member, who stays known as assignee or creator of tasks.
    pub(crate) async fn remove_member(&mut self, project: ProjectId, user: UserId) -> Result<(), StoreError> {
        for sql in [
            "INSERT INTO former_members (project_id, user_id, has_made, place) VALUES ($1, $2, CASE WHEN EXISTS
              (SELECT 1 FROM tasks t WHERE t.project_id = $1 AND t.created_by = $2) THEN 1 ELSE 0 END,
              (SELECT m.place FROM project_members m WHERE m.project_id = $1 AND m.user_id = $2))
             ON CONFLICT (project_id, user_id) DO UPDATE SET has_made = excluded.has_made, place = excluded.place",
            "DELETE FROM project_members WHERE project_id = $1 AND user_id = $2",
        ] {
            sqlx::query(sql).bind(project.to_string()).bind(user.to_string()).execute(&mut *self.tx).await?;
        }
        Ok(())
    }

    /// How many owners a project has.
    pub(crate) async fn owners(&mut self, project: ProjectId) -> Result<i64, StoreError> {
        sqlx::query("SELECT COUNT(*) AS owners FROM project_members WHERE project_id = $1 AND role = $2")
            .bind(project.to_string())
            .bind(word(Role::Owner)?)
            .fetch_one(&mut *self.tx)
            .await?
            .int("owners")
    }
}

/// The members of a project, in the order in which they joined.
pub(super) async fn all(connection: &mut AnyConnection, project: ProjectId) -> Result<Vec<Member>, StoreError> {
    let rows = sqlx::query(
        "SELECT m.user_id, m.role, m.place, u.name, u.email FROM project_members m JOIN users u ON u.id = m.user_id
         WHERE m.project_id = $1 ORDER BY m.joined_at, m.user_id",
    )
    .bind(project.to_string())
    .fetch_all(connection)
    .await?;
    Ok(readable("project_members", &rows, member).rows)
}

/// Former members of a project who are assignee or creator of one of its tasks, deleted or not; by name.
pub(super) async fn former(connection: &mut AnyConnection, project: ProjectId) -> Result<Vec<Member>, StoreError> {
    let rows = sqlx::query(
        "SELECT u.id AS user_id, u.name, f.place FROM former_members f JOIN users u ON u.id = f.user_id
         WHERE f.project_id = $1
         AND NOT EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = $1 AND m.user_id = f.user_id)
         AND (f.has_made = 1 OR EXISTS
             (SELECT 1 FROM tasks t WHERE t.project_id = $1 AND t.assignee_id = f.user_id))
         ORDER BY u.name, u.id",
    )
    .bind(project.to_string())
    .fetch_all(connection)
    .await?;
    let former = |row: &AnyRow| {
        let member = Member {
            user_id: row.parse("user_id")?,
            name: row.text("name")?,
            email: String::new(),
            role: Role::Viewer,
            former: true,
            place: row.opt_int("place")?.and_then(|place| u32::try_from(place).ok()),
        };
        Ok(member)
    };
    Ok(readable("users", &rows, former).rows)
}

fn member(row: &AnyRow) -> Result<Member, StoreError> {
    Ok(Member {
        user_id: row.parse("user_id")?,
        name: row.text("name")?,
        email: row.text("email")?,
        role: row.word("role")?,
        former: false,
        place: Some(row.count("place")?),
    })
}
