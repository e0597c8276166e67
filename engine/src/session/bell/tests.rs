use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proptest::{collection::vec, prelude::*};
use uuid::Uuid;

use super::*;
use crate::{
    NotificationId, ProjectId, TaskId,
    limit::PAGE,
    notification::{NotificationKind, NotificationPage, ReferenceType},
    wire::{NotificationRead, close},
};

const CONNECT: [BellEffect; 1] = [BellEffect::Connect];

fn id(number: u128) -> NotificationId {
    NotificationId::new(Uuid::from_u128(number))
}

fn told(number: u128, read: bool) -> Notification {
    Notification {
        id: id(number),
        kind: NotificationKind::Mention,
        title: "Ada mentioned you".into(),
        message: String::new(),
        reference_type: ReferenceType::Task,
        reference_id: String::new(),
        task_id: TaskId::new(Uuid::nil()),
        project_id: ProjectId::new(Uuid::nil()),
        actor_id: None,
        created_at: Timestamp::from_millis(0),
        read_at: read.then(|| Timestamp::from_millis(1)),
        alert: false,
    }
}

/// A bell that is live, with notifications `1..=count`, all unread.
fn live(count: u128) -> Bell {
    let mut bell = Bell::new(0);
    assert_eq!(bell.handle(BellInput::Tick, 0, 0), CONNECT);
    let notifications = (1..=count).rev().take(PAGE).map(|number| told(number, false)).collect();
    let sync = ServerFrame::UnreadSync { notifications, unread: u64::try_from(count).unwrap() };
    assert!(bell.handle(BellInput::Frame(Some(sync)), 5, 0).is_empty());
    bell
}

fn hear(bell: &mut Bell, frame: ServerFrame) {
    assert_eq!(bell.handle(BellInput::Frame(Some(frame)), 6, 0), []);
}

fn read(ids: &[u128], unread: u64) -> ServerFrame {
    ServerFrame::NotificationRead(NotificationRead { ids: ids.iter().copied().map(id).collect(), up_to: None, unread })
}

#[test]
fn it_connects_authenticates_and_heals() {
    let mut bell = live(7);
    assert_eq!((bell.link(), bell.unread()), (Link::Live, 7));
    let pong = [BellEffect::Send(ClientFrame::Pong)];
    assert_eq!(bell.handle(BellInput::Frame(Some(ServerFrame::Ping)), 6, 0), pong);

    assert!(bell.handle(BellInput::Closed { code: 1006 }, 20, 300).is_empty());
    assert_eq!((bell.link(), bell.unread()), (Link::Reconnecting { attempt: 1 }, 7));
    assert_eq!(bell.handle(BellInput::Tick, bell.wake_at().unwrap(), 0), CONNECT);
    let sync = ServerFrame::UnreadSync { notifications: Vec::new(), unread: 0 };
    assert!(bell.handle(BellInput::Frame(Some(sync)), 400, 0).is_empty());
    assert_eq!((bell.link(), bell.unread()), (Link::Live, 0));

    let bye = ServerFrame::Bye { code: close::SIGN_IN, reason: String::new(), retry_ms: 0 };
    assert_eq!(bell.handle(BellInput::Frame(Some(bye)), 500, 0), [BellEffect::Close]);
    assert_eq!((bell.link(), bell.wake_at()), (Link::SignedOut, None));
}

#[test]
fn what_is_new_counts_once_and_is_fresh_once() {
    let mut bell = live(2);
    assert!(bell.take_fresh().is_empty(), "what was there is not news");
    for _ in 0..2 {
        hear(&mut bell, ServerFrame::Notification { data: Box::new(told(3, false)) });
    }
    assert_eq!((bell.unread(), bell.take_fresh().len(), bell.take_fresh().len()), (3, 1, 0));
    assert_eq!(bell.notifications(false).map(|told| told.id).collect::<Vec<_>>(), [id(3), id(2), id(1)]);
}

#[test]
fn a_read_mark_shows_at_once_and_survives_frames_and_answers_in_any_order() {
    for echo_first in [true, false] {
        let mut bell = live(3);
        let mark = BellEffect::Mark(Mark::Ids(vec![id(2)]));
        assert_eq!(bell.handle(BellInput::Read(id(2)), 6, 0), [mark]);
        assert!(bell.handle(BellInput::Read(id(2)), 6, 0).is_empty(), "it is read already");
        assert_eq!((bell.unread(), bell.notifications(true).count()), (2, 2));
        // Somebody else's, counted before this one was.
        hear(&mut bell, read(&[1], 2));
        assert_eq!(bell.unread(), 1);
        let answer = BellInput::Marked(Ok(()));
        if echo_first {
            hear(&mut bell, read(&[2], 1));
            assert!(bell.handle(answer, 7, 0).is_empty());
        } else {
            assert!(bell.handle(answer, 7, 0).is_empty());
            assert_eq!(bell.unread(), 1);
            hear(&mut bell, read(&[2], 1));
        }
        assert_eq!((bell.unread(), bell.notifications(true).count()), (1, 1));
    }
}

#[test]
fn a_refused_mark_is_rolled_back_and_a_lost_one_is_sent_again() {
    let mut bell = live(2);
    bell.handle(BellInput::ReadAll, 6, 0);
    assert_eq!(bell.unread(), 0);
    let refusal = ApiError::new(403, "forbidden", "No.");
    let effects = bell.handle(BellInput::Marked(Err(refusal.clone())), 7, 0);
    assert_eq!((effects, bell.unread()), (vec![BellEffect::Refused(refusal)], 2));

    let all = BellEffect::Mark(Mark::UpTo(id(2)));
    assert_eq!(bell.handle(BellInput::ReadAll, 8, 0), std::slice::from_ref(&all));
    assert!(bell.handle(BellInput::Marked(Err(ApiError::network())), 10, 300).is_empty());
    assert_eq!((bell.unread(), bell.wake_at()), (0, Some(310)));
    assert_eq!(bell.handle(BellInput::Tick, 310, 0), [all]);
}

#[test]
fn reading_all_leaves_what_comes_after_it() {
    let mut bell = live(120);
    bell.handle(BellInput::ReadAll, 6, 0);
    hear(&mut bell, ServerFrame::Notification { data: Box::new(told(121, false)) });
    assert_eq!(bell.unread(), 1);
    assert!(bell.handle(BellInput::Marked(Ok(())), 7, 0).is_empty());
    let up_to = Some(id(120));
    hear(&mut bell, ServerFrame::NotificationRead(NotificationRead { ids: Vec::new(), up_to, unread: 1 }));
    assert_eq!((bell.unread(), bell.notifications(true).count()), (1, 1));
}

#[test]
fn the_bell_of_another_tab_begins_where_this_one_is() {
    let mut bell = live(70);
    hear(&mut bell, read(&[70], 69));
    let mut follower = Bell::new(0);
    follower.handle(BellInput::Tick, 0, 0);
    let greeting = ServerFrame::parse(&bell.greeting().unwrap()).unwrap();
    hear(&mut follower, greeting);
    assert_eq!((follower.link(), follower.unread()), (Link::Live, 69));
    assert!(follower.notifications(false).eq(bell.notifications(false)));
    assert!(follower.more(false) && Bell::new(0).greeting().is_none());
}

/// What happens around a bell. Numbers pick one of what there is.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Tell,
    ReadElsewhere(u8),
    ReadAllElsewhere,
    /// A note reaches the node.
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
    /// Its answer reaches the bell; one that was not carried out gets none.
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

/// A request that is under way, with its answer once it was carried out.
struct UnderWay {
    effect: BellEffect,
    answer: Option<BellInput>,
}

/// A database, a node that tells one bell what it hears, and all that is under way between them.
struct World {
    /// Whether each was read.
    rows: BTreeMap<u128, bool>,
    notes: Vec<ServerFrame>,
    /// What the node has told: how many there are, how many are unread, and which.
    told: (u64, u64),
    known: BTreeSet<NotificationId>,
    frames: VecDeque<ServerFrame>,
    requests: Vec<UnderWay>,
    bell: Bell,
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

    /// A note reaches the node, which passes it on as the server does.
    fn hear(&mut self, note: ServerFrame) {
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

    fn mark(&mut self, mark: &Mark) {
        let (ids, up_to) = match mark {
            Mark::Ids(ids) => (ids.clone(), None),
            Mark::UpTo(newest) => (Vec::new(), Some(*newest)),
        };
        for (number, read) in &mut self.rows {
            *read |= mark.covers(id(*number));
        }
        self.notes.push(ServerFrame::NotificationRead(NotificationRead { ids, up_to, unread: self.unread() }));
    }

    fn handle(&mut self, input: BellInput) {
        for effect in self.bell.handle(input, self.now, 77) {
            match effect {
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
    }

    fn execute(&mut self, index: usize) {
        if self.requests[index].answer.is_some() {
            return;
        }
        let answer = match self.requests[index].effect.clone() {
            BellEffect::FetchPage { unread, before } => {
                BellInput::Page { unread, before, result: Ok(self.page(unread, before)) }
            }
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
                    self.mark(&Mark::Ids(vec![id(number)]));
                }
            }
            Turn::ReadAllElsewhere => {
                if let Some((number, _)) = self.rows.last_key_value() {
                    self.mark(&Mark::UpTo(id(*number)));
                }
            }
            Turn::Hear(number) => {
                if let Some(index) = pick(number, self.notes.len()) {
                    let note = self.notes.remove(index);
                    self.hear(note);
                }
            }
            Turn::HearTwice(number) => {
                if let Some(index) = pick(number, self.notes.len()) {
                    self.hear(self.notes[index].clone());
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
            Turn::More(unread) => self.handle(BellInput::More { unread }),
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

    /// Lets everything arrive, twice as long as anything may take.
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

    fn load_all(&mut self, unread: bool) {
        while self.bell.more(unread) {
            self.handle(BellInput::More { unread });
            assert!(!self.requests.is_empty(), "more, and nothing to fetch");
            self.settle();
        }
    }
}

proptest! {
    #[test]
    fn whatever_happens_in_whatever_order_the_bell_ends_as_the_server_is(
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

        // Which of them is read may have got lost on the bus, and the numbers be right all the same: the next sync
        // brings it.
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
}
