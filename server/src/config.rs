//! The settings, by flag or environment variable. `--help` prints the explanation of each.
//!
//! | module | settings |
//! | --- | --- |
//! | `accounts` | registration and sign-in |
//! | `database`, `redis` | the database; Redis between processes |
//! | `limits`, `quotas` | limits of clients; limits of stored data |
//! | `mail` | e-mail |
//! | `monitoring`, `proxy` | access to metrics; trusted proxies |
//! | `retention` | what is removed, and when |

mod accounts;
mod database;
mod limits;
mod mail;
mod monitoring;
mod proxy;
mod quotas;
mod redis;
mod retention;

use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum, builder::BoolishValueParser};

pub use self::{
    accounts::{AccountSettings, PasswordCost, RegistrationPolicy},
    database::DatabaseSettings,
    limits::LimitSettings,
    mail::{Mail, MailSettings},
    monitoring::MonitoringSettings,
    proxy::{ProxyHeader, ProxySettings},
    quotas::QuotaSettings,
    redis::RedisSettings,
    retention::RetentionSettings,
};

/// The settings of Lockstep. Every field shown by `--help` is a flag of `lockstep serve` and a variable in
/// `.env.example`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// Address and port to listen on
    #[arg(long, env = "LOCKSTEP_ADDR", default_value = "127.0.0.1:3000", value_name = "IP:PORT", global = true)]
    pub addr: SocketAddr,

    /// Folder for the SQLite file and the secret; created if missing
    #[arg(long, env = "LOCKSTEP_DATA_DIR", default_value = "data", value_name = "FOLDER", global = true)]
    pub data_dir: PathBuf,

    /// The database.
    #[command(flatten)]
    pub database: DatabaseSettings,

    /// Redis, which connects several processes.
    #[command(flatten)]
    pub redis: RedisSettings,

    /// Folder with the page's assets  [default: site, beside the executable or one level above]
    #[arg(long, env = "LOCKSTEP_SITE", value_name = "FOLDER", global = true)]
    pub site: Option<PathBuf>,

    /// Create a demo project and two demo accounts on the first start, and offer them on the sign-in page
    #[arg(
        long, env = "LOCKSTEP_DEMO", value_name = "0|1", default_value = "0", default_missing_value = "1",
        num_args = 0..=1, require_equals = true, value_parser = BoolishValueParser::new(), global = true
    )]
    pub demo: bool,

    /// Format of log lines
    #[arg(long, env = "LOCKSTEP_LOG_FORMAT", value_enum, default_value_t = LogFormat::Human, global = true)]
    pub log_format: LogFormat,

    /// Log filter: a level, or levels by module as in `info,server=debug`
    #[arg(long, env = "LOCKSTEP_LOG", default_value = "info", value_name = "FILTER", global = true)]
    pub log: String,

    /// Accounts and sessions.
    #[command(flatten)]
    pub accounts: AccountSettings,

    /// Further origins, separated by commas, whose pages may write and open sockets
    #[arg(
        long, env = "LOCKSTEP_ALLOWED_ORIGINS", value_name = "URL,URL", value_delimiter = ',', value_parser = origin,
        global = true
    )]
    pub allowed_origins: Vec<String>,

    /// Trusted proxies.
    #[command(flatten)]
    pub proxy: ProxySettings,

    /// Key of at least 32 characters that signs socket tokens and derives invitation links  [default: generated once,
    /// stored in the data folder]
    #[arg(long, env = "LOCKSTEP_SECRET", value_name = "TEXT", hide_env_values = true, value_parser = secret, global = true)]
    pub secret: Option<String>,

    /// Access to the metrics.
    #[command(flatten)]
    pub monitoring: MonitoringSettings,

    /// URL of this server's source code; set it if you run a modified version
    #[arg(
        long, env = "LOCKSTEP_SOURCE_URL", default_value = env!("CARGO_PKG_REPOSITORY"), value_name = "URL",
        value_parser = link, global = true
    )]
    pub source_url: String,

    /// Limits per client.
    #[command(flatten)]
    pub limits: LimitSettings,

    /// Limits per user, project and card.
    #[command(flatten)]
    pub quotas: QuotaSettings,

    /// What is removed after a while.
    #[command(flatten)]
    pub retention: RetentionSettings,

    /// E-mail.
    #[command(flatten)]
    pub mail: MailSettings,

    /// URL at which browsers reach this server: requests for other hosts are refused, and links in e-mail point to it;
    /// without it no e-mail is sent
    #[arg(long, env = "LOCKSTEP_PUBLIC_URL", value_name = "URL", value_parser = origin, global = true)]
    pub public_url: Option<String>,

    /// For tests of crashes: the process dies after this many commits, before the last one is published. Has no
    /// variable, so that no process inherits it
    #[arg(long, hide = true, value_name = "COUNT", global = true)]
    pub die_after_commits: Option<NonZeroU32>,
}

/// The format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For a terminal.
    Human,
    /// One JSON object per line.
    Json,
}

impl Config {
    /// The settings of a server whose files all live in `data_dir`: any free port, no limits. For tests and benches,
    /// which change what they need.
    pub fn isolated(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir: data_dir.into(),
            database: DatabaseSettings::isolated(),
            redis: RedisSettings::isolated(),
            site: None,
            demo: false,
            log_format: LogFormat::Human,
            log: "info".into(),
            accounts: AccountSettings::isolated(),
            allowed_origins: Vec::new(),
            proxy: ProxySettings::isolated(),
            secret: Some("a secret for nobody but the tests".into()),
            monitoring: MonitoringSettings::isolated(),
            source_url: env!("CARGO_PKG_REPOSITORY").into(),
            limits: LimitSettings::isolated(),
            quotas: QuotaSettings::default(),
            retention: RetentionSettings::isolated(),
            mail: MailSettings::isolated(),
            public_url: None,
            die_after_commits: None,
        }
    }

    /// The database URL: the one in the settings, or a SQLite file in the data folder.
    pub fn database_url(&self) -> String {
        match &self.database.url {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", self.data_dir.join("lockstep.db").display()),
        }
    }

    /// The e-mail settings, if they are complete.
    pub fn mail(&self) -> Option<Mail> {
        let (url, from) = (self.mail.smtp_url.clone()?, self.mail.from.clone()?);
        Some(Mail { url, from, public_url: self.public_url.clone()? })
    }

    /// The folder of the page's assets: the one in the settings (cargo-leptos uses its own variable), else `site`
    /// beside the executable, else one level above it, as in `target/`.
    pub fn site_dir(&self) -> PathBuf {
        if let Some(site) = &self.site {
            return site.clone();
        }
        if let Some(site) = std::env::var_os("LEPTOS_SITE_ROOT") {
            return site.into();
        }
        let executable = std::env::current_exe().unwrap_or_default();
        let folder = executable.parent().unwrap_or(Path::new("."));
        let beside = folder.join("site");
        match folder.parent() {
            Some(above) if !beside.is_dir() => above.join("site"),
            _ => beside,
        }
    }
}

fn origin(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/').to_lowercase();
    // As browsers write them: non-ASCII letters are encoded.
    let text = idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::EMPTY).unwrap_or_default();
    match text.split_once("://") {
        Some(("http" | "https", host)) if !host.is_empty() && !host.contains(['/', '?', '#', '@', '*']) => {
            Ok(text.into_owned())
        }
        _ => Err("expected an origin such as https://board.example.org".into()),
    }
}

fn link(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    match text.split_once("://") {
        Some(("http" | "https", rest)) if plain && !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("expected an address such as https://git.example.org/lockstep".into()),
    }
}

fn secret(text: &str) -> Result<String, String> {
    if text.chars().count() >= 32 { Ok(text.to_owned()) } else { Err("a secret has at least 32 characters".into()) }
}

#[cfg(test)]
mod tests;
