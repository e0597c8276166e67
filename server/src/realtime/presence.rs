//! Who has a board open, and what they do: not in the log, and told a little later.
//!
//! Pure: the moments come in as arguments, so that whoever drives it can also simulate it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use engine::{
    TaskId, UserId,
    room::SocketId,
    wire::{Presence, PresenceMode},
};

/// People that one frame names, at the most: more are a crowd, not company.
const NAMED: usize = 100;

/// What somebody does on one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PresenceState {
    /// At which task.
    pub(super) task_id: Option<TaskId>,
    /// What.
    pub(super) mode: PresenceMode,
}

impl PresenceState {
    /// Nothing but to look at the board.
    pub(super) const LOOKING: Self = Self { task_id: None, mode: PresenceMode::View };
}

/// What changed since the last time.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PresenceChanges {
    /// Came.
    pub(super) join: Vec<Presence>,
    /// Went.
    pub(super) leave: Vec<UserId>,
    /// Now at something else.
    pub(super) editing: Vec<Presence>,
}

/// The people at one board.
#[derive(Debug)]
pub(super) struct Roster {
    /// How long changes are collected.
    window: Duration,
    /// How long somebody without a socket is still shown.
    grace: Duration,
    people: BTreeMap<UserId, Person>,
    came: BTreeSet<UserId>,
    changed: BTreeSet<UserId>,
    went: BTreeSet<UserId>,
    /// When the changes that are collected have to be told.
    tell_at: Option<Instant>,
}

#[derive(Debug)]
struct Person {
    name: String,
    /// The newest last.
    sockets: Vec<(SocketId, PresenceState)>,
    /// When they are gone, unless they come back.
    gone_at: Option<Instant>,
}

impl Roster {
    /// Nobody yet.
    pub(super) fn new(window: Duration, grace: Duration) -> Self {
        Self {
            window,
            grace,
            people: BTreeMap::new(),
            came: BTreeSet::new(),
            changed: BTreeSet::new(),
            went: BTreeSet::new(),
            tell_at: None,
        }
    }

    /// A socket of somebody opened.
    pub(super) fn enter(&mut self, user: UserId, name: &str, socket: SocketId, now: Instant) {
        let mut new = false;
        let person = self.people.entry(user).or_insert_with(|| {
            new = true;
            Person { name: name.to_owned(), sockets: Vec::new(), gone_at: None }
        });
        person.gone_at = None;
        person.sockets.push((socket, PresenceState::LOOKING));
        if new {
            self.went.remove(&user);
            self.came.insert(user);
            self.tell_soon(now);
        }
    }

    /// Somebody does something else.
    pub(super) fn turn(&mut self, user: UserId, socket: SocketId, doing: PresenceState, now: Instant) {
        let Some(person) = self.people.get_mut(&user) else { return };
        let before = person.doing();
        if let Some(index) = person.sockets.iter().position(|(id, _)| *id == socket) {
            person.sockets.remove(index);
            person.sockets.push((socket, doing));
        }
        if person.doing() != before {
            self.changed.insert(user);
            self.tell_soon(now);
        }
    }

    /// Ends all presence at a task that was deleted.
    pub(super) fn leave_task(&mut self, task: TaskId, now: Instant) {
        let at = |(_, doing): &(SocketId, PresenceState)| doing.task_id == Some(task);
        let people = self.people.iter_mut().filter(|(_, person)| person.sockets.iter().any(at));
        let mut left = Vec::new();
        for (user, person) in people {
            person
                .sockets
                .iter_mut()
                .filter(|socket| at(socket))
                .for_each(|(_, doing)| *doing = PresenceState::LOOKING);
            left.push(*user);
        }
        if !left.is_empty() {
            self.changed.extend(left);
            self.tell_soon(now);
        }
    }

    /// A socket of somebody closed.
    pub(super) fn leave(&mut self, user: UserId, socket: SocketId, now: Instant) {
        let Some(person) = self.people.get_mut(&user) else { return };
        let before = person.doing();
        person.sockets.retain(|(id, _)| *id != socket);
        if person.sockets.is_empty() {
            person.gone_at = Some(now + self.grace);
        }
        if person.doing() != before {
            self.changed.insert(user);
            self.tell_soon(now);
        }
    }

    /// When [`Self::changes`] has something to say, if ever.
    pub(super) fn due(&self) -> Option<Instant> {
        self.people.values().filter_map(|person| person.gone_at).chain(self.tell_at).min()
    }

    /// What is to be told now.
    pub(super) fn changes(&mut self, now: Instant) -> Option<PresenceChanges> {
        let gone: Vec<_> = self
            .people
            .iter()
            .filter(|(_, person)| person.gone_at.is_some_and(|gone_at| gone_at <= now))
            .map(|(user, _)| *user)
            .collect();
        for user in gone {
            self.people.remove(&user);
            self.changed.remove(&user);
            // Who came and went between two frames was never told of.
            if !self.came.remove(&user) {
                self.went.insert(user);
                self.tell_at.get_or_insert(now);
            }
        }
        if self.tell_at.is_none_or(|tell_at| tell_at > now) {
            return None;
        }
        self.tell_at = None;
        let join = std::mem::take(&mut self.came);
        let editing = &std::mem::take(&mut self.changed) - &join;
        let changes = PresenceChanges {
            join: join.iter().filter_map(|user| self.presence(*user)).take(NAMED).collect(),
            leave: std::mem::take(&mut self.went).into_iter().take(NAMED).collect(),
            editing: editing.iter().filter_map(|user| self.presence(*user)).take(NAMED).collect(),
        };
        (changes != PresenceChanges::default()).then_some(changes)
    }

    /// Everybody, for a `sync`; those who do more than look come first.
    pub(super) fn all(&self) -> Vec<Presence> {
        let mut all: Vec<_> = self.people.keys().filter_map(|user| self.presence(*user)).collect();
        all.sort_by_key(|presence| presence.mode == PresenceMode::View);
        all.truncate(NAMED);
        all
    }

    fn presence(&self, user: UserId) -> Option<Presence> {
        let person = self.people.get(&user)?;
        let PresenceState { task_id, mode } = person.doing();
        Some(Presence { user_id: user, name: person.name.clone(), task_id, mode })
    }

    fn tell_soon(&mut self, now: Instant) {
        self.tell_at.get_or_insert(now + self.window);
    }
}

impl Person {
    /// The newest thing that is more than looking, on any of their sockets.
    fn doing(&self) -> PresenceState {
        let doing = self.sockets.iter().rev().map(|(_, doing)| *doing);
        doing
            .clone()
            .find(|doing| doing.mode != PresenceMode::View)
            .or(doing.max_by_key(|doing| doing.task_id.is_some()))
            .unwrap_or(PresenceState::LOOKING)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ANN: UserId = UserId::new(Uuid::from_u128(1));
    const WINDOW: Duration = Duration::from_millis(300);
    const GRACE: Duration = Duration::from_secs(5);

    fn at(presence: &Presence) -> (UserId, PresenceMode) {
        (presence.user_id, presence.mode)
    }

    fn drag() -> PresenceState {
        PresenceState { task_id: Some(TaskId::new(Uuid::from_u128(9))), mode: PresenceMode::Drag }
    }

    #[test]
    fn changes_are_collected_for_a_while() {
        let (mut roster, now) = (Roster::new(WINDOW, GRACE), Instant::now());
        roster.enter(ANN, "Ann", SocketId::new(1), now);
        roster.turn(ANN, SocketId::new(1), drag(), now);
        assert_eq!(roster.due(), Some(now + WINDOW));
        assert_eq!(roster.changes(now), None);
        let changes = roster.changes(now + WINDOW).unwrap();
        assert_eq!(changes.join.iter().map(at).collect::<Vec<_>>(), [(ANN, PresenceMode::Drag)]);
        assert_eq!((changes.leave.len(), changes.editing.len()), (0, 0));
        assert_eq!(roster.due(), None);
    }

    #[test]
    fn a_reload_is_no_coming_and_going() {
        let (mut roster, now) = (Roster::new(WINDOW, GRACE), Instant::now());
        roster.enter(ANN, "Ann", SocketId::new(1), now);
        roster.changes(now + WINDOW);
        roster.leave(ANN, SocketId::new(1), now + WINDOW);
        assert_eq!(roster.all().len(), 1);
        roster.enter(ANN, "Ann", SocketId::new(2), now + GRACE);
        assert_eq!((roster.due(), roster.changes(now + GRACE * 3)), (None, None));
        roster.leave(ANN, SocketId::new(2), now + GRACE * 3);
        assert_eq!(roster.due(), Some(now + GRACE * 4));
        assert_eq!(roster.changes(now + GRACE * 4).unwrap().leave, [ANN]);
        assert!(roster.all().is_empty());
    }

    #[test]
    fn whoever_is_at_a_task_that_goes_is_at_none() {
        let (mut roster, now) = (Roster::new(WINDOW, GRACE), Instant::now());
        roster.enter(ANN, "Ann", SocketId::new(1), now);
        roster.turn(ANN, SocketId::new(1), drag(), now);
        roster.changes(now + WINDOW);
        roster.leave_task(TaskId::new(Uuid::from_u128(8)), now + WINDOW);
        assert_eq!(roster.due(), None, "another one");
        roster.leave_task(TaskId::new(Uuid::from_u128(9)), now + WINDOW);
        let editing = roster.changes(now + WINDOW * 2).unwrap().editing;
        assert_eq!(
            editing.iter().map(|person| (person.task_id, person.mode)).collect::<Vec<_>>(),
            [(None, PresenceMode::View)]
        );
        assert_eq!(roster.all()[0].task_id, None);
    }

    #[test]
    fn the_tab_that_does_something_counts() {
        let (mut roster, now) = (Roster::new(WINDOW, GRACE), Instant::now());
        roster.enter(ANN, "Ann", SocketId::new(1), now);
        roster.enter(ANN, "Ann", SocketId::new(2), now);
        roster.changes(now + WINDOW);
        roster.turn(ANN, SocketId::new(1), drag(), now);
        roster.turn(ANN, SocketId::new(2), PresenceState::LOOKING, now);
        let editing = roster.changes(now + WINDOW).unwrap().editing;
        assert_eq!(editing.iter().map(at).collect::<Vec<_>>(), [(ANN, PresenceMode::Drag)]);
        roster.leave(ANN, SocketId::new(1), now + WINDOW);
        let editing = roster.changes(now + WINDOW * 2).unwrap().editing;
        assert_eq!(editing.iter().map(at).collect::<Vec<_>>(), [(ANN, PresenceMode::View)]);
    }
}
