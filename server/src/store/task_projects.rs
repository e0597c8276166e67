//! Caches the project of each task: on PostgreSQL a write must know it before it begins, to choose its lane.

use std::sync::Arc;

use engine::{ProjectId, TaskId};
use quick_cache::sync::Cache;

use super::{Entry, Store, StoreError, WriteTx, row::Columns as _};

/// Cached tasks.
const CAPACITY: usize = 20_000;

/// The projects of recently written tasks. A task never changes its project.
#[derive(Clone, Debug)]
pub(super) struct TaskProjects(Arc<Cache<TaskId, ProjectId>>);

impl Default for TaskProjects {
    fn default() -> Self {
        Self(Arc::new(Cache::new(CAPACITY)))
    }
}

impl Store {
    /// The project of a task, if a write must know it before it begins; `None` also for a task that does not exist.
    async fn project_to_lock(&self, task: TaskId) -> Result<Option<ProjectId>, StoreError> {
        if !self.dialect.has_lanes() {
            return Ok(None);
        }
        if let Some(project) = self.task_projects.0.get(&task) {
            return Ok(Some(project));
        }
        let row = sqlx::query("SELECT project_id FROM tasks WHERE id = $1")
            .bind(task.to_string())
            .fetch_optional(&self.reader)
            .await?;
        let project = row.map(|row| row.parse("project_id")).transpose()?;
        if let Some(project) = project {
            self.task_projects.0.insert(task, project);
        }
        Ok(project)
    }

    /// Begins a write to a task's project. `enter` runs the first statement, which reads the project again.
    pub(super) async fn write_task<T>(
        &self,
        task: TaskId,
        enter: impl AsyncFnOnce(&mut WriteTx) -> Result<Option<(Entry, T)>, StoreError>,
    ) -> Result<(WriteTx, Option<(Entry, T)>), StoreError> {
        let project = self.project_to_lock(task).await?;
        let mut write = self.write_with_first_statement(project).await?;
        let entered = enter(&mut write).await?;
        if let (true, Some((entry, _))) = (self.dialect.has_lanes(), &entered)
            && project != Some(entry.project.id)
        {
            // The task was created since the lookup, or again in another project: this is not the lane of its project.
            self.task_projects.0.remove(&task);
            return Err(StoreError::ConcurrentWriter);
        }
        Ok((write, entered))
    }
}
