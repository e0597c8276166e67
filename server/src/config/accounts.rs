//! Accounts and sessions.

use clap::{Args, ValueEnum};

/// Who may make an account, how often somebody may try, and how long a session lasts.
#[derive(Args, Clone, Debug)]
pub struct AccountSettings {
    /// Whether anybody may make an account; closed: only the operator, and addresses that are invited
    #[arg(long, env = "LOCKSTEP_REGISTRATION", value_enum, default_value_t = RegistrationPolicy::Open, global = true)]
    pub registration: RegistrationPolicy,

    /// Sign-in attempts a minute for an account and address; 0: no limit
    #[arg(long, env = "LOCKSTEP_AUTH_LIMIT", default_value_t = 10, value_name = "COUNT", global = true)]
    pub auth_limit: u32,

    /// Failed sign-ins an hour for an account, over all addresses, after which unknown devices wait longer and longer;
    /// 0: no limit
    #[arg(long, env = "LOCKSTEP_ACCOUNT_LIMIT", default_value_t = 50, value_name = "COUNT", global = true)]
    pub account_limit: u32,

    /// Days after which a session ends, however much it is used (30 days unused end it anyway); 0: no limit
    #[arg(long, env = "LOCKSTEP_SESSION_DAYS", default_value_t = 90, value_name = "DAYS", global = true)]
    pub session_days: u32,

    /// Letters of a kind an hour, to an address and for an account, that confirm it or reset its password; 0: no limit
    #[arg(long, env = "LOCKSTEP_LETTERS_PER_HOUR", default_value_t = 5, value_name = "COUNT", global = true)]
    pub letters_per_hour: u32,

    /// How much work a password hash is. No setting: an operator has no reason to make it less
    #[arg(skip = PasswordCost::Full)]
    pub password_cost: PasswordCost,
}

/// Whether anybody may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RegistrationPolicy {
    /// Anybody.
    Open,
    /// Only the operator, by `lockstep user add`, and addresses that are invited.
    Closed,
}

/// How much work a password hash is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCost {
    /// What OWASP advises: 19 MiB, two passes.
    Full,
    /// As little as argon2 allows: for tests, which sign in all the time.
    Token,
}

impl AccountSettings {
    /// As [`Config::isolated`](super::Config::isolated) has them.
    pub(super) fn isolated() -> Self {
        Self {
            registration: RegistrationPolicy::Open,
            auth_limit: 0,
            account_limit: 0,
            session_days: 0,
            letters_per_hour: 0,
            password_cost: PasswordCost::Token,
        }
    }
    /// Whether anybody may make an account.
    pub fn registration_open(&self) -> bool {
        self.registration == RegistrationPolicy::Open
    }
}
