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

/// A stream that takes a limited number of bytes per write.
#[derive(Default)]
struct LimitedWire {
    rooms: Mutex<VecDeque<usize>>,
    taken: Mutex<Vec<u8>>,
}

impl LimitedWire {
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

impl Wire for LimitedWire {
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

/// An outbox and the task that waits for it.
struct TestOutbox {
    outbox: Outbox<LimitedWire>,
    woken: Arc<Count>,
}

impl TestOutbox {
    fn new(rooms: &[usize]) -> Self {
        Self { outbox: Outbox::new(LimitedWire::with(rooms), Arc::default()), woken: Arc::default() }
    }

    fn next(&self) -> Poll<Next> {
        let waker = Waker::from(Arc::clone(&self.woken));
        self.outbox.poll_next(&mut Context::from_waker(&waker))
    }

    fn woken(&self) -> usize {
        self.woken.0.load(Ordering::Relaxed)
    }

    fn push_broadcast(&self, text: &'static str) -> bool {
        self.outbox.push_broadcast(&[Packet::text(&text.into())], FrameText::default).1
    }
}

const PLENTY: usize = 1000;

#[test]
fn frames_and_the_close_wake_the_sleeping_task() {
    let test = TestOutbox::new(&[PLENTY]);
    assert!(test.next().is_pending());
    test.outbox.push(&["one".into()], FrameText::default);
    test.outbox.push_lossy("two".into());
    assert_eq!((test.woken(), test.next()), (1, Poll::Ready(Next::Write)));
    test.outbox.write();
    assert_eq!(test.outbox.wire().taken(), "onetwo");
    assert!(test.next().is_pending());
    test.outbox.close(4101, "stop");
    let closing = Closing { code: 4101, reason: "stop" };
    assert_eq!((test.woken(), test.next()), (2, Poll::Ready(Next::Close(closing))));
    assert_eq!(test.outbox.push(&["late".into()], FrameText::default), Push::Closed);
    assert!(!test.push_broadcast("late"));
}

#[test]
fn a_flush_is_scheduled_once_and_wakes_no_task() {
    let test = TestOutbox::new(&[PLENTY]);
    assert!(test.next().is_pending());
    assert_eq!((test.push_broadcast("one"), test.push_broadcast("two")), (true, false));
    test.outbox.push_lossy("three".into());
    assert!(test.next().is_pending(), "a flusher comes");
    test.outbox.write();
    assert_eq!((test.outbox.wire().taken().as_str(), test.woken()), ("onetwothree", 0));
    assert_eq!(test.outbox.counters.read().delivery.count(), 1);
    assert!(test.push_broadcast("four"));
    test.outbox.close(4101, "stop");
    assert!(test.next().is_pending(), "queued frames come first");
    test.outbox.wire().make_room(PLENTY);
    test.outbox.write();
    assert_eq!((test.outbox.wire().taken().as_str(), test.woken()), ("onetwothreefour", 1));
    assert!(matches!(test.next(), Poll::Ready(Next::Close(_))));
}

#[test]
fn a_cancelled_flush_is_left_to_the_sockets_task() {
    let test = TestOutbox::new(&[PLENTY]);
    assert!(test.next().is_pending() && test.push_broadcast("one"));
    test.outbox.cancel_flush();
    assert_eq!((test.woken(), test.next()), (1, Poll::Ready(Next::Write)));
    test.outbox.write();
    assert_eq!(test.outbox.wire().taken(), "one");
}

#[test]
fn what_the_stream_does_not_take_is_left_to_the_sockets_task() {
    let test = TestOutbox::new(&[2, 4]);
    assert!(test.next().is_pending());
    assert!(test.push_broadcast("first") && !test.push_broadcast("second"));
    test.outbox.write();
    assert_eq!((test.woken(), test.next()), (1, Poll::Ready(Next::Wait)));
    // No other task writes meanwhile, or frames would be torn apart.
    test.outbox.wire().make_room(1);
    assert!(!test.push_broadcast("third"));
    test.outbox.write();
    test.outbox.push_lossy("fourth".into());
    assert_eq!(test.outbox.wire().taken(), "firs");
    assert!(!test.outbox.resume(), "there was room for a byte only");
    assert_eq!((test.outbox.wire().taken().as_str(), test.next()), ("first", Poll::Ready(Next::Wait)));
    test.outbox.wire().make_room(PLENTY);
    assert!(test.outbox.resume(), "and then there was no room for the next batch");
    assert_eq!((test.outbox.wire().taken().as_str(), test.next()), ("firstsecond", Poll::Ready(Next::Wait)));
    test.outbox.wire().make_room(PLENTY);
    assert!(test.outbox.resume());
    assert_eq!(test.outbox.wire().taken(), "firstsecondthirdfourth");
    assert!(test.next().is_pending());
}

#[test]
fn the_last_frame_follows_the_pending_batch_and_nothing_follows_it() {
    let test = TestOutbox::new(&[5]);
    assert!(test.push_broadcast("first"));
    test.outbox.write();
    assert!(!test.push_broadcast("dropped"));
    test.outbox.end(Packet::text(&"last".into()), Closing { code: 4108, reason: "slow" });
    test.outbox.push_lossy("late".into());
    test.outbox.wire().make_room(PLENTY);
    test.outbox.wire().make_room(PLENTY);
    assert!(test.outbox.resume());
    assert_eq!(test.outbox.wire().taken(), "firstlast");
    assert!(matches!(test.next(), Poll::Ready(Next::Close(_))));
}
