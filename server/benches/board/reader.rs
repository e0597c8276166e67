//! What all members received together.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::{task::JoinHandle, time::Instant};

use crate::{
    Failure,
    people::Board,
    socket::{Frame, Socket},
    stack::Stack,
};

/// Sockets opened concurrently.
const OPENING: usize = 20;

/// The frames received in a phase: writes with a known number and due time.
#[derive(Default)]
pub(crate) struct Tally {
    /// The phase: frames of earlier ones don't count.
    phase: u32,
    /// Writes before the measured ones.
    warm: usize,
    /// When each write is due.
    due: Vec<Instant>,
    /// Microseconds from due to read, for each measured write and member.
    pub(crate) latencies: Vec<u32>,
    /// Repeated frames.
    pub(crate) twice: u64,
    /// Sockets that ended.
    pub(crate) ended: u64,
}

/// Sockets being read. Dropped, they close.
pub(crate) struct Readers {
    tasks: Vec<JoinHandle<()>>,
    tally: Rc<RefCell<Tally>>,
}

impl Tally {
    /// Begins a phase in which all but the first `warm` writes are measured. Returns its number. Nothing is allocated
    /// during the measurement.
    pub(crate) fn begin(&mut self, due: Vec<Instant>, warm: usize, expected: usize) -> u32 {
        let phase = new_phase();
        *self = Self { phase, warm, due, latencies: Vec::with_capacity(expected), twice: 0, ended: 0 };
        phase
    }
}

impl Readers {
    /// No readers.
    pub(crate) fn none() -> Self {
        Self { tasks: Vec::new(), tally: Rc::default() }
    }

    /// Opens `each` sockets for every member of these boards, on all nodes in turn.
    pub(crate) async fn open(&mut self, stack: &Stack, boards: &[Rc<Board>], each: usize) -> Result<(), Failure> {
        let members: usize = boards.iter().map(|board| board.members.len()).sum();
        self.open_some(stack, boards, members * each).await
    }

    /// Opens this many sockets for the members of these boards, one by one from the start.
    pub(crate) async fn open_some(&mut self, stack: &Stack, boards: &[Rc<Board>], count: usize) -> Result<(), Failure> {
        let all = boards.iter().flat_map(|board| board.members.iter().map(move |member| (board, member)));
        let all: Vec<_> = all.cycle().take(count).enumerate().collect();
        for some in all.chunks(OPENING) {
            let opening = some.iter().map(|(index, (board, member))| {
                let path = format!("/ws/projects/{}", board.id);
                async move { Socket::open(stack.addr(*index), &path, member, None).await }
            });
            for (socket, _) in futures_util::future::try_join_all(opening).await? {
                self.tasks.push(tokio::task::spawn_local(read(socket, Rc::clone(&self.tally))));
            }
        }
        Ok(())
    }

    /// The frames received.
    pub(crate) fn tally(&self) -> &RefCell<Tally> {
        &self.tally
    }

    /// Closes all sockets.
    pub(crate) fn close(&mut self) {
        for task in self.tasks.drain(..) {
            task.abort();
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.close();
    }
}

async fn read(socket: Socket, tally: Rc<RefCell<Tally>>) {
    let (mut phase, mut seen) = (0, Vec::new());
    let on_frame = |frame: Frame<'_>| {
        let Frame::Text(frame) = frame else { return };
        let now = Instant::now();
        let mut tally = tally.borrow_mut();
        if tally.phase != phase {
            phase = tally.phase;
            seen.clear();
            seen.resize(tally.due.len(), false);
        }
        for write in writes_of(frame, phase) {
            let Some(seen) = seen.get_mut(write) else { continue };
            if std::mem::replace(seen, true) {
                tally.twice += 1;
            } else if write >= tally.warm {
                let late = now.saturating_duration_since(tally.due[write]);
                tally.latencies.push(u32::try_from(late.as_micros()).unwrap_or(u32::MAX));
            }
        }
    };
    // Counted however it ended.
    let _ = socket.read(on_frame).await;
    tally.borrow_mut().ended += 1;
}

/// A new phase number: the server knows every op of earlier phases.
pub(crate) fn new_phase() -> u32 {
    static LAST: AtomicU32 = AtomicU32::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// An op id that encodes a write of a phase: a UUIDv7 with the number in its last 12 digits.
pub(crate) fn op_id(phase: u32, write: usize) -> String {
    format!("{PREFIX}{:04x}-{write:012x}", 0x8000 | (phase & 0x3fff))
}

const OP_ID: &str = "\"op_id\":\"";
const PREFIX: &str = "01900000-0000-7000-";

/// The writes of a phase in a frame. Only their ids are searched for, since this shares the CPU with the server.
fn writes_of(frame: &str, phase: u32) -> impl Iterator<Item = usize> {
    let events = match frame.starts_with("{\"type\":\"batch\"") {
        // It contains its own op id, and then one per event.
        true => frame.find("\"events\":[").map_or("", |start| &frame[start..]),
        // What follows an id is not searched again.
        false => frame.find(OP_ID).and_then(|start| frame.get(start..start + OP_ID.len() + 36)).unwrap_or_default(),
    };
    events.split(OP_ID).skip(1).filter_map(move |id| {
        let (phase_of, write) = id.strip_prefix(PREFIX)?.get(..17)?.split_once('-')?;
        let phase_of = u32::from_str_radix(phase_of, 16).ok()?;
        if phase_of & 0x3fff == phase & 0x3fff { usize::from_str_radix(write, 16).ok() } else { None }
    })
}
