//! What an operator can set, by flag or by environment variable. `--help` prints the explanation of each setting.
//!
//! ```text
//! accounts  who may sign up and in     database  where it is              limits  what one client may ask for
//! mail      how e-mail is sent         monitoring  who reads counters     proxy   which are believed
//! quotas    how much is stored         redis     between processes        retention  what is removed
//! ```

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

/// How Lockstep runs. Every field that `--help` shows is a flag of `lockstep serve` and a variable in `.env.example`.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// Address and port to listen on
    #[arg(long, env = "LOCKSTEP_ADDR", default_value = "127.0.0.1:3000", value_name = "IP:PORT", global = true)]
    pub addr: SocketAddr,

    /// Folder for the SQLite file and the secret; made when missing
    #[arg(long, env = "LOCKSTEP_DATA_DIR", default_value = "data", value_name = "FOLDER", global = true)]
    pub data_dir: PathBuf,

    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseSettings,

    /// The Redis between processes.
    #[command(flatten)]
    pub redis: RedisSettings,

    /// Folder with the page's assets  [default: site, beside the executable or one level above]
    #[arg(long, env = "LOCKSTEP_SITE", value_name = "FOLDER", global = true)]
    pub site: Option<PathBuf>,

    /// Make a demo project and two demo accounts on the first start, and offer them on the sign-in page
    #[arg(
        long, env = "LOCKSTEP_DEMO", value_name = "0|1", default_value = "0", default_missing_value = "1",
        num_args = 0..=1, require_equals = true, value_parser = BoolishValueParser::new(), global = true
    )]
    pub demo: bool,

    /// How log lines look
    #[arg(long, env = "LOCKSTEP_LOG_FORMAT", value_enum, default_value_t = LogFormat::Human, global = true)]
    pub log_format: LogFormat,

    /// What is logged: a level, or levels by module as in `info,server=debug`
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

    /// Which proxies are believed.
    #[command(flatten)]
    pub proxy: ProxySettings,

    /// Key of at least 32 characters that signs socket tokens and makes the links of invitations  [default: made once, kept in the data folder]
    #[arg(long, env = "LOCKSTEP_SECRET", value_name = "TEXT", hide_env_values = true, value_parser = secret, global = true)]
    pub secret: Option<String>,

    /// Who may read the counters.
    #[command(flatten)]
    pub monitoring: MonitoringSettings,

    /// Where the source of this server is: whoever changes it says where theirs is
    #[arg(
        long, env = "LOCKSTEP_SOURCE_URL", default_value = env!("CARGO_PKG_REPOSITORY"), value_name = "URL",
        value_parser = link, global = true
    )]
    pub source_url: String,

    /// How much one client may ask for.
    #[command(flatten)]
    pub limits: LimitSettings,

    /// How much one user, project or card may take up.
    #[command(flatten)]
    pub quotas: QuotaSettings,

    /// What is removed after a while.
    #[command(flatten)]
    pub retention: RetentionSettings,

    /// How e-mail is sent.
    #[command(flatten)]
    pub mail: MailSettings,

    /// Where browsers reach this server: no other host is answered, and links in e-mail lead there; without it none is
    /// sent
    #[arg(long, env = "LOCKSTEP_PUBLIC_URL", value_name = "URL", value_parser = origin, global = true)]
    pub public_url: Option<String>,

    /// For tests of what a crash leaves behind: dies after that many commits, before anybody is told of the last. Has
    /// no variable, so that nobody inherits it
    #[arg(long, hide = true, value_name = "COUNT", global = true)]
    pub die_after_commits: Option<NonZeroU32>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// The settings of a server whose files all live in `data_dir`: any free port, no limits.
    /// Tests and benches change what they are about.
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

    /// The database to open: the one that was named, or a SQLite file in the data folder.
    pub fn database_url(&self) -> String {
        match &self.database.url {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", self.data_dir.join("lockstep.db").display()),
        }
    }

    /// How e-mail is sent, where all of it is set.
    pub fn mail(&self) -> Option<Mail> {
        let (url, from) = (self.mail.smtp_url.clone()?, self.mail.from.clone()?);
        Some(Mail { url, from, public_url: self.public_url.clone()? })
    }

    /// The folder with the page's assets: the one that was named (by cargo-leptos, under its own
    /// variable), else `site` beside the executable, else one level above it, as in `target/`.
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
    // As browsers write them: letters outside of ASCII are spelled.
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
