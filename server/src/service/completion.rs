//! Completes tasks after the category of their column: in a `done` column they are finished, elsewhere not.
//!
//! A column may hold thousands of tasks. Its category changes in one write, together with the first of them; the
//! others follow in chunks, so that other writes get in between. Each chunk rereads the category and the tasks that
//! lag behind it, since cards move meanwhile and the category may change again. If the process ends half-way, the
//! column stays marked as lagging, and a [sweep] continues.

use engine::{Category, Change, Member, ProjectId, Role, Status, StatusId, TaskId, User};

use super::{Intent, ServiceError, Services, task::follow_category, write::ProjectWrite};
use crate::{
    backoff::Backoff,
    chunked::PAUSE,
    store::{Lagging, StoreError},
};

/// Tasks per write: a few milliseconds' work.
const CHUNK: usize = 100;
/// Failures after which the rest is left to the next sweep.
const TRIES: u32 = 5;
/// Columns that a sweep reads at once.
const COLUMNS: u32 = 100;

/// Completes the first tasks of a column, within the write that changes its category. Returns whether there may be
/// more.
pub(super) async fn begin(write: &mut ProjectWrite, status: &Status) -> Result<bool, ServiceError> {
    let lagging = write.tx.first_lagging(status.id, CHUNK).await?;
    let more = lagging.len() == CHUNK;
    complete(write, status, lagging).await?;
    if more {
        write.tx.mark_lagging(status.id).await?;
    }
    Ok(more)
}

/// Completes the other tasks after that write. Repeated failures are left to the next sweep: the category has changed,
/// and its writer is told so.
pub(super) async fn finish(services: &Services, user: &User, project: ProjectId, id: StatusId) {
    let mut backoff = Backoff::default();
    for _ in 0..TRIES {
        match complete_all(services, user, project, id).await {
            Ok(_) => return,
            Err(error) => tracing::warn!(%project, status = %id, %error, "could not complete the tasks of a column"),
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

/// Completes tasks that a process left behind. Returns how many. Acts in the name of an owner, since the user who
/// changed the column is no longer known.
///
/// # Errors
/// When the database does not answer. Completed tasks stay so, and the next sweep continues.
pub async fn sweep(services: &Services) -> Result<u64, StoreError> {
    let (mut count, mut after) = (0, String::new());
    loop {
        let (columns, end) = services.store.lagging_columns(&after, COLUMNS).await?;
        for (project, id) in columns {
            match sweep_column(services, project, id).await {
                Ok(completed) => count += completed,
                Err(ServiceError::Failed(error)) if !error.is_unreadable() => return Err(error),
                // Continue with the others.
                Err(error) => {
                    tracing::error!(%project, status = %id, %error, "could not complete the tasks of a column")
                }
            }
        }
        match end {
            Some(end) => after = end,
            None => return Ok(count),
        }
    }
}

async fn sweep_column(services: &Services, project: ProjectId, id: StatusId) -> Result<u64, ServiceError> {
    let members = services.store.members(project).await?;
    let Some(owner) = members.into_iter().find(|member| member.role == Role::Owner) else { return Ok(0) };
    let Member { user_id, email, name, .. } = owner;
    complete_all(services, &User { id: user_id, email, name }, project, id).await
}

/// Completes tasks until none lags behind. Returns how many.
async fn complete_all(services: &Services, user: &User, project: ProjectId, id: StatusId) -> Result<u64, ServiceError> {
    let mut count = 0;
    loop {
        let before = count;
        for tasks in services.store.lagging_tasks(id).await?.chunks(CHUNK) {
            tokio::time::sleep(PAUSE).await;
            let (of, user, tasks) = (services.clone(), user.clone(), tasks.to_vec());
            let chunk = async move { complete_chunk(&of, user, project, id, &tasks).await };
            // Runs to its end even if a sweep is stopped: a commit must be published.
            let completed = services.writes.run(chunk).await;
            count += completed.unwrap_or(Err(ServiceError::Internal("a chunk panicked")))?;
        }
        // Includes cards that arrived while the column changed, until there are none.
        if count == before {
            services.store.unmark_lagging(project, id).await?;
            return Ok(count);
        }
    }
}

/// Completes the given tasks if they still lag behind this column. Returns how many.
async fn complete_chunk(
    services: &Services,
    user: User,
    project: ProjectId,
    id: StatusId,
    tasks: &[TaskId],
) -> Result<u64, ServiceError> {
    let mut write = match ProjectWrite::resume(services, Intent::once(user), project).await {
        Ok(write) => write,
        // The project is gone.
        Err(ServiceError::Refused(_)) => return Ok(0),
        Err(error) => return Err(error),
    };
    let statuses = write.tx.statuses(project).await?;
    let Some(status) = statuses.into_iter().find(|status| status.id == id) else { return Ok(0) };
    let lagging = write.tx.lagging_of(id, tasks).await?;
    let count = lagging.len() as u64;
    if count == 0 {
        return Ok(0);
    }
    if !complete(&mut write, &status, lagging).await? {
        // Every change needs an event: cached figures of a project are valid for one log position.
        write.record(Change::StatusUpdated(status));
    }
    write.commit(200, &()).await?;
    Ok(count)
}

/// Completes tasks, with an event each. Returns whether any became finished or unfinished.
async fn complete(write: &mut ProjectWrite, status: &Status, lagging: Lagging) -> Result<bool, ServiceError> {
    let (finished, seq, at) = (status.category == Category::Done, write.next_seq(), write.at);
    write.tx.complete(&lagging, finished, seq, at).await?;
    let mut any = false;
    for mut row in lagging.rows.into_iter().filter(|row| row.task.completed_at.is_some() != finished) {
        follow_category(&mut row.task, status, at);
        row.touch(at);
        write.record(Change::TaskUpdated(row.task));
        any = true;
    }
    Ok(any)
}
