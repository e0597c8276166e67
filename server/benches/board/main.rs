//! Measures the cost and speed of Lockstep: starts release servers with their own databases, fills boards, opens many
//! sockets, writes at a given rate, and prints a table.
//!
//! | module | contents |
//! | --- | --- |
//! | `choice`, `case` | selection of cases and topologies; the cases |
//! | `stack`, `child` | nodes, database and Redis; a process as the kernel sees it |
//! | `people`, `http`, `socket` | accounts and their boards; minimal HTTP and WebSocket clients |
//! | `load`, `closed`, `reader` | open-loop writes; closed-loop writes; what all members received |
//! | `fanout`, `ramp`, `hot`, `idle`, `storm`, `stalled`, `bulk`, `bell`, `oversight`, `past` | individual cases |
//! | `report`, `progress` | the table; progress messages |
//!
//! Everything runs on one thread (and another one for timing), and uses as little CPU as possible, since it shares the
//! machine with the servers. `CASES` and `ON` select ([`choice`]); `BENCH_SECONDS` is the measured duration of a case.

mod bell;
mod bulk;
mod case;
mod child;
mod choice;
mod closed;
mod fanout;
mod hot;
mod http;
mod idle;
mod load;
mod oversight;
mod past;
mod people;
mod progress;
mod ramp;
mod reader;
mod report;
mod socket;
mod stack;
mod stalled;
mod storm;

use std::{error::Error, time::Duration};

use case::World;
use choice::Choice;
use progress::progress;
use report::Report;
use stack::Stack;

/// The measured duration of a case, unless `BENCH_SECONDS` is set.
const SECONDS: u64 = 10;

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let seconds = match std::env::var("BENCH_SECONDS") {
        Ok(text) => text.parse().map_err(|_| format!("BENCH_SECONDS={text} is no number"))?,
        Err(_) => SECONDS,
    };
    let choice = Choice::from_env()?;
    server::descriptors::raise_limit();
    tokio::task::LocalSet::new().run_until(measure(choice, Duration::from_secs(seconds))).await
}

async fn measure(choice: Choice, window: Duration) -> Result<(), Failure> {
    let mut report = Report::default();
    for on in choice.topologies() {
        let cases = choice.cases(on);
        if cases.is_empty() {
            continue;
        }
        let Some(stack) = Stack::start(on).await? else { continue };
        progress(&format!("{on}: up"));
        let mut world = World::new(stack, window).await?;
        for case in cases {
            progress(&format!("{on}: {case}"));
            // A failed case is a line in the table, and does not stop the others.
            match world.run(case).await {
                Ok(row) => report.add(on, case, row),
                Err(error) => report.failed(on, case, &*error),
            }
        }
        world.end().await?;
    }
    report.print()
}
