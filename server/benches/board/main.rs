//! What Lockstep costs and how fast it is: starts release servers with databases of their own, fills
//! boards, opens many sockets, writes when a write is due, and prints one table.
//!
//! ```text
//! choice   which cases, on what        case     what each of them does, in order
//! stack    nodes, database, Redis      child    a process as the kernel sees it
//! people   accounts, and their boards  http     a lean HTTP client
//! socket   a lean WebSocket client     reader   what arrived at all members together
//! load     writes when they are due    closed   writes as fast as they are answered
//! hot      one busy board, and another     progress  what goes on
//! fanout · ramp · idle · storm · stalled · bulk · bell · oversight (past)   report   the table
//! ```
//!
//! Everything here runs on one thread (and one more that keeps the time), and as little of it as
//! possible, because it shares the machine with what it measures. `CASES` and `ON` choose
//! ([`choice`]); `BENCH_SECONDS` is how long a case is measured.

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

/// How long a case is measured, unless `BENCH_SECONDS` says otherwise.
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
            // One case that fails is a line in the table, and no reason to lose the others.
            match world.run(case).await {
                Ok(row) => report.add(on, case, row),
                Err(error) => report.failed(on, case, &*error),
            }
        }
        world.end().await?;
    }
    report.print()
}
