use std::{
    collections::VecDeque,
    io::IoSlice,
    sync::atomic::{AtomicUsize, Ordering},
    task::Waker,
};

use super::*;

#[derive(Default)]
struct Count(AtomicUsize);

impl std::task::Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Takes as many bytes as it was given room for, one room a write.
#[derive(Default)]
struct Narrow {
    rooms: Mutex<VecDeque<usize>>,
    taken: Mutex<Vec<u8>>,
}

impl Narrow {
    fn with(rooms: &[usize]) -> Self {
        Self { rooms: Mutex::new(rooms.iter().copied().collect()), taken: Mutex::default() }
    }

    fn make_room(&self, bytes: usize) {
        self.rooms.lock().unwrap().push_back(bytes);
    }

    fn taken(&self) -> String {
        String::from_utf8(self.taken.lock().unwrap().iter().copied().filter(u8::is_ascii_lowercase).collect()).unwrap()
    }
}

impl Wire for Narrow {
    fn try_write(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut room = self.rooms.lock().unwrap().pop_front().ok_or(io::ErrorKind::WouldBlock)?;
        let mut taken = self.taken.lock().unwrap();
        let before = taken.len();
        for bytes in bytes {
            let some = &bytes[..bytes.len().min(room)];
            taken.extend_from_slice(some);
            room -= some.len();
        }
        Ok(taken.len() - before)
    }
}

/// An outbox and the task that sleeps at it.
struct World {
    outbox: Outbox<Narrow>,
    woken: Arc<Count>,
}

impl World {
    fn new(rooms: &[usize]) -> Self {
        Self { outbox: Outbox::new(Narrow::with(rooms), Arc::default()), woken: Arc::default() }
    }

    fn next(&self) -> Poll<Next> {
        let waker = Waker::from(Arc::clone(&self.woken));
        self.outbox.poll_next(&mut Context::from_waker(&waker))
    }

    fn woken(&self) -> usize {
        self.woken.0.load(Ordering::Relaxed)
    }

    fn leave(&self, text: &'static str) -> bool {
        self.outbox.leave(&[Packet::text(&text.into())], FrameText::default).1
    }
}

const MUCH: usize = 1000;

#[test]
fn who_sleeps_is_woken_by_frames_and_by_the_close() {
    let world = World::new(&[MUCH]);
    assert!(world.next().is_pending());
    world.outbox.push(&["one".into()], FrameText::default);
    world.outbox.push_lossy("two".into());
    assert_eq!((world.woken(), world.next()), (1, Poll::Ready(Next::Write)));
    world.outbox.write();
    assert_eq!(world.outbox.wire().taken(), "onetwo");
    assert!(world.next().is_pending());
    world.outbox.close(4101, "stop");
    let closing = Closing { code: 4101, reason: "stop" };
    assert_eq!((world.woken(), world.next()), (2, Poll::Ready(Next::Close(closing))));
    assert_eq!(world.outbox.push(&["late".into()], FrameText::default), Push::Closed);
    assert!(!world.leave("late"));
}

#[test]
fn a_courier_is_sent_once_and_wakes_nobody() {
    let world = World::new(&[MUCH]);
    assert!(world.next().is_pending());
    assert_eq!((world.leave("one"), world.leave("two")), (true, false));
    world.outbox.push_lossy("three".into());
    assert!(world.next().is_pending(), "it comes");
    world.outbox.write();
    assert_eq!((world.outbox.wire().taken().as_str(), world.woken()), ("onetwothree", 0));
    assert_eq!(world.outbox.counters.read().delivery.count(), 1);
    assert!(world.leave("four"));
    world.outbox.close(4101, "stop");
    assert!(world.next().is_pending(), "what waits comes first");
    world.outbox.wire().make_room(MUCH);
    world.outbox.write();
    assert_eq!((world.outbox.wire().taken().as_str(), world.woken()), ("onetwothreefour", 1));
    assert!(matches!(world.next(), Poll::Ready(Next::Close(_))));
}

#[test]
fn what_a_courier_does_not_bring_is_left_to_the_sockets_task() {
    let world = World::new(&[MUCH]);
    assert!(world.next().is_pending() && world.leave("one"));
    world.outbox.expect_nobody();
    assert_eq!((world.woken(), world.next()), (1, Poll::Ready(Next::Write)));
    world.outbox.write();
    assert_eq!(world.outbox.wire().taken(), "one");
}

#[test]
fn what_the_wire_does_not_take_is_left_to_the_sockets_task() {
    let world = World::new(&[2, 4]);
    assert!(world.next().is_pending());
    assert!(world.leave("first") && !world.leave("second"));
    world.outbox.write();
    assert_eq!((world.woken(), world.next()), (1, Poll::Ready(Next::Wait)));
    // Nobody else writes meanwhile, or frames would be torn apart.
    world.outbox.wire().make_room(1);
    assert!(!world.leave("third"));
    world.outbox.write();
    world.outbox.push_lossy("fourth".into());
    assert_eq!(world.outbox.wire().taken(), "firs");
    assert!(!world.outbox.resume(), "there was room for a byte only");
    assert_eq!((world.outbox.wire().taken().as_str(), world.next()), ("first", Poll::Ready(Next::Wait)));
    world.outbox.wire().make_room(MUCH);
    assert!(world.outbox.resume(), "and then there was no room for the next batch");
    assert_eq!((world.outbox.wire().taken().as_str(), world.next()), ("firstsecond", Poll::Ready(Next::Wait)));
    world.outbox.wire().make_room(MUCH);
    assert!(world.outbox.resume());
    assert_eq!(world.outbox.wire().taken(), "firstsecondthirdfourth");
    assert!(world.next().is_pending());
}

#[test]
fn the_last_frame_follows_what_is_on_its_way_and_nothing_follows_it() {
    let world = World::new(&[5]);
    assert!(world.leave("first"));
    world.outbox.write();
    assert!(!world.leave("dropped"));
    world.outbox.end(Packet::text(&"last".into()), Closing { code: 4108, reason: "slow" });
    world.outbox.push_lossy("late".into());
    world.outbox.wire().make_room(MUCH);
    world.outbox.wire().make_room(MUCH);
    assert!(world.outbox.resume());
    assert_eq!(world.outbox.wire().taken(), "firstlast");
    assert!(matches!(world.next(), Poll::Ready(Next::Close(_))));
}
