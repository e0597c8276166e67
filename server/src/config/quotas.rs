//! How much one user, project or card may take up.

use clap::Args;

/// Limits on what is stored, and on how fast. 0 turns one off.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct QuotaSettings {
    /// Changes a second that a user may make in the long run; 30 times as many at once; 0: no limit
    #[arg(long, env = "LOCKSTEP_WRITES_PER_SECOND", default_value_t = 20, value_name = "COUNT", global = true)]
    pub writes_per_second: u32,

    /// Projects that a user may own and still make another one, those deleted within a day included; 0: no limit
    #[arg(long, env = "LOCKSTEP_PROJECTS_PER_USER", default_value_t = 200, value_name = "COUNT", global = true)]
    pub projects_per_user: u32,

    /// Cards that a project may have, deleted ones included; 0: no limit
    #[arg(long, env = "LOCKSTEP_CARDS_PER_PROJECT", default_value_t = 20_000, value_name = "COUNT", global = true)]
    pub cards_per_project: u32,

    /// Comments that a card may have; 0: no limit
    #[arg(long, env = "LOCKSTEP_COMMENTS_PER_CARD", default_value_t = 2_000, value_name = "COUNT", global = true)]
    pub comments_per_card: u32,

    /// Members that a project may have; 0: no limit
    #[arg(long, env = "LOCKSTEP_MEMBERS_PER_PROJECT", default_value_t = 500, value_name = "COUNT", global = true)]
    pub members_per_project: u32,

    /// Invitations that a user may make within a day, for all projects; 0: no limit
    #[arg(long, env = "LOCKSTEP_INVITATIONS_PER_DAY", default_value_t = 200, value_name = "COUNT", global = true)]
    pub invitations_per_day: u32,
}
