//! The `lockstep` command.

use std::process::ExitCode;

use clap::Parser as _;
use server::cli::Cli;

/// Suited to many small frames that are allocated on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    Cli::parse().run().await
}
