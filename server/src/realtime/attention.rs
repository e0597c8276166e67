//! Which tasks people say that they are at, as far as these are on the board: anybody can send any id.
//!
//! Pure. Ids that are not known are asked for together, one read at a time, so that no number of frames is more reads
//! than one every so often.

use std::collections::{HashMap, HashSet};

use engine::{TaskId, room::SocketId};

use super::presence::Doing;

/// Tasks that are known at the most: beyond, all are asked for anew.
const KNOWN: usize = 1024;

/// What a room knows of the tasks that its people are at.
#[derive(Debug, Default)]
pub(super) struct Attention {
    /// On the board.
    known: HashSet<TaskId>,
    /// What sockets said last that is yet to be looked up.
    waiting: HashMap<SocketId, Doing>,
    /// Somebody looks up what waits.
    reading: bool,
    /// Counts what makes a read too old.
    version: u64,
    /// Anybody was ever at a task.
    used: bool,
}

/// What is to be looked up.
#[derive(Debug)]
pub(super) struct LookUp {
    version: u64,
    asked: Vec<(SocketId, Doing)>,
}

impl LookUp {
    /// The tasks, each once.
    pub(super) fn tasks(&self) -> Vec<TaskId> {
        let tasks: HashSet<TaskId> = self.asked.iter().filter_map(|(_, doing)| doing.task_id).collect();
        tasks.into_iter().collect()
    }
}

impl Attention {
    /// What a socket says. True: it may be passed on; otherwise it has to be looked up first.
    pub(super) fn turn(&mut self, socket: SocketId, doing: Doing) -> bool {
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

    /// Whether nobody was ever at a task, so that no event changes anything.
    pub(super) fn is_unused(&self) -> bool {
        !self.used
    }

    /// Whether to begin to read what waits.
    pub(super) fn begin_to_read(&mut self) -> bool {
        !self.waiting.is_empty() && !std::mem::replace(&mut self.reading, true)
    }

    /// What is to be read next; when that is nothing, the reader is done.
    pub(super) fn next(&mut self) -> Option<LookUp> {
        self.reading = !self.waiting.is_empty();
        let asked = self.waiting.iter().map(|(socket, doing)| (*socket, *doing)).collect();
        self.reading.then_some(LookUp { version: self.version, asked })
    }

    /// What was found on the board, of what was looked up: what may be passed on, unless its socket said something else
    /// since. A task may have gone meanwhile: then it is looked up once more.
    pub(super) fn found(&mut self, look_up: LookUp, on_board: &[TaskId]) -> Vec<(SocketId, Doing)> {
        if look_up.version != self.version {
            return Vec::new();
        }
        if self.known.len() + on_board.len() > KNOWN {
            self.known.clear();
        }
        self.known.extend(on_board);
        let current = look_up.asked.into_iter().filter(|(socket, doing)| self.waiting.get(socket) == Some(doing));
        let current: Vec<(SocketId, Doing)> = current.collect();
        for (socket, _) in &current {
            self.waiting.remove(socket);
        }
        let (known, nowhere) = (&self.known, Doing::LOOKING);
        let passed = |(socket, doing): (SocketId, Doing)| {
            let there = doing.task_id.is_some_and(|task| known.contains(&task));
            (socket, if there { doing } else { nowhere })
        };
        current.into_iter().map(passed).collect()
    }

    /// It could not be read: what was asked is not passed on.
    pub(super) fn lost(&mut self, look_up: &LookUp) {
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

    /// Events were missed: any task may have been taken off.
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

    fn at(number: u128) -> Doing {
        Doing { task_id: Some(id(number)), mode: PresenceMode::Edit }
    }

    #[test]
    fn what_is_not_on_the_board_is_not_passed_on() {
        let mut attention = Attention::default();
        assert!(attention.turn(ONE, Doing::LOOKING));
        assert!(!attention.turn(ONE, at(1)) && !attention.turn(TWO, at(2)));
        assert!(attention.begin_to_read() && !attention.begin_to_read());
        let look_up = attention.next().unwrap();
        assert_eq!(look_up.tasks().len(), 2);
        let mut passed = attention.found(look_up, &[id(1)]);
        passed.sort_by_key(|(socket, _)| *socket == TWO);
        assert_eq!(passed, [(ONE, at(1)), (TWO, Doing::LOOKING)]);
        assert!(attention.next().is_none() && attention.turn(TWO, at(1)) && !attention.turn(TWO, at(2)));
    }

    #[test]
    fn what_a_socket_says_later_counts() {
        let mut attention = Attention::default();
        attention.turn(ONE, at(1));
        let look_up = attention.next().unwrap();
        assert!(attention.turn(ONE, Doing::LOOKING));
        assert_eq!(attention.found(look_up, &[id(1)]), []);
        attention.turn(ONE, at(2));
        let look_up = attention.next().unwrap();
        attention.turn(ONE, at(3));
        assert_eq!(attention.found(look_up, &[id(2)]), []);
        assert_eq!(attention.next().unwrap().tasks(), [id(3)], "which is looked up next");
        attention.leave(ONE);
        assert!(attention.next().is_none());
    }

    #[test]
    fn a_task_that_goes_while_it_is_looked_up_is_looked_up_again() {
        let mut attention = Attention::default();
        attention.turn(ONE, at(1));
        let look_up = attention.next().unwrap();
        attention.remove(id(1));
        assert_eq!(attention.found(look_up, &[id(1)]), [], "it was still there then");
        let again = attention.next().unwrap();
        assert_eq!(attention.found(again, &[]), [(ONE, Doing::LOOKING)]);
    }

    #[test]
    fn a_read_that_fails_loses_what_it_was_for_and_no_more() {
        let mut attention = Attention::default();
        attention.turn(ONE, at(1));
        let look_up = attention.next().unwrap();
        attention.turn(TWO, at(2));
        attention.lost(&look_up);
        assert_eq!(attention.next().unwrap().tasks(), [id(2)]);
    }

    #[test]
    fn it_knows_only_so_many() {
        let mut attention = Attention::default();
        for number in 0..5_000 {
            attention.turn(ONE, at(number));
            let look_up = attention.next().unwrap();
            attention.found(look_up, &[id(number)]);
        }
        assert!(attention.known.len() <= KNOWN && attention.waiting.is_empty());
    }
}
