//! Removal of the copies of boards and pages that this browser keeps: for one user, while they have access.
//!
//! A user's unsent ops are not copies: they stay under the user's key until they return.
//!
//! A copy that cannot be removed, because the browser refuses or the page ends, is not shown either: see
//! [`ended_access`](crate::ended_access). Each page removes again the copies that its user may not see.

use engine::{ApiError, ProjectId, UserId};

use crate::{
    ended_access::{mark_ended, unmark},
    offline_store, worker,
};

/// Removes the copies of other users; all copies if nobody is signed in.
pub(crate) async fn keep_only(user: Option<UserId>) {
    // Anything left is under another user's key.
    let _ = offline_store::clear_boards_but(user).await;
}

/// Removes all copies of a user whose session is over.
pub(crate) async fn drop_all(user: UserId) {
    mark_ended(user, None);
    worker::forget_pages();
    unmark(user, None, offline_store::clear_boards(user).await.is_ok());
}

/// Removes the copies of a project to which a user has lost access.
pub(crate) async fn drop_project(user: UserId, project: ProjectId) {
    mark_ended(user, Some(project));
    worker::drop_page(project, user);
    unmark(user, Some(project), offline_store::clear_board(user, project).await.is_ok());
}

/// Removes a project's copies if the server refused its board.
pub(crate) async fn drop_if_refused(user: UserId, project: ProjectId, error: &ApiError) {
    if matches!(error.status, 403 | 404) {
        drop_project(user, project).await;
    }
}
