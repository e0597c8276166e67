//! Who has a board open, and what they do: not logged, and sent with a short delay.
//!
//! Pure: times are arguments.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use engine::{
    TaskId, UserId,
    room::SocketId,
    wire::{Presence, PresenceMode},
};

/// Most people per frame: more are a crowd, not company.
const MAX_PEOPLE: usize = 100;

/// What a user does on one socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PresenceState {
    /// The task, if any.
    pub(super) task_id: Option<TaskId>,
    /// The activity.
    pub(super) mode: PresenceMode,
}

impl PresenceState {
    /// Just looking at the board.
    pub(super) const LOOKING: Self = Self { task_id: None, mode: PresenceMode::View };
}

/// Changes since the last report.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PresenceChanges {
    /// Users who arrived.
    pub(super) join: Vec<Presence>,
    /// Users who left.
    pub(super) leave: Vec<UserId>,
    /// Users whose activity changed.
    pub(super) editing: Vec<Presence>,
}

/// The people on one board.
#[derive(Debug)]
pub(super) struct Roster {
    /// How long changes are collected.
    window: Duration,
    /// How long a user without a socket is still shown.
    grace: Duration,
    people: BTreeMap<UserId, Person>,
    came: BTreeSet<UserId>,
    changed: BTreeSet<UserId>,
    went: BTreeSet<UserId>,
    /// When the collected changes are due.
    report_at: Option<Instant>,
}

#[derive(Debug)]
struct Person {
    name: String,
    /// The most recently used last.
    sockets: Vec<(SocketId, PresenceState)>,
    /// When the user counts as gone, unless a socket opens before.
    gone_at: Option<Instant>,
}

impl Roster {
    /// Creates an empty roster.
    pub(super) fn new(window: Duration, grace: Duration) -> Self {
        Self {
            window,
            grace,
            people: BTreeMap::new(),
            came: BTreeSet::new(),
            changed: BTreeSet::new(),
            went: BTreeSet::new(),
            report_at: None,
        }
    }

    /// Adds a socket of a user.
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
            self.schedule_report(now);
        }
    }

    /// Updates what a user does on a socket.
    pub(super) fn update(&mut self, user: UserId, socket: SocketId, activity: PresenceState, now: Instant) {
        let Some(person) = self.people.get_mut(&user) else { return };
        let before = person.activity();
        if let Some(index) = person.sockets.iter().position(|(id, _)| *id == socket) {
            person.sockets.remove(index);
            person.sockets.push((socket, activity));
        }
        if person.activity() != before {
            self.changed.insert(user);
            self.schedule_report(now);
        }
    }

    /// Ends all presence at a deleted task.
    pub(super) fn leave_task(&mut self, task: TaskId, now: Instant) {
        let at = |(_, activity): &(SocketId, PresenceState)| activity.task_id == Some(task);
        let people = self.people.iter_mut().filter(|(_, person)| person.sockets.iter().any(at));
        let mut left = Vec::new();
        for (user, person) in people {
            person
                .sockets
                .iter_mut()
                .filter(|socket| at(socket))
                .for_each(|(_, activity)| *activity = PresenceState::LOOKING);
            left.push(*user);
        }
        if !left.is_empty() {
            self.changed.extend(left);
            self.schedule_report(now);
        }
    }

    /// Removes a closed socket of a user.
    pub(super) fn leave(&mut self, user: UserId, socket: SocketId, now: Instant) {
        let Some(person) = self.people.get_mut(&user) else { return };
        let before = person.activity();
        person.sockets.retain(|(id, _)| *id != socket);
        if person.sockets.is_empty() {
            person.gone_at = Some(now + self.grace);
        }
        if person.activity() != before {
            self.changed.insert(user);
            self.schedule_report(now);
        }
    }

    /// When [`Self::changes`] has something to report, if ever.
    pub(super) fn due(&self) -> Option<Instant> {
        self.people.values().filter_map(|person| person.gone_at).chain(self.report_at).min()
    }

    /// Takes the changes that are due.
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
            // A user who came and left between two reports was never reported.
            if !self.came.remove(&user) {
                self.went.insert(user);
                self.report_at.get_or_insert(now);
            }
        }
        if self.report_at.is_none_or(|report_at| report_at > now) {
            return None;
        }
        self.report_at = None;
        let join = std::mem::take(&mut self.came);
        let editing = &std::mem::take(&mut self.changed) - &join;
        let changes = PresenceChanges {
            join: join.iter().filter_map(|user| self.presence(*user)).take(MAX_PEOPLE).collect(),
            leave: std::mem::take(&mut self.went).into_iter().take(MAX_PEOPLE).collect(),
            editing: editing.iter().filter_map(|user| self.presence(*user)).take(MAX_PEOPLE).collect(),
        };
        (changes != PresenceChanges::default()).then_some(changes)
    }

    /// Everyone, for a `sync`; active users first.
    pub(super) fn all(&self) -> Vec<Presence> {
        let mut all: Vec<_> = self.people.keys().filter_map(|user| self.presence(*user)).collect();
        all.sort_by_key(|presence| presence.mode == PresenceMode::View);
        all.truncate(MAX_PEOPLE);
        all
    }

    fn presence(&self, user: UserId) -> Option<Presence> {
        let person = self.people.get(&user)?;
        let PresenceState { task_id, mode } = person.activity();
        Some(Presence { user_id: user, name: person.name.clone(), task_id, mode })
    }

    fn schedule_report(&mut self, now: Instant) {
        self.report_at.get_or_insert(now + self.window);
    }
}

impl Person {
    /// The most recent activity other than looking, on any of the user's sockets.
    fn activity(&self) -> PresenceState {
        let activity = self.sockets.iter().rev().map(|(_, activity)| *activity);
        activity
            .clone()
            .find(|activity| activity.mode != PresenceMode::View)
            .or(activity.max_by_key(|activity| activity.task_id.is_some()))
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
        roster.update(ANN, SocketId::new(1), drag(), now);
        assert_eq!(roster.due(), Some(now + WINDOW));
        assert_eq!(roster.changes(now), None);
        let changes = roster.changes(now + WINDOW).unwrap();
        assert_eq!(changes.join.iter().map(at).collect::<Vec<_>>(), [(ANN, PresenceMode::Drag)]);
        assert_eq!((changes.leave.len(), changes.editing.len()), (0, 0));
        assert_eq!(roster.due(), None);
    }

    #[test]
    fn a_reload_is_not_reported() {
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
    fn presence_at_a_deleted_task_ends() {
        let (mut roster, now) = (Roster::new(WINDOW, GRACE), Instant::now());
        roster.enter(ANN, "Ann", SocketId::new(1), now);
        roster.update(ANN, SocketId::new(1), drag(), now);
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
    fn the_active_tab_counts() {
        let (mut roster, now) = (Roster::new(WINDOW, GRACE), Instant::now());
        roster.enter(ANN, "Ann", SocketId::new(1), now);
        roster.enter(ANN, "Ann", SocketId::new(2), now);
        roster.changes(now + WINDOW);
        roster.update(ANN, SocketId::new(1), drag(), now);
        roster.update(ANN, SocketId::new(2), PresenceState::LOOKING, now);
        let editing = roster.changes(now + WINDOW).unwrap().editing;
        assert_eq!(editing.iter().map(at).collect::<Vec<_>>(), [(ANN, PresenceMode::Drag)]);
        roster.leave(ANN, SocketId::new(1), now + WINDOW);
        let editing = roster.changes(now + WINDOW * 2).unwrap().editing;
        assert_eq!(editing.iter().map(at).collect::<Vec<_>>(), [(ANN, PresenceMode::View)]);
    }
}
