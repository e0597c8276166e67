//! The copies of boards and pages that this browser keeps: for one user, and for as long as they have access.
//!
//! What a user did and what still waits to be sent is no copy: it stays under their key until they come back.
//!
//! A copy that cannot be taken away, because the browser refuses or the page ends meanwhile, is not shown either: see
//! [`ended_access`](crate::ended_access). Each page takes away again what its user has no business with.

use engine::{ApiError, ProjectId, UserId};

use crate::{
    ended_access::{end, settle},
    offline_store, worker,
};

/// Takes away what is kept for others than the user of this page: all of it on a page for nobody.
pub(crate) async fn keep_only(user: Option<UserId>) {
    // What cannot be taken away is under another user's key.
    let _ = offline_store::clear_boards_but(user).await;
}

/// The session of a user is over.
pub(crate) async fn drop_all(user: UserId) {
    end(user, None);
    worker::forget_pages();
    settle(user, None, offline_store::clear_boards(user).await.is_ok());
}

/// A user has no access to a project any more.
pub(crate) async fn drop_project(user: UserId, project: ProjectId) {
    end(user, Some(project));
    worker::drop_page(project, user);
    settle(user, Some(project), offline_store::clear_board(user, project).await.is_ok());
}

/// The server was asked for a board, and refused it.
pub(crate) async fn seen(user: UserId, project: ProjectId, error: &ApiError) {
    if matches!(error.status, 403 | 404) {
        drop_project(user, project).await;
    }
}
