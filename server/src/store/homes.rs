//! Which project a task belongs to, known before a write to it begins: on PostgreSQL that decides whom it waits for.

use std::sync::Arc;

use engine::{ProjectId, TaskId};
use quick_cache::sync::Cache;

use super::{Entry, Store, StoreError, WriteTx, row::Columns as _};

/// Tasks whose projects are remembered.
const REMEMBERED: usize = 20_000;

/// The projects of tasks that were written to lately. A task never changes its project.
#[derive(Clone, Debug)]
pub(super) struct Homes(Arc<Cache<TaskId, ProjectId>>);

impl Default for Homes {
    fn default() -> Self {
        Self(Arc::new(Cache::new(REMEMBERED)))
    }
}

impl Store {
    /// The project of a task, where a write to it has to know that before it begins; `None` as well for a task that
    /// is not there.
    async fn home(&self, task: TaskId) -> Result<Option<ProjectId>, StoreError> {
        if !self.dialect.has_lanes() {
            return Ok(None);
        }
        if let Some(project) = self.homes.0.get(&task) {
            return Ok(Some(project));
        }
        let row = sqlx::query("SELECT project_id FROM tasks WHERE id = $1")
            .bind(task.to_string())
            .fetch_optional(&self.reader)
            .await?;
        let project = row.map(|row| row.parse("project_id")).transpose()?;
        if let Some(project) = project {
            self.homes.0.insert(task, project);
        }
        Ok(project)
    }

    /// Begins a write to the project of a task, which is `entered` by a first statement that reads which it is.
    pub(super) async fn write_task<T>(
        &self,
        task: TaskId,
        enter: impl AsyncFnOnce(&mut WriteTx) -> Result<Option<(Entry, T)>, StoreError>,
    ) -> Result<(WriteTx, Option<(Entry, T)>), StoreError> {
        let home = self.home(task).await?;
        let mut write = self.lazy_write(home).await?;
        let entered = enter(&mut write).await?;
        if let (true, Some((entry, _))) = (self.dialect.has_lanes(), &entered)
            && home != Some(entry.project.id)
        {
            // Made, or made anew, since it was looked up: this is not its project's lane.
            self.homes.0.remove(&task);
            return Err(StoreError::Overtaken);
        }
        Ok((write, entered))
    }
}
