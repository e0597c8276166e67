//! The comments on tasks.

use engine::{Comment, CommentId, ProjectId, TaskId, Timestamp, UserId};
use sqlx::{AssertSqlSafe, any::AnyRow};

use super::{
    Store, StoreError, WriteTx,
    dialect::{CHUNK, placeholders},
    row::{Columns, only, readable},
};

/// The columns of `comments c` and `users u`, its author, that make a [`Comment`].
macro_rules! comment_columns {
    () => {
        "c.id, c.task_id, c.author_id, u.name AS author_name, c.body, c.html, c.created_at, c.edited_at, c.deleted_at,
         c.seq FROM comments c JOIN users u ON u.id = c.author_id "
    };
}
pub(super) use comment_columns;

impl Store {
    /// The project of a task, deleted or not.
    pub(crate) async fn project_of_task(&self, id: TaskId) -> Result<Option<ProjectId>, StoreError> {
        let sql = "SELECT project_id FROM tasks WHERE id = $1";
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(&self.reader).await?;
        row.map(|row| row.parse("project_id")).transpose()
    }

    /// The task of a comment, and its project.
    pub(crate) async fn task_of_comment(&self, id: CommentId) -> Result<Option<(TaskId, ProjectId)>, StoreError> {
        let sql = "SELECT t.id, t.project_id FROM comments c JOIN tasks t ON t.id = c.task_id WHERE c.id = $1";
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(&self.reader).await?;
        row.map(|row| Ok((row.parse("id")?, row.parse("project_id")?))).transpose()
    }

    /// The given comments that this build can read, deleted or not, in no particular order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn comments(&self, ids: &[CommentId]) -> Result<Vec<Comment>, StoreError> {
        let sql = format!(concat!("SELECT ", comment_columns!(), "WHERE c.id IN ({})"), self.dialect.texts());
        let ids: Vec<String> = ids.iter().map(|id| format!(r#""{id}""#)).collect();
        let list = format!("[{}]", ids.join(","));
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(list).fetch_all(&self.reader).await?;
        Ok(readable("comments", &rows, comment).rows)
    }
}

impl WriteTx {
    /// A comment, deleted or not.
    pub(crate) async fn comment(&mut self, id: CommentId) -> Result<Option<Comment>, StoreError> {
        let sql = concat!("SELECT ", comment_columns!(), "WHERE c.id = $1");
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(&mut *self.tx).await?;
        row.map(|row| only("comments", &row, comment)).transpose()
    }

    /// Inserts a comment. [`StoreError::Exists`] when its id is taken.
    pub(crate) async fn add_comment(&mut self, comment: &Comment) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO comments (id, task_id, author_id, body, html, created_at, seq)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(comment.id.to_string())
        .bind(comment.task_id.to_string())
        .bind(comment.author_id.to_string())
        .bind(&comment.body)
        .bind(&comment.html)
        .bind(comment.created_at.millis())
        .bind(i64::try_from(comment.seq).unwrap_or(i64::MAX))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Stores the changeable fields of a comment.
    pub(crate) async fn save_comment(&mut self, comment: &Comment) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE comments SET body = $2, html = $3, edited_at = $4, deleted_at = $5, seq = $6 WHERE id = $1",
        )
        .bind(comment.id.to_string())
        .bind(&comment.body)
        .bind(&comment.html)
        .bind(comment.edited_at.map(Timestamp::millis))
        .bind(comment.deleted_at.map(Timestamp::millis))
        .bind(i64::try_from(comment.seq).unwrap_or(i64::MAX))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Stores the number of a task's comments.
    pub(crate) async fn save_comment_count(&mut self, task: TaskId, count: u32) -> Result<(), StoreError> {
        sqlx::query("UPDATE tasks SET comment_count = $2 WHERE id = $1")
            .bind(task.to_string())
            .bind(i64::from(count))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Stores whom a comment mentions. Returns those whom it did not mention before.
    pub(crate) async fn add_mentions(&mut self, id: CommentId, users: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let mut added = Vec::with_capacity(users.len());
        for chunk in users.chunks(CHUNK) {
            let sql = format!(
                "INSERT INTO comment_mentions (comment_id, user_id) VALUES {} ON CONFLICT DO NOTHING RETURNING user_id",
                placeholders(chunk.len(), 2)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(chunk.len() == 1);
            for user in chunk {
                query = query.bind(id.to_string()).bind(user.to_string());
            }
            for row in query.fetch_all(&mut *self.tx).await? {
                added.push(row.parse("user_id")?);
            }
        }
        Ok(added)
    }
}

pub(super) fn comment(row: &AnyRow) -> Result<Comment, StoreError> {
    Ok(Comment {
        id: row.parse("id")?,
        task_id: row.parse("task_id")?,
        author_id: row.parse("author_id")?,
        author_name: row.text("author_name")?,
        body: row.text("body")?,
        html: row.text("html")?,
        created_at: row.time("created_at")?,
        edited_at: row.opt_time("edited_at")?,
        deleted_at: row.opt_time("deleted_at")?,
        seq: row.seq("seq")?,
    })
}
