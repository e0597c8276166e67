//! The `lockstep` command.

use std::process::ExitCode;

use clap::Parser as _;
use server::cli::Cli;

/// Many small frames, made on one thread and freed on another: what it is built for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    Cli::parse().run().await
}
