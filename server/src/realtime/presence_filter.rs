//! Passes presence on only for tasks of this board: clients can send any id.
//!
//! Pure. Unknown ids are looked up in batches, one read at a time, so that many frames cause a bounded number of
//! reads.

use std::collections::{HashMap, HashSet};

use engine::{TaskId, room::SocketId};

use super::presence::PresenceState;

/// Capacity of the cache. A full cache is emptied.
const CAPACITY: usize = 1024;

/// A cache of task ids on the board, and the presence that waits for a lookup.
#[derive(Debug, Default)]
pub(super) struct PresenceFilter {
    /// Tasks on the board.
    known: HashSet<TaskId>,
    /// The last presence of each socket whose task is unknown.
    waiting: HashMap<SocketId, PresenceState>,
    /// A lookup is running.
    reading: bool,
    /// Changes with each removal, which makes earlier lookups stale.
    version: u64,
    /// Whether a client has ever named a task.
    used: bool,
}

/// A batch of presence whose tasks are looked up.
#[derive(Debug)]
pub(super) struct TaskLookup {
    version: u64,
    asked: Vec<(SocketId, PresenceState)>,
}

impl TaskLookup {
    /// The tasks, each once.
    pub(super) fn tasks(&self) -> Vec<TaskId> {
        let tasks: HashSet<TaskId> = self.asked.iter().filter_map(|(_, activity)| activity.task_id).collect();
        tasks.into_iter().collect()
    }
}

impl PresenceFilter {
    /// Takes a socket's presence. True: pass it on; false: it waits for a lookup.
    pub(super) fn update(&mut self, socket: SocketId, activity: PresenceState) -> bool {
        self.waiting.remove(&socket);
        self.used |= activity.task_id.is_some();
        let passes = activity.task_id.is_none_or(|task| self.known.contains(&task));
        if !passes {
            self.waiting.insert(socket, activity);
        }
        passes
    }

    /// Removes a closed socket.
    pub(super) fn leave(&mut self, socket: SocketId) {
        self.waiting.remove(&socket);
    }

    /// Whether no client has ever named a task, so that events need not be inspected.
    pub(super) fn is_unused(&self) -> bool {
        !self.used
    }

    /// Whether to start a reader: something waits, and no reader runs.
    pub(super) fn begin_to_read(&mut self) -> bool {
        !self.waiting.is_empty() && !std::mem::replace(&mut self.reading, true)
    }

    /// The next batch. `None` ends the reader.
    pub(super) fn next_batch(&mut self) -> Option<TaskLookup> {
        self.reading = !self.waiting.is_empty();
        let asked = self.waiting.iter().map(|(socket, activity)| (*socket, *activity)).collect();
        self.reading.then_some(TaskLookup { version: self.version, asked })
    }

    /// Takes the ids found on the board, and returns the presence to pass on. Drops presence that its socket has
    /// replaced. If a task was removed since the batch was made, looks the batch up again.
    pub(super) fn found(&mut self, lookup: TaskLookup, on_board: &[TaskId]) -> Vec<(SocketId, PresenceState)> {
        if lookup.version != self.version {
            return Vec::new();
        }
        if self.known.len() + on_board.len() > CAPACITY {
            self.known.clear();
        }
        self.known.extend(on_board);
        let current = lookup.asked.into_iter().filter(|(socket, activity)| self.waiting.get(socket) == Some(activity));
        let current: Vec<(SocketId, PresenceState)> = current.collect();
        for (socket, _) in &current {
            self.waiting.remove(socket);
        }
        let (known, nowhere) = (&self.known, PresenceState::LOOKING);
        let passed = |(socket, activity): (SocketId, PresenceState)| {
            let there = activity.task_id.is_some_and(|task| known.contains(&task));
            (socket, if there { activity } else { nowhere })
        };
        current.into_iter().map(passed).collect()
    }

    /// Drops a batch whose lookup failed.
    pub(super) fn drop_failed(&mut self, lookup: &TaskLookup) {
        for (socket, activity) in &lookup.asked {
            if self.waiting.get(socket) == Some(activity) {
                self.waiting.remove(socket);
            }
        }
    }

    /// Removes a task that was deleted.
    pub(super) fn remove(&mut self, task: TaskId) {
        self.known.remove(&task);
        self.version += 1;
    }

    /// Empties the cache: events were missed, and any task may be gone.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use engine::wire::PresenceMode;
    use uuid::Uuid;

    use super::*;

    const ONE: SocketId = SocketId::new(1);
    const TWO: SocketId = SocketId::new(2);

    fn id(number: u128) -> TaskId {
        TaskId::new(Uuid::from_u128(number))
    }

    fn at(number: u128) -> PresenceState {
        PresenceState { task_id: Some(id(number)), mode: PresenceMode::Edit }
    }

    #[test]
    fn presence_at_an_unknown_task_is_not_passed_on() {
        let mut filter = PresenceFilter::default();
        assert!(filter.update(ONE, PresenceState::LOOKING));
        assert!(!filter.update(ONE, at(1)) && !filter.update(TWO, at(2)));
        assert!(filter.begin_to_read() && !filter.begin_to_read());
        let lookup = filter.next_batch().unwrap();
        assert_eq!(lookup.tasks().len(), 2);
        let mut passed = filter.found(lookup, &[id(1)]);
        passed.sort_by_key(|(socket, _)| *socket == TWO);
        assert_eq!(passed, [(ONE, at(1)), (TWO, PresenceState::LOOKING)]);
        assert!(filter.next_batch().is_none() && filter.update(TWO, at(1)) && !filter.update(TWO, at(2)));
    }

    #[test]
    fn the_last_presence_of_a_socket_counts() {
        let mut filter = PresenceFilter::default();
        filter.update(ONE, at(1));
        let lookup = filter.next_batch().unwrap();
        assert!(filter.update(ONE, PresenceState::LOOKING));
        assert_eq!(filter.found(lookup, &[id(1)]), []);
        filter.update(ONE, at(2));
        let lookup = filter.next_batch().unwrap();
        filter.update(ONE, at(3));
        assert_eq!(filter.found(lookup, &[id(2)]), []);
        assert_eq!(filter.next_batch().unwrap().tasks(), [id(3)], "which is looked up next");
        filter.leave(ONE);
        assert!(filter.next_batch().is_none());
    }

    #[test]
    fn a_task_deleted_during_its_lookup_is_looked_up_again() {
        let mut filter = PresenceFilter::default();
        filter.update(ONE, at(1));
        let lookup = filter.next_batch().unwrap();
        filter.remove(id(1));
        assert_eq!(filter.found(lookup, &[id(1)]), [], "it was still there then");
        let again = filter.next_batch().unwrap();
        assert_eq!(filter.found(again, &[]), [(ONE, PresenceState::LOOKING)]);
    }

    #[test]
    fn a_failed_lookup_drops_only_its_own_batch() {
        let mut filter = PresenceFilter::default();
        filter.update(ONE, at(1));
        let lookup = filter.next_batch().unwrap();
        filter.update(TWO, at(2));
        filter.drop_failed(&lookup);
        assert_eq!(filter.next_batch().unwrap().tasks(), [id(2)]);
    }

    #[test]
    fn the_cache_is_bounded() {
        let mut filter = PresenceFilter::default();
        for number in 0..5_000 {
            filter.update(ONE, at(number));
            let lookup = filter.next_batch().unwrap();
            filter.found(lookup, &[id(number)]);
        }
        assert!(filter.known.len() <= CAPACITY && filter.waiting.is_empty());
    }
}
