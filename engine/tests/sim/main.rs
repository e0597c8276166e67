//! Simulation of the whole system in one thread and in virtual time: two nodes with the real rooms, four people with
//! two tabs each of real sessions, which share sockets as a browser's tabs do, two projects with different members, a
//! database with their logs, and every fault in between. Events follow from a plan, and the plan from one seed.
//!
//! ```sh
//! make sim SEEDS=50000      # many
//! make sim SEED=17          # one
//! make sim PLAN=file.json   # a saved failure
//! ```

#![expect(clippy::unwrap_used, reason = "where the simulated world is not as it should be, the test fails")]
#![expect(clippy::print_stdout, reason = "the plan of a failure, and the progress of a long run")]

mod accounts;
mod browser;
mod client_socket;
mod columns;
mod comments;
mod database;
mod dice;
mod frames;
mod gesture;
mod http;
mod ids;
mod node;
mod oracle;
mod page;
mod pause;
mod plan;
mod promises;
mod quiesce;
mod requests;
mod rows;
mod runner;
mod scheduled;
mod service;
mod sign_in;
mod socket;
mod tab;
mod world;
