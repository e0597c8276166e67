//! Many sockets to which nothing is sent but pings.

use std::{rc::Rc, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{Failure, fanout, people::Board, reader::Readers, report::Row, stack::Stack};

/// Sockets of each member.
const EACH: usize = 10;
/// How long they are watched: longer than it is from ping to ping.
const WATCH: Duration = Duration::from_secs(30);

/// Opens ten sockets for each of 1 000 members, and watches what they cost.
pub(crate) async fn measure(stack: &Stack, boards: &[Rc<Board>]) -> Result<Row, Failure> {
    let mut readers = Readers::none();
    let socket_kib = fanout::open(stack, boards, &mut readers, EACH).await?;
    let (start, cpu) = (Instant::now(), stack.cpu_seconds()?);
    sleep(WATCH).await;
    let share = (stack.cpu_seconds()? - cpu) / start.elapsed().as_secs_f64();
    let ended = readers.tally().borrow().ended;
    let memory = stack.memory_kib()? / 1024.0;
    let note = format!("{:.1} % of a core, {memory:.0} MiB in all, {ended} ended", share * 100.0);
    Ok(Row { socket_kib: Some(socket_kib), note, ..Row::default() })
}
