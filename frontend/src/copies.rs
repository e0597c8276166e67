//! The copies of boards and pages that this browser keeps: for one user, and for as long as they have access.
//!
//! What a user did and what still waits to be sent is no copy: it stays under their key until they come back.
//!
//! A copy that cannot be taken away, because the browser refuses or the page ends meanwhile, is not shown either: a mark
//! in local storage says since when there is none. Each page takes away again what its user has no business with.

use std::{cell::RefCell, collections::HashSet};

use engine::{ApiError, ProjectId, UserId};

use crate::{clock, local, shelf, worker};

/// What the marks begin with; the user and the project follow.
const MARK: &str = "dropped:";

thread_local! {
    /// What is not to be kept again by this page. Without a project: nothing of the user.
    static ENDED: RefCell<HashSet<(UserId, Option<ProjectId>)>> = RefCell::default();
}

/// Takes away what is kept for others than the user of this page: all of it on a page for nobody.
pub(crate) async fn keep_only(user: Option<UserId>) {
    // What cannot be taken away is under another user's key.
    let _ = shelf::clear_boards_but(user).await;
}

/// The session of a user is over.
pub(crate) async fn drop_all(user: UserId) {
    end(user, None);
    worker::forget_pages();
    settle(user, None, shelf::clear_boards(user).await.is_ok());
}

/// A user has no access to a project any more.
pub(crate) async fn drop_project(user: UserId, project: ProjectId) {
    end(user, Some(project));
    worker::drop_page(project, user);
    settle(user, Some(project), shelf::clear_board(user, project).await.is_ok());
}

/// The server was asked for a board, and refused it.
pub(crate) async fn seen(user: UserId, project: ProjectId, error: &ApiError) {
    if matches!(error.status, 403 | 404) {
        drop_project(user, project).await;
    }
}

/// The server has just shown this board to its user: it may be kept.
pub(crate) fn allow(user: UserId, project: ProjectId) {
    ENDED.with_borrow_mut(|ended| {
        ended.remove(&(user, None));
        ended.remove(&(user, Some(project)));
    });
}

/// Whether a board may be stored.
pub(crate) fn may_keep(user: UserId, project: ProjectId) -> bool {
    ENDED.with_borrow(|ended| !ended.contains(&(user, None)) && !ended.contains(&(user, Some(project))))
}

/// Whether a board that was stored at `at`, in milliseconds of the clock, may be shown.
pub(crate) fn may_show(user: UserId, project: ProjectId, at: u64) -> bool {
    let dropped_at = |project| local::get(&mark(user, project)).and_then(|text| text.parse::<u64>().ok());
    [None, Some(project)].into_iter().filter_map(dropped_at).all(|dropped| at > dropped)
}

fn end(user: UserId, project: Option<ProjectId>) {
    ENDED.with_borrow_mut(|ended| ended.insert((user, project)));
    local::set(&mark(user, project), Some(&clock::now().to_string()));
}

fn settle(user: UserId, project: Option<ProjectId>, gone: bool) {
    if gone {
        local::set(&mark(user, project), None);
    }
}

fn mark(user: UserId, project: Option<ProjectId>) -> String {
    let project = project.map(|project| project.to_string()).unwrap_or_default();
    format!("{MARK}{user}/{project}")
}
