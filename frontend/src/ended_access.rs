//! Marks of access that ended: what was stored until then is neither shown nor stored again.
//!
//! A mark in local storage says since when there is no access. It stands for as long as a copy could not be taken away.

use std::{cell::RefCell, collections::HashSet};

use engine::{ProjectId, UserId};

use crate::{clock, local};

/// What the marks begin with; the user and the project follow.
const MARK: &str = "dropped:";

thread_local! {
    /// What is not to be kept again by this page. Without a project: nothing of the user.
    static ENDED: RefCell<HashSet<(UserId, Option<ProjectId>)>> = RefCell::default();
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

/// Notes that a user has no access any more: to a project, or without one to anything.
pub(crate) fn end(user: UserId, project: Option<ProjectId>) {
    ENDED.with_borrow_mut(|ended| ended.insert((user, project)));
    local::set(&mark(user, project), Some(&clock::now().to_string()));
}

/// Takes the mark back once the copies are `gone`: what is stored from now on may be shown.
pub(crate) fn settle(user: UserId, project: Option<ProjectId>, gone: bool) {
    if gone {
        local::set(&mark(user, project), None);
    }
}

fn mark(user: UserId, project: Option<ProjectId>) -> String {
    let project = project.map(|project| project.to_string()).unwrap_or_default();
    format!("{MARK}{user}/{project}")
}
