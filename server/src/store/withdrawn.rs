//! The notifications of a removed member, stored for an undo.

use engine::{CommentId, ProjectId, UserId};
use sqlx::AssertSqlSafe;

use super::{StoreError, WriteTx};

/// The columns that `notifications` and the table of withdrawn ones share.
const COLUMNS: &str = "id, user_id, kind, title, message, reference_type, reference_id, task_id, project_id, actor_id, cause, in_bell,
    alert, created_at, read_at, mail_at, mail_kind, mail_taken_at, mail_tries, mailed_at, mail_failed_at, mail_error, times";

impl WriteTx {
    /// Withdraws a user's notifications about a project. Returns how many. The removal must be
    /// [stored](WriteTx::store_removal) first: these rows are deleted with it.
    pub(crate) async fn withdraw_notifications(&mut self, project: ProjectId, user: UserId) -> Result<u64, StoreError> {
        let keep = format!(
            "INSERT INTO removed_notifications ({COLUMNS})
             SELECT {COLUMNS} FROM notifications WHERE project_id = $1 AND user_id = $2"
        );
        self.of_member("DELETE FROM removed_notifications WHERE project_id = $1 AND user_id = $2", project, user)
            .await?;
        self.of_member(&keep, project, user).await?;
        self.of_member("DELETE FROM notifications WHERE project_id = $1 AND user_id = $2", project, user).await
    }

    /// Restores a user's notifications about a project. Returns how many. Call it before the removal is
    /// [deleted](WriteTx::delete_removal).
    pub(crate) async fn restore_notifications(&mut self, project: ProjectId, user: UserId) -> Result<u64, StoreError> {
        // The card, or the actor, may be gone for good.
        let sql = format!(
            "INSERT INTO notifications ({COLUMNS})
             SELECT {COLUMNS} FROM removed_notifications r WHERE r.project_id = $1 AND r.user_id = $2
             AND (r.task_id IS NULL OR EXISTS (SELECT 1 FROM tasks t WHERE t.id = r.task_id))
             AND (r.actor_id IS NULL OR EXISTS (SELECT 1 FROM users u WHERE u.id = r.actor_id))
             ON CONFLICT DO NOTHING"
        );
        self.of_member(&sql, project, user).await
    }

    /// Changes the comment text that withdrawn notifications quote.
    pub(super) async fn requote_withdrawn(&mut self, comment: CommentId, message: &str) -> Result<(), StoreError> {
        let sql =
            "UPDATE removed_notifications SET message = $2 WHERE reference_type = 'comment' AND reference_id = $1";
        sqlx::query(sql).bind(comment.to_string()).bind(message).execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn of_member(&mut self, sql: &str, project: ProjectId, user: UserId) -> Result<u64, StoreError> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned())).bind(project.to_string()).bind(user.to_string());
        Ok(query.execute(&mut *self.tx).await?.rows_affected())
    }
}
