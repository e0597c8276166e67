//! Accounts and sessions.

use clap::{Args, ValueEnum};

/// Settings of registration, sign-in attempts and sessions.
#[derive(Args, Clone, Debug)]
pub struct AccountSettings {
    /// Who may register; closed: only addresses with an invitation, and accounts created by the operator
    #[arg(long, env = "LOCKSTEP_REGISTRATION", value_enum, default_value_t = RegistrationPolicy::Open, global = true)]
    pub registration: RegistrationPolicy,

    /// Sign-in attempts per minute, account and address; 0: unlimited
    #[arg(long, env = "LOCKSTEP_AUTH_LIMIT", default_value_t = 10, value_name = "COUNT", global = true)]
    pub auth_limit: u32,

    /// Failed sign-ins per hour and account, from all addresses, after which unknown devices have to wait increasingly
    /// long; 0: unlimited
    #[arg(long, env = "LOCKSTEP_ACCOUNT_LIMIT", default_value_t = 50, value_name = "COUNT", global = true)]
    pub account_limit: u32,

    /// Days after which a session ends even if used (unused ones end after 30 days); 0: never
    #[arg(long, env = "LOCKSTEP_SESSION_DAYS", default_value_t = 90, value_name = "DAYS", global = true)]
    pub session_days: u32,

    /// Letters of a kind per hour, to an address and for an account, that confirm it or reset its password; 0:
    /// unlimited
    #[arg(long, env = "LOCKSTEP_LETTERS_PER_HOUR", default_value_t = 5, value_name = "COUNT", global = true)]
    pub letters_per_hour: u32,

    /// Cost of a password hash. Not a setting: operators have no reason to lower it
    #[arg(skip = PasswordCost::Full)]
    pub password_cost: PasswordCost,
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RegistrationPolicy {
    /// Anyone.
    Open,
    /// Only addresses with an invitation, and accounts created by `lockstep user add`.
    Closed,
}

/// The cost of a password hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordCost {
    /// The recommendation of OWASP: 19 MiB, two passes.
    Full,
    /// The minimum of argon2: for tests, which sign in all the time.
    Token,
}

impl AccountSettings {
    /// The values of [`Config::isolated`](super::Config::isolated).
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
    /// Whether anyone may register.
    pub fn registration_open(&self) -> bool {
        self.registration == RegistrationPolicy::Open
    }
}
