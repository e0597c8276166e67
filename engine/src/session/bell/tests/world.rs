//! A bell with random events around it: in any order, it ends equal to the server.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::{collection::vec, prelude::*};

use super::*;

/// An event around a bell. Numbers select one of the candidates.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Tell,
    ReadElsewhere(u8),
    ReadAllElsewhere,
    /// A bus message reaches the node.
    Hear(u8),
    HearTwice(u8),
    Lose(u8),
    Compare,
    /// A frame reaches the bell.
    Deliver,
    Break,
    Read(u8),
    ReadAll,
    More(bool),
    /// The server carries a request out.
    Execute(u8),
    /// The answer reaches the bell; a request that was not carried out gets none.
    Answer(u8),
    Refuse(u8),
    Wait(u16),
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        3 => Just(Turn::Tell),
        1 => any::<u8>().prop_map(Turn::ReadElsewhere),
        1 => Just(Turn::ReadAllElsewhere),
        4 => any::<u8>().prop_map(Turn::Hear),
        1 => any::<u8>().prop_map(Turn::HearTwice),
        1 => any::<u8>().prop_map(Turn::Lose),
        1 => Just(Turn::Compare),
        6 => Just(Turn::Deliver),
        1 => Just(Turn::Break),
        2 => any::<u8>().prop_map(Turn::Read),
        1 => Just(Turn::ReadAll),
        2 => any::<bool>().prop_map(Turn::More),
        3 => any::<u8>().prop_map(Turn::Execute),
        3 => any::<u8>().prop_map(Turn::Answer),
        1 => any::<u8>().prop_map(Turn::Refuse),
        1 => any::<u16>().prop_map(Turn::Wait),
    ]
}

/// A request in flight, with its answer once it was carried out.
struct UnderWay {
    effect: BellEffect,
    answer: Option<BellInput>,
}

/// A database, a node that serves one bell, and everything in flight between them.
struct World {
    /// Whether each was read.
    rows: BTreeMap<u128, bool>,
    notes: Vec<ServerFrame>,
    /// What the node has sent: the number, the unread count, and the ids.
    told: (u64, u64),
    known: BTreeSet<NotificationId>,
    frames: VecDeque<ServerFrame>,
    requests: Vec<UnderWay>,
    bell: Bell,
    /// A proxy passes requests and no sockets.
    blocked: bool,
    now: u64,
}

impl World {
    fn new(rows: &[bool]) -> Self {
        let mut world = Self {
            rows: (1..).zip(rows.iter().copied()).collect(),
            notes: Vec::new(),
            told: (0, 0),
            known: BTreeSet::new(),
            frames: VecDeque::new(),
            requests: Vec::new(),
            bell: Bell::new(0),
            blocked: false,
            now: 0,
        };
        world.handle(BellInput::Tick);
        world
    }

    fn unread(&self) -> u64 {
        self.rows.values().filter(|read| !**read).count() as u64
    }

    fn page(&self, unread: bool, before: Option<NotificationId>) -> NotificationPage {
        let rows = self.rows.iter().rev().map(|(number, read)| told(*number, *read));
        let mut rows: Vec<_> = rows
            .filter(|told| before.is_none_or(|before| told.id < before) && !(unread && told.read_at.is_some()))
            .take(PAGE + 1)
            .collect();
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        NotificationPage { notifications: rows, more, unread: self.unread() }
    }

    fn tell_anew(&mut self) {
        let NotificationPage { notifications, unread, .. } = self.page(false, None);
        self.told = (self.rows.len() as u64, unread);
        self.known.extend(notifications.iter().map(|told| told.id));
        self.frames.push_back(ServerFrame::UnreadSync { notifications, unread });
    }

    fn compare(&mut self) {
        if self.bell.connection.has_socket() && self.told != (self.rows.len() as u64, self.unread()) {
            self.tell_anew();
        }
    }

    /// A bus message reaches the node, which forwards it as the server does.
    fn receive(&mut self, note: ServerFrame) {
        if !self.bell.connection.has_socket() {
            return;
        }
        match &note {
            ServerFrame::Notification { data } if !self.known.insert(data.id) => return,
            ServerFrame::Notification { .. } => self.told = (self.told.0 + 1, self.told.1 + 1),
            ServerFrame::NotificationRead(read) => self.told.1 = read.unread,
            _ => unreachable!("no note"),
        }
        self.frames.push_back(note);
    }

    fn mark(&mut self, mark: &ReadMarks) {
        let (ids, up_to) = match mark {
            ReadMarks::Ids(ids) => (ids.clone(), None),
            ReadMarks::UpTo(newest) => (Vec::new(), Some(*newest)),
        };
        for (number, read) in &mut self.rows {
            *read |= mark.covers(id(*number));
        }
        self.notes.push(ServerFrame::NotificationRead(NotificationRead { ids, up_to, unread: self.unread() }));
    }

    fn handle(&mut self, input: BellInput) {
        let mut refused = false;
        for effect in self.bell.handle(input, self.now, 77) {
            match effect {
                BellEffect::Connect if self.blocked => refused = true,
                BellEffect::Connect => {
                    self.frames.clear();
                    self.known.clear();
                    self.tell_anew();
                }
                BellEffect::Close => self.frames.clear(),
                BellEffect::Send(_) | BellEffect::Refused(_) => {}
                effect => self.requests.push(UnderWay { effect, answer: None }),
            }
        }
        if refused {
            self.frames.clear();
            self.now += 1;
            self.handle(BellInput::Closed { code: 1006 });
        }
    }

    /// The page requests what follows its list.
    fn more(&mut self, unread: bool) {
        let below = self.bell.floor(unread);
        self.handle(BellInput::More { unread, below });
    }

    fn execute(&mut self, index: usize) {
        if self.requests[index].answer.is_some() {
            return;
        }
        let answer = match self.requests[index].effect.clone() {
            BellEffect::FetchPage { unread, before } => {
                BellInput::Page { unread, before, result: Ok(self.page(unread, before)) }
            }
            BellEffect::Poll => BellInput::Page { unread: false, before: None, result: Ok(self.page(false, None)) },
            BellEffect::Mark(mark) => {
                self.mark(&mark);
                BellInput::Marked(Ok(()))
            }
            other => unreachable!("no request: {other:?}"),
        };
        self.requests[index].answer = Some(answer);
    }

    fn answer(&mut self, index: usize, otherwise: ApiError) {
        let UnderWay { effect, answer } = self.requests.remove(index);
        let answer = answer.unwrap_or(match effect {
            BellEffect::FetchPage { unread, before } => BellInput::Page { unread, before, result: Err(otherwise) },
            BellEffect::Poll => BellInput::Page { unread: false, before: None, result: Err(otherwise) },
            _ => BellInput::Marked(Err(otherwise)),
        });
        self.handle(answer);
    }

    fn turn(&mut self, turn: Turn) {
        let pick = |number: u8, count: usize| (count > 0).then(|| usize::from(number) % count);
        match turn {
            Turn::Tell => {
                let number = self.rows.last_key_value().map_or(1, |(number, _)| number + 1);
                self.rows.insert(number, false);
                self.notes.push(ServerFrame::Notification { data: Box::new(told(number, false)) });
            }
            Turn::ReadElsewhere(number) => {
                if let Some(index) = pick(number, self.rows.len()) {
                    let number = *self.rows.keys().rev().nth(index).unwrap();
                    self.mark(&ReadMarks::Ids(vec![id(number)]));
                }
            }
            Turn::ReadAllElsewhere => {
                if let Some((number, _)) = self.rows.last_key_value() {
                    self.mark(&ReadMarks::UpTo(id(*number)));
                }
            }
            Turn::Hear(number) => {
                if let Some(index) = pick(number, self.notes.len()) {
                    let note = self.notes.remove(index);
                    self.receive(note);
                }
            }
            Turn::HearTwice(number) => {
                if let Some(index) = pick(number, self.notes.len()) {
                    self.receive(self.notes[index].clone());
                }
            }
            Turn::Lose(number) => {
                if let Some(index) = pick(number, self.notes.len()) {
                    self.notes.remove(index);
                }
            }
            Turn::Compare => self.compare(),
            Turn::Deliver => {
                if let Some(frame) = self.frames.pop_front() {
                    self.handle(BellInput::Frame(Some(frame)));
                }
            }
            Turn::Break => {
                self.frames.clear();
                self.handle(BellInput::Closed { code: 1006 });
            }
            Turn::Read(number) => {
                let shown: Vec<_> = self.bell.notifications(false).map(|told| told.id).collect();
                if let Some(index) = pick(number, shown.len()) {
                    self.handle(BellInput::Read(shown[index]));
                }
            }
            Turn::ReadAll => self.handle(BellInput::ReadAll),
            Turn::More(unread) => self.more(unread),
            Turn::Execute(number) => {
                if let Some(index) = pick(number, self.requests.len()) {
                    self.execute(index);
                }
            }
            Turn::Answer(number) => {
                if let Some(index) = pick(number, self.requests.len()) {
                    self.answer(index, ApiError::network());
                }
            }
            Turn::Refuse(number) => {
                if let Some(index) = pick(number, self.requests.len()) {
                    self.answer(index, ApiError::new(403, "forbidden", "No."));
                }
            }
            Turn::Wait(millis) => {
                self.now += u64::from(millis);
                self.handle(BellInput::Tick);
            }
        }
    }

    /// Lets everything arrive, for twice the longest delay.
    fn settle(&mut self) {
        for _ in 0..8 {
            while !self.notes.is_empty() {
                self.turn(Turn::Hear(0));
            }
            while !self.requests.is_empty() {
                self.execute(0);
                self.answer(0, ApiError::network());
            }
            self.compare();
            while !self.frames.is_empty() {
                self.turn(Turn::Deliver);
            }
            self.now += 10_000;
            self.handle(BellInput::Frame(Some(ServerFrame::Ping)));
            self.handle(BellInput::Retry);
            self.handle(BellInput::Tick);
        }
    }

    /// The same without a socket: only requests pass.
    fn settle_by_requests(&mut self) {
        for _ in 0..8 {
            self.now += 20_000;
            self.handle(BellInput::Tick);
            while !self.requests.is_empty() {
                self.execute(0);
                self.answer(0, ApiError::network());
            }
        }
    }

    fn load_all(&mut self, unread: bool) {
        while self.bell.more(unread) {
            self.more(unread);
            assert!(!self.requests.is_empty(), "more, and nothing to fetch");
            self.settle();
        }
    }
}

proptest! {
    #[test]
    fn the_bell_ends_equal_to_the_server_in_any_order(
        rows in vec(any::<bool>(), 0..130),
        turns in vec(turn(), 0..120),
    ) {
        let mut world = World::new(&rows);
        for turn in turns {
            world.turn(turn);
        }
        world.settle();
        prop_assert_eq!(world.bell.link(), Link::Live);
        prop_assert_eq!(world.bell.unread(), world.unread());

        // The bus may have lost which of them is read although the counts agree: the next sync corrects it.
        world.turn(Turn::Break);
        world.settle();
        let ids = |bell: &Bell, unread| bell.notifications(unread).map(|told| told.id).collect::<Vec<_>>();
        world.load_all(true);
        let unread: Vec<_> = world.rows.iter().rev().filter(|(_, read)| !**read).map(|(number, _)| id(*number)).collect();
        prop_assert_eq!(ids(&world.bell, true), unread);
        world.load_all(false);
        let all: Vec<_> = world.rows.keys().rev().map(|number| id(*number)).collect();
        prop_assert_eq!(ids(&world.bell, false), all);
        prop_assert_eq!(world.bell.unread(), world.unread());
    }

    #[test]
    fn the_bell_ends_equal_to_the_server_without_sockets(
        rows in vec(any::<bool>(), 0..130),
        turns in vec(turn(), 0..60),
        later in vec(turn(), 0..60),
    ) {
        let mut world = World::new(&rows);
        for turn in turns {
            world.turn(turn);
        }
        world.blocked = true;
        world.turn(Turn::Break);
        for turn in later {
            world.turn(turn);
        }
        world.settle_by_requests();
        prop_assert_eq!(world.bell.link(), Link::Polling);
        prop_assert_eq!(world.bell.unread(), world.unread());
        let shown: Vec<_> = world.bell.notifications(false).map(|told| (told.id, world.bell.is_read(told))).collect();
        let newest: Vec<_> = world.rows.iter().rev().map(|(number, read)| (id(*number), *read)).collect();
        prop_assert_eq!(&shown[..], &newest[..shown.len()]);
        prop_assert!(shown.len() >= newest.len().min(PAGE));

        world.blocked = false;
        world.now += 30_000;
        world.settle();
        prop_assert_eq!(world.bell.link(), Link::Live);
        prop_assert_eq!(world.bell.unread(), world.unread());
    }
}
