//! Reads a board and its log.

use engine::{ApiError, Epoch, Project, ProjectId, Snapshot, User, wire::LogPosition};

use super::{
    ServiceError, Services,
    access::{self, Right, project_not_found},
};
use crate::{frame_text::FrameText, store::Store};

/// Most events per page, and the default.
pub const PAGE: usize = 1000;

/// A page of a log, as `GET …/events` returns it.
#[derive(Clone, Debug)]
pub struct EventFrames {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// The seq at the end of the log, which may be past this page.
    pub seq: u64,
    /// The events, in order, as encoded when they were created.
    pub frames: Vec<FrameText>,
}

/// The projects of a user, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn projects(store: &Store, user: &User) -> Result<Vec<Project>, ServiceError> {
    Ok(store.projects_of(user.id).await?)
}

/// A project.
///
/// # Errors
/// `project_not_found`.
pub async fn project(store: &Store, user: &User, id: ProjectId) -> Result<Project, ServiceError> {
    Ok(store.project(id, user.id).await?.ok_or_else(project_not_found)?)
}

/// The whole board at one `seq`.
///
/// # Errors
/// `project_not_found`.
pub async fn snapshot(store: &Store, user: &User, id: ProjectId) -> Result<Snapshot, ServiceError> {
    Ok(store.board(id, user.id).await?.ok_or_else(project_not_found)?)
}

/// The events after a position in the log. A position that names an event which the log lacks shows that the database
/// went back in time: the log gets a new epoch, as often as [`Realtime::claim`] allows.
///
/// [`Realtime::claim`]: crate::realtime::Realtime::claim
///
/// # Errors
/// `project_not_found`; `log_pruned` if the log cannot be continued from there: its epoch differs, or it was pruned,
/// or it never was that long. The client then fetches the board.
pub async fn events(
    services: &Services,
    user: &User,
    id: ProjectId,
    from: LogPosition,
    limit: Option<usize>,
) -> Result<EventFrames, ServiceError> {
    let (Services { store, realtime, .. }, LogPosition { epoch, since, last }) = (services, from);
    access::check(store.member_role(id, user.id).await?, Right::Read)?;
    let limit = limit.unwrap_or(PAGE).clamp(1, PAGE);
    let page = store.log_since(id, since, limit).await?.ok_or_else(project_not_found)?;
    let another = last.zip(page.before).is_some_and(|(last, before)| last != before);
    if page.epoch == epoch && (another || (last.is_some() && since > page.seq)) && realtime.claim(user.id, id) {
        tracing::warn!(project = %id, user = %user.id, "the database went back in time: every board is fetched anew");
        store.rotate_epoch(id, Some(epoch)).await?;
        realtime.compare(id);
    }
    if page.epoch != epoch || another || since > page.seq || since + 1 < page.min_seq {
        return Err(ApiError::new(410, "log_pruned", "The log doesn't go back that far. Fetch the board.").into());
    }
    let frames = page.events.into_iter().map(|event| event.frame).collect();
    Ok(EventFrames { epoch: page.epoch, seq: page.seq, frames })
}
