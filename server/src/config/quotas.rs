//! Limits per user, project and card.

use clap::Args;

/// Limits of stored data, and of the write rate. 0 turns a limit off.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct QuotaSettings {
    /// Changes per second and user on average, with bursts of 30 times as many; 0: unlimited
    #[arg(long, env = "LOCKSTEP_WRITES_PER_SECOND", default_value_t = 20, value_name = "COUNT", global = true)]
    pub writes_per_second: u32,

    /// Projects that a user may own, including those deleted within a day; 0: unlimited
    #[arg(long, env = "LOCKSTEP_PROJECTS_PER_USER", default_value_t = 200, value_name = "COUNT", global = true)]
    pub projects_per_user: u32,

    /// Cards per project, including deleted ones; 0: unlimited
    #[arg(long, env = "LOCKSTEP_CARDS_PER_PROJECT", default_value_t = 20_000, value_name = "COUNT", global = true)]
    pub cards_per_project: u32,

    /// Comments per card; 0: unlimited
    #[arg(long, env = "LOCKSTEP_COMMENTS_PER_CARD", default_value_t = 2_000, value_name = "COUNT", global = true)]
    pub comments_per_card: u32,

    /// Members per project; 0: unlimited
    #[arg(long, env = "LOCKSTEP_MEMBERS_PER_PROJECT", default_value_t = 500, value_name = "COUNT", global = true)]
    pub members_per_project: u32,

    /// Invitations per user and day, across all projects; 0: unlimited
    #[arg(long, env = "LOCKSTEP_INVITATIONS_PER_DAY", default_value_t = 200, value_name = "COUNT", global = true)]
    pub invitations_per_day: u32,
}
