//! Text search in a board's tasks.

use engine::{ProjectId, TaskId};
use futures_util::TryStreamExt as _;

use super::{Store, StoreError, row::Columns};

impl Store {
    /// The tasks on a board whose title or description satisfies `wanted`. Reads row by row: all descriptions of a
    /// board together may not fit into memory.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_tasks(
        &self,
        project: ProjectId,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<TaskId>, StoreError> {
        let mut connection = self.reader.acquire().await?;
        let mut rows = sqlx::query(
            "SELECT id, title, description FROM tasks WHERE project_id = $1 AND deleted_at IS NULL ORDER BY id",
        )
        .bind(project.to_string())
        .fetch(&mut *connection);
        let mut found = Vec::new();
        while let Some(row) = rows.try_next().await? {
            // Boards hide rows that cannot be read.
            let (Ok(id), Ok(title)) = (row.parse("id"), row.text("title")) else { continue };
            let description = row.opt_text("description").ok().flatten();
            if wanted(&title) || description.is_some_and(|text| wanted(&text)) {
                found.push(id);
            }
        }
        Ok(found)
    }
}
