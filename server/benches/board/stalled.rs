//! Sockets that don't read: the most that the server buffers for them.

use std::{cell::Cell, rc::Rc, time::Duration};

use tokio::time::sleep;

use crate::{
    Failure,
    load::{Pace, open_loop},
    people::Board,
    reader::Readers,
    report::Row,
    socket::Socket,
    stack::Stack,
};

/// The kernel's receive buffer of a stalled reader.
const RECEIVE: u32 = 4096;
/// Moves per second: more than a queue holds within the window.
const RATE: f64 = 300.0;
const WARM_UP: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(6);
const PAUSE: Duration = Duration::from_secs(2);

/// Opens a stalled socket for each member, and one of the owner's that is read.
pub(crate) async fn measure(stack: &Stack, board: Rc<Board>) -> Result<Row, Failure> {
    let before = stack.memory_kib()?;
    let path = format!("/ws/projects/{}", board.id);
    let mut stalled = Vec::with_capacity(board.members.len());
    for member in &board.members {
        let (socket, _) = Socket::open(stack.addr(0), &path, member, Some(RECEIVE)).await?;
        stalled.push(tokio::task::spawn_local(socket.stall()));
    }
    sleep(PAUSE).await;
    let open = stack.memory_kib()?;

    let reading = Board {
        members: board.members[..1].to_vec(),
        tasks: board.tasks.clone(),
        statuses: board.statuses.clone(),
        id: board.id.clone(),
    };
    let boards = [Rc::new(reading)];
    let mut readers = Readers::none();
    readers.open(stack, &boards, 1).await?;
    let (peak, done) = (Cell::new(open), Cell::new(false));
    let watch = async {
        while !done.get() {
            peak.set(stack.memory_kib()?.max(peak.get()));
            sleep(Duration::from_millis(100)).await;
        }
        Ok::<(), Failure>(())
    };
    let load = async {
        let outcome = open_loop(stack, &boards, &readers, Pace { rate: RATE, warm: WARM_UP, window: WINDOW }).await;
        done.set(true);
        outcome
    };
    let (outcome, ()) = tokio::try_join!(load, watch)?;
    for socket in &stalled {
        socket.abort();
    }
    let count = stalled.len() as f64;
    let note = format!(
        "{:.0} KiB a stalled socket at the most ({:.0} before); the times are those of one that reads",
        (peak.get() - before) / count,
        (open - before) / count
    );
    Ok(Row { note, cpu_per_million: None, ..Row::of(&outcome) })
}
