//! Marks for ended access: copies stored before are not shown or stored again.
//!
//! A mark in local storage has the time at which access ended. It stays until the copy could be removed.

use std::{cell::RefCell, collections::HashSet};

use engine::{ProjectId, UserId};

use crate::{clock, local};

/// Key prefix of the marks; the user and the project follow.
const MARK: &str = "dropped:";

thread_local! {
    /// What this page must not store again. Without a project: nothing of the user.
    static ENDED: RefCell<HashSet<(UserId, Option<ProjectId>)>> = RefCell::default();
}

/// Allows storing a board again: the server has just shown it to its user.
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

/// Whether a board stored at `at`, in milliseconds of the clock, may be shown.
pub(crate) fn may_show(user: UserId, project: ProjectId, at: u64) -> bool {
    let dropped_at = |project| local::get(&mark(user, project)).and_then(|text| text.parse::<u64>().ok());
    [None, Some(project)].into_iter().filter_map(dropped_at).all(|dropped| at > dropped)
}

/// Marks that a user lost access to a project or, without one, to everything.
pub(crate) fn mark_ended(user: UserId, project: Option<ProjectId>) {
    ENDED.with_borrow_mut(|ended| ended.insert((user, project)));
    local::set(&mark(user, project), Some(&clock::now().to_string()));
}

/// Removes the mark once the copies are `gone`: boards stored from now on may be shown.
pub(crate) fn unmark(user: UserId, project: Option<ProjectId>, gone: bool) {
    if gone {
        local::set(&mark(user, project), None);
    }
}

fn mark(user: UserId, project: Option<ProjectId>) -> String {
    let project = project.map(|project| project.to_string()).unwrap_or_default();
    format!("{MARK}{user}/{project}")
}
