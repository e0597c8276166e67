//! Writes at a steady rate, read by every member: the cases compared with other systems.

use std::{rc::Rc, time::Duration};

use tokio::time::sleep;

use crate::{
    Failure,
    load::{Pace, open_loop},
    people::Board,
    reader::Readers,
    report::Row,
    stack::Stack,
};

/// Warm-up before the measurement.
const WARM_UP: Duration = Duration::from_secs(2);
/// The pause between opening sockets and measuring their memory.
const PAUSE: Duration = Duration::from_secs(2);

/// Sockets that are opened and closed before the memory of the others is measured.
const INITIAL: usize = 20;

/// Opens a socket for each member, measures their memory, then writes.
pub(crate) async fn measure(stack: &Stack, boards: &[Rc<Board>], rate: f64, window: Duration) -> Result<Row, Failure> {
    let mut readers = Readers::none();
    let socket_kib = open(stack, boards, &mut readers, 1).await?;
    let outcome = open_loop(stack, boards, &readers, Pace { rate, warm: WARM_UP, window }).await?;
    Ok(Row { socket_kib: Some(socket_kib), ..Row::of(&outcome) })
}

/// Opens `each` sockets for every member. Returns the memory of one in KiB.
pub(crate) async fn open(
    stack: &Stack,
    boards: &[Rc<Board>],
    readers: &mut Readers,
    each: usize,
) -> Result<f64, Failure> {
    // What the first sockets make the server allocate for all (database connections, the allocator's pages) is not
    // theirs.
    readers.open_some(stack, boards, INITIAL).await?;
    readers.close();
    sleep(PAUSE).await;
    let before = stack.memory_kib()?;
    readers.open(stack, boards, each).await?;
    sleep(PAUSE).await;
    let sockets: usize = boards.iter().map(|board| board.members.len() * each).sum();
    Ok((stack.memory_kib()? - before) / sockets as f64)
}
