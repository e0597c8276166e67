//! What is removed after a while.

use clap::Args;

/// After how many days data is removed. 0 keeps it forever.
#[derive(Args, Clone, Debug)]
pub struct RetentionSettings {
    /// Days after which events are removed from a project's log, if it has more than 10,000: at least 7; 0: never
    #[arg(
        id = "log_retention_days", long = "log-retention-days", env = "LOCKSTEP_LOG_RETENTION_DAYS", default_value_t = 0, value_name = "DAYS", value_parser = retention,
        global = true
    )]
    pub log_days: u32,

    /// Days after which a read notification is removed; 0: never
    #[arg(
        id = "notification_retention_days",
        long = "notification-retention-days",
        env = "LOCKSTEP_NOTIFICATION_RETENTION_DAYS",
        default_value_t = 90,
        value_name = "DAYS",
        global = true
    )]
    pub notification_days: u32,
}

impl RetentionSettings {
    /// The values of [`Config::isolated`](super::Config::isolated).
    pub(super) fn isolated() -> Self {
        Self { log_days: 0, notification_days: 90 }
    }
}

fn retention(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days @ (0 | 7..)) => Ok(days),
        _ => Err("expected 0, or at least 7 days".into()),
    }
}
