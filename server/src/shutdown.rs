//! Stop signals: SIGTERM and Ctrl-C.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that is cancelled at the first SIGTERM or SIGINT. The second one ends the process at once.
///
/// # Errors
/// When no signal handler can be installed.
pub fn on_signal() -> io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        let signal = next(&mut terminate, &mut interrupt).await;
        tracing::info!(signal, "stopping");
        stop.cancel();
        let signal = next(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal, "stopping at once");
        std::process::exit(130);
    });
    Ok(token)
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}
