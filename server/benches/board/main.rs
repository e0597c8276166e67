//! What Lockstep costs and how fast it is: starts a release server with a database of its own, fills
//! a board, opens many sockets, writes at a steady rate, and prints one table.
//!
//! ```text
//! process  the server as the kernel sees it    http    a lean HTTP client
//! people   accounts and a board for them       load    writes when they are due
//! reader   one member's socket                 report  the table
//! bulk     many tasks by one request
//! ```
//!
//! Everything here runs on one thread, and as little of it as possible, because it shares the
//! machine with what it measures. `BENCH_SECONDS` is how long each case is measured.

mod bulk;
mod http;
mod load;
mod people;
mod process;
mod reader;
mod report;

use std::{error::Error, time::Duration};

use load::Case;
use people::People;
use process::Server;
use report::Report;

/// Members and writes a second of each case.
const CASES: [(usize, u32); 2] = [(100, 50), (1000, 20)];
/// How long each case is measured, unless `BENCH_SECONDS` says otherwise.
const SECONDS: u64 = 20;

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let seconds = match std::env::var("BENCH_SECONDS") {
        Ok(text) => text.parse().map_err(|_| format!("BENCH_SECONDS={text} is no number"))?,
        Err(_) => SECONDS,
    };
    server::descriptors::raise_limit();
    tokio::task::LocalSet::new().run_until(measure(Duration::from_secs(seconds))).await
}

async fn measure(window: Duration) -> Result<(), Failure> {
    let members = CASES.iter().map(|(members, _)| *members).max().unwrap_or(1);
    let server = Server::start().await?;
    report::progress(&format!("{} is up; making {members} accounts", server.describe()));
    let people = People::register(server.addr(), members).await?;
    let mut report = Report::default();

    report::progress("moves over HTTP, as fast as they are answered");
    let board = people.board(1).await?;
    report.moves_a_second = load::closed_loop(server.addr(), &board, window / 2).await?;

    report::progress("500 tasks by one request");
    report.bulk = bulk::moves(server.addr(), &people.board(1).await?).await?;

    for (number, (members, rate)) in (0..).zip(CASES) {
        report::progress(&format!("{members} members, {rate} moves a second"));
        let board = people.board(members).await?;
        let case = Case { members, rate, window };
        report.cases.push((case, load::open_loop(&server, &people, &board, case, number).await?));
    }
    report.print(&server)?;
    server.stop().await
}
