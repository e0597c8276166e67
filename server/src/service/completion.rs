//! Tasks follow the category of their column: in one of category `done` they are finished, elsewhere they are not.
//!
//! A column may hold thousands. Its category changes in one write, together with the first of them, and the others
//! follow in chunks, so that other writers get in between. Each chunk reads anew what the column is for and which of
//! its tasks lag behind: cards come and go meanwhile, and the category may change again. A process that ends half-way
//! leaves tasks that lag, in a column that says so, which a [sweep] finds.

use engine::{Category, Change, Member, ProjectId, Role, Status, StatusId, TaskId, User};

use super::{Intent, ServiceError, Services, task::follow_category, write::ProjectWrite};
use crate::{
    backoff::Backoff,
    chunked::PAUSE,
    store::{Lagging, StoreError},
};

/// Tasks of one write: a few milliseconds' work.
const CHUNK: usize = 100;
/// Failures after which the rest is left to the next sweep.
const TRIES: u32 = 5;
/// Columns that a sweep reads at once.
const COLUMNS: u32 = 100;

/// Lets the first tasks of a column follow its category, in the write that changes it; and says whether there may be
/// more of them.
pub(super) async fn begin(write: &mut ProjectWrite, status: &Status) -> Result<bool, ServiceError> {
    let lagging = write.tx.first_lagging(status.id, CHUNK).await?;
    let more = lagging.len() == CHUNK;
    follow(write, status, lagging).await?;
    if more {
        write.tx.note_lagging(status.id).await?;
    }
    Ok(more)
}

/// Lets the others follow, after that write. What fails again and again is left to the next sweep: the category has
/// changed, and its writer is told so.
pub(super) async fn finish(services: &Services, user: &User, project: ProjectId, id: StatusId) {
    let mut backoff = Backoff::default();
    for _ in 0..TRIES {
        match all(services, user, project, id).await {
            Ok(_) => return,
            Err(error) => tracing::warn!(%project, status = %id, %error, "tasks could not follow their column"),
        }
        tokio::time::sleep(backoff.next()).await;
    }
}

/// Finds the tasks that a process has left behind their columns, lets them follow, and says how many there were. It
/// does so in the name of an owner, since who changed the column is not known any more.
///
/// # Errors
/// When the database does not answer. Tasks that have followed until then have, and the next sweep goes on there.
pub async fn sweep(services: &Services) -> Result<u64, StoreError> {
    let (mut count, mut after) = (0, String::new());
    loop {
        let (columns, end) = services.store.lagging_columns(&after, COLUMNS).await?;
        for (project, id) in columns {
            match sweep_column(services, project, id).await {
                Ok(followed) => count += followed,
                Err(ServiceError::Failed(error)) if !error.is_unreadable() => return Err(error),
                // The others follow all the same.
                Err(stop) => tracing::error!(%project, status = %id, %stop, "tasks could not follow their column"),
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
    all(services, &User { id: user_id, email, name }, project, id).await
}

/// Lets tasks follow until none lags behind, and says how many did.
async fn all(services: &Services, user: &User, project: ProjectId, id: StatusId) -> Result<u64, ServiceError> {
    let mut count = 0;
    loop {
        let before = count;
        for tasks in services.store.lagging_tasks(id).await?.chunks(CHUNK) {
            tokio::time::sleep(PAUSE).await;
            let (of, user, tasks) = (services.clone(), user.clone(), tasks.to_vec());
            let chunk = async move { chunk(&of, user, project, id, &tasks).await };
            // To its end, also when a sweep is stopped: what is committed is told.
            let followed = services.writes.run(chunk).await;
            count += followed.unwrap_or(Err(ServiceError::Internal("a chunk panicked")))?;
        }
        // Cards that came while the column changed, until there are none.
        if count == before {
            services.store.settle_column(project, id).await?;
            return Ok(count);
        }
    }
}

/// Lets those of these tasks follow that still lag behind this column, and says how many did.
async fn chunk(
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
        Err(stop) => return Err(stop),
    };
    let statuses = write.tx.statuses(project).await?;
    let Some(status) = statuses.into_iter().find(|status| status.id == id) else { return Ok(0) };
    let lagging = write.tx.lagging_of(id, tasks).await?;
    let count = lagging.len() as u64;
    if count == 0 {
        return Ok(0);
    }
    if !follow(&mut write, &status, lagging).await? {
        // Every change is in the log: what is counted of a project is kept for one place in it.
        write.record(Change::StatusUpdated(status));
    }
    write.commit(200, &()).await?;
    Ok(count)
}

/// Lets these tasks follow, and says whether any of them was finished by it, or no longer is: these are events.
async fn follow(write: &mut ProjectWrite, status: &Status, lagging: Lagging) -> Result<bool, ServiceError> {
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
