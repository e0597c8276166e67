//! Many sockets that receive nothing but pings.

use std::{rc::Rc, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{Failure, fanout, people::Board, reader::Readers, report::Row, stack::Stack};

/// Sockets per member.
const SOCKETS_PER_MEMBER: usize = 10;
/// Duration of the measurement: longer than the interval of pings.
const WATCH: Duration = Duration::from_secs(30);

/// Opens ten sockets for each of 1 000 members, and measures their cost.
pub(crate) async fn measure(stack: &Stack, boards: &[Rc<Board>]) -> Result<Row, Failure> {
    let mut readers = Readers::none();
    let socket_kib = fanout::open(stack, boards, &mut readers, SOCKETS_PER_MEMBER).await?;
    let (start, cpu) = (Instant::now(), stack.cpu_seconds()?);
    sleep(WATCH).await;
    let share = (stack.cpu_seconds()? - cpu) / start.elapsed().as_secs_f64();
    let ended = readers.tally().borrow().ended;
    let memory = stack.memory_kib()? / 1024.0;
    let note = format!("{:.1} % of a core, {memory:.0} MiB in all, {ended} ended", share * 100.0);
    Ok(Row { socket_kib: Some(socket_kib), note, ..Row::default() })
}
