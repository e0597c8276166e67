//! Passes presence on only for tasks of this board: a client can send any id.
//!
//! Pure. Unknown ids are looked up in one batch, one read at a time, so that a flood of frames costs a bounded number of
//! reads.

use std::collections::{HashMap, HashSet};

use engine::{TaskId, room::SocketId};

use super::presence::PresenceState;

/// The largest number of ids that the cache holds. A full cache is emptied.
const KNOWN: usize = 1024;

/// A cache of task ids that are on the board, and the presence that waits for a lookup.
#[derive(Debug, Default)]
pub(super) struct PresenceFilter {
    /// On the board.
    known: HashSet<TaskId>,
    /// The last presence of each socket whose task is unknown.
    waiting: HashMap<SocketId, PresenceState>,
    /// A lookup is under way.
    reading: bool,
    /// Changes with each removal, so that a lookup from before it is not believed.
    version: u64,
    /// Whether a client ever named a task.
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
        let tasks: HashSet<TaskId> = self.asked.iter().filter_map(|(_, doing)| doing.task_id).collect();
        tasks.into_iter().collect()
    }
}

impl PresenceFilter {
    /// Takes a socket's presence. True: pass it on; false: it waits for a lookup.
    pub(super) fn turn(&mut self, socket: SocketId, doing: PresenceState) -> bool {
        self.waiting.remove(&socket);
        self.used |= doing.task_id.is_some();
        let passes = doing.task_id.is_none_or(|task| self.known.contains(&task));
        if !passes {
            self.waiting.insert(socket, doing);
        }
        passes
    }

    /// A socket is gone.
    pub(super) fn leave(&mut self, socket: SocketId) {
        self.waiting.remove(&socket);
    }

    /// Whether no client ever named a task, so that events need not be read.
    pub(super) fn is_unused(&self) -> bool {
        !self.used
    }

    /// Whether to start a reader: something waits, and none runs.
    pub(super) fn begin_to_read(&mut self) -> bool {
        !self.waiting.is_empty() && !std::mem::replace(&mut self.reading, true)
    }

    /// The next batch. `None` ends the reader.
    pub(super) fn next_batch(&mut self) -> Option<TaskLookup> {
        self.reading = !self.waiting.is_empty();
        let asked = self.waiting.iter().map(|(socket, doing)| (*socket, *doing)).collect();
        self.reading.then_some(TaskLookup { version: self.version, asked })
    }

    /// Takes the ids that were found on the board, and gives the presence to pass on. Presence that its socket has replaced
    /// is dropped. When a task was removed since the batch was made, the batch is looked up again.
    pub(super) fn found(&mut self, look_up: TaskLookup, on_board: &[TaskId]) -> Vec<(SocketId, PresenceState)> {
        if look_up.version != self.version {
            return Vec::new();
        }
        if self.known.len() + on_board.len() > KNOWN {
            self.known.clear();
        }
        self.known.extend(on_board);
        let current = look_up.asked.into_iter().filter(|(socket, doing)| self.waiting.get(socket) == Some(doing));
        let current: Vec<(SocketId, PresenceState)> = current.collect();
        for (socket, _) in &current {
            self.waiting.remove(socket);
        }
        let (known, nowhere) = (&self.known, PresenceState::LOOKING);
        let passed = |(socket, doing): (SocketId, PresenceState)| {
            let there = doing.task_id.is_some_and(|task| known.contains(&task));
            (socket, if there { doing } else { nowhere })
        };
        current.into_iter().map(passed).collect()
    }

    /// Drops a batch whose lookup failed.
    pub(super) fn lost(&mut self, look_up: &TaskLookup) {
        for (socket, doing) in &look_up.asked {
            if self.waiting.get(socket) == Some(doing) {
                self.waiting.remove(socket);
            }
        }
    }

    /// A task was taken off the board.
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
    fn what_is_not_on_the_board_is_not_passed_on() {
        let mut filter = PresenceFilter::default();
        assert!(filter.turn(ONE, PresenceState::LOOKING));
        assert!(!filter.turn(ONE, at(1)) && !filter.turn(TWO, at(2)));
        assert!(filter.begin_to_read() && !filter.begin_to_read());
        let look_up = filter.next_batch().unwrap();
        assert_eq!(look_up.tasks().len(), 2);
        let mut passed = filter.found(look_up, &[id(1)]);
        passed.sort_by_key(|(socket, _)| *socket == TWO);
        assert_eq!(passed, [(ONE, at(1)), (TWO, PresenceState::LOOKING)]);
        assert!(filter.next_batch().is_none() && filter.turn(TWO, at(1)) && !filter.turn(TWO, at(2)));
    }

    #[test]
    fn what_a_socket_says_later_counts() {
        let mut filter = PresenceFilter::default();
        filter.turn(ONE, at(1));
        let look_up = filter.next_batch().unwrap();
        assert!(filter.turn(ONE, PresenceState::LOOKING));
        assert_eq!(filter.found(look_up, &[id(1)]), []);
        filter.turn(ONE, at(2));
        let look_up = filter.next_batch().unwrap();
        filter.turn(ONE, at(3));
        assert_eq!(filter.found(look_up, &[id(2)]), []);
        assert_eq!(filter.next_batch().unwrap().tasks(), [id(3)], "which is looked up next");
        filter.leave(ONE);
        assert!(filter.next_batch().is_none());
    }

    #[test]
    fn a_task_that_goes_while_it_is_looked_up_is_looked_up_again() {
        let mut filter = PresenceFilter::default();
        filter.turn(ONE, at(1));
        let look_up = filter.next_batch().unwrap();
        filter.remove(id(1));
        assert_eq!(filter.found(look_up, &[id(1)]), [], "it was still there then");
        let again = filter.next_batch().unwrap();
        assert_eq!(filter.found(again, &[]), [(ONE, PresenceState::LOOKING)]);
    }

    #[test]
    fn a_read_that_fails_loses_what_it_was_for_and_no_more() {
        let mut filter = PresenceFilter::default();
        filter.turn(ONE, at(1));
        let look_up = filter.next_batch().unwrap();
        filter.turn(TWO, at(2));
        filter.lost(&look_up);
        assert_eq!(filter.next_batch().unwrap().tasks(), [id(2)]);
    }

    #[test]
    fn it_knows_only_so_many() {
        let mut filter = PresenceFilter::default();
        for number in 0..5_000 {
            filter.turn(ONE, at(number));
            let look_up = filter.next_batch().unwrap();
            filter.found(look_up, &[id(number)]);
        }
        assert!(filter.known.len() <= KNOWN && filter.waiting.is_empty());
    }
}
