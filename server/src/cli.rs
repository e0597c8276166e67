//! The subcommands of `lockstep`.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

use crate::{
    audit::{AuditEntry, AuditEvent},
    config::Config,
    descriptors,
    realtime::Timing,
    service::retention,
    shutdown, site,
    startup::{self, Server, StartError},
    state::AppState,
    telemetry::{self, TelemetryError},
};

mod invite;
mod user;

use invite::InviteCommand;
use user::UserCommand;

/// A live kanban board: every open browser shows the same board at the same time.
#[derive(Debug, Parser)]
#[command(name = "lockstep", version, about, args_conflicts_with_subcommands = false)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (also without a command)
    Serve,
    /// Migrate the database and exit
    Migrate,
    /// After restoring a backup: make every browser fetch its boards again
    RotateEpochs,
    /// Manage accounts
    #[command(subcommand)]
    User(UserCommand),
    /// Manage invitations to projects
    #[command(subcommand)]
    Invite(InviteCommand),
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("cannot print the answer: {0}")]
    Print(io::Error),
    #[error("cannot listen for signals: {0}")]
    Signals(io::Error),
    #[error(transparent)]
    User(#[from] user::UserError),
    #[error(transparent)]
    Invite(#[from] invite::InviteError),
}

impl Cli {
    /// Runs the command line. A failure is one line on standard error, with exit code 1.
    pub async fn run(self) -> ExitCode {
        let done = telemetry::init(&self.config).map_err(CommandError::from);
        let done = match done {
            Ok(()) => self.execute().await,
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                report(&error);
                ExitCode::FAILURE
            }
        }
    }

    async fn execute(self) -> Result<(), CommandError> {
        let Self { command, config } = self;
        match command.unwrap_or(Command::Serve) {
            Command::Serve => {
                descriptors::raise_limit();
                let shutdown = shutdown::on_signal().map_err(CommandError::Signals)?;
                let listener = startup::listen(&config).await?;
                let server = Server::open(config, Timing::default()).await?;
                welcome(&listener, server.state()).map_err(CommandError::Print)?;
                server.serve(listener, shutdown).await;
            }
            Command::Migrate => {
                startup::open_store(&config).await?.close().await;
                AuditEntry::by_operator(AuditEvent::Migrated).write();
                tracing::info!("the database is up to date");
            }
            Command::RotateEpochs => {
                let store = startup::open_store(&config).await?;
                let rotated = retention::rotate_epochs(&store).await;
                store.close().await;
                let projects = rotated.map_err(StartError::from)?;
                AuditEntry::by_operator(AuditEvent::EpochsRotated).detail(format_args!("{projects} projects")).write();
                tracing::info!(projects, "rotated the epoch of every log");
            }
            Command::User(command) => command.run(config).await?,
            Command::Invite(command) => command.run(config).await?,
        }
        Ok(())
    }
}

/// Prints the server's address, and how to sign in to the demo.
fn welcome(listener: &TcpListener, state: &AppState) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Lockstep runs at http://{}", listener.local_addr()?)?;
    for account in site::describe(&state.config).demo {
        writeln!(out, "  demo account: {} with the password {}", account.email, account.password)?;
    }
    Ok(())
}

/// Logging may be what failed, so this bypasses it.
fn report(error: &CommandError) {
    // A closed standard error leaves nowhere to report to.
    let _ = writeln!(io::stderr(), "error: {error}");
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        for line in [["lockstep", "--auth-limit=3", "serve"], ["lockstep", "serve", "--auth-limit=3"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.config.accounts.auth_limit, 3);
            assert!(matches!(cli.command, Some(Command::Serve)));
        }
    }
}
