//! The writes of this process to PostgreSQL, in one lane per project.
//!
//! Writes to a project are sequential anyway: each takes the next seq of its log. If each waited for the project's row
//! on its own connection, one busy board would soon occupy all of them. So they queue here, before they have a
//! connection: a lane uses one at a time, and its writes share commits.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use engine::ProjectId;

use super::{
    connections::Connections,
    group_commit::{GroupCommit, LaneScope, WriterQueue},
};

/// Lanes in the map before unused ones are removed.
const CLEAN_UP_AT: usize = 256;

/// All lanes of this process.
pub(in crate::store) struct Lanes {
    pub(super) connections: Arc<Connections>,
    lanes: Mutex<HashMap<ProjectId, Weak<WriterQueue>>>,
}

impl Lanes {
    pub(super) fn new(connections: Arc<Connections>) -> Self {
        Self { connections, lanes: Mutex::default() }
    }

    /// The lane of a project.
    pub(super) fn of(&self, project: ProjectId) -> GroupCommit {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = lanes.get(&project).and_then(Weak::upgrade) {
            return GroupCommit::from_queue(queue);
        }
        if lanes.len() >= CLEAN_UP_AT {
            lanes.retain(|_, lane| lane.strong_count() > 0);
        }
        let lane = GroupCommit::new(LaneScope::project(project), Arc::clone(&self.connections));
        lanes.insert(project, lane.downgrade());
        lane
    }

    /// A lane for one write that belongs to no project.
    pub(super) fn alone(&self) -> GroupCommit {
        GroupCommit::new(LaneScope::alone(), Arc::clone(&self.connections))
    }
}
