//! What an operator can set, by flag or by environment variable: one struct, one place.
//!
//! Over 400 lines, because every setting is here with its explanation, which `--help` prints.

mod quotas;

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum, builder::BoolishValueParser};
use ipnet::IpNet;
use lettre::{AsyncSmtpTransport, Tokio1Executor, message::Mailbox};

pub use quotas::QuotaSettings;

use crate::{
    service::password::Cost,
    store::{Durability, StoreOptions},
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

    /// Database: sqlite:<path> or postgres://…  [default: lockstep.db in the data folder]
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true, value_parser = database_url, global = true)]
    pub database_url: Option<String>,

    /// When a write is answered: full, once it is on the disk; normal, a little earlier, so that a power cut may take
    /// back the last second
    #[arg(long, env = "LOCKSTEP_DURABILITY", value_enum, default_value_t = Durability::Full, global = true)]
    pub durability: Durability,

    /// Database connections that read  [default: 4 on SQLite, 12 on PostgreSQL]
    #[arg(long, env = "LOCKSTEP_DATABASE_READERS", value_name = "COUNT", global = true)]
    pub database_readers: Option<NonZeroU32>,

    /// Database connections that write to PostgreSQL  [default: 8]
    #[arg(long, env = "LOCKSTEP_DATABASE_WRITERS", value_name = "COUNT", global = true)]
    pub database_writers: Option<NonZeroU32>,

    /// DATABASE_URL leads to PgBouncer, which may share its connections by transaction
    #[arg(
        long, env = "LOCKSTEP_PGBOUNCER", value_name = "0|1", default_value = "0", default_missing_value = "1",
        num_args = 0..=1, require_equals = true, value_parser = BoolishValueParser::new(), global = true
    )]
    pub pgbouncer: bool,

    /// Redis that carries changes between several Lockstep processes; without it there is one process
    #[arg(long, env = "REDIS_URL", value_name = "URL", hide_env_values = true, value_parser = redis_url, global = true)]
    pub redis_url: Option<String>,

    /// PEM file with the authorities that the certificate of a rediss:// server is proven to  [default: the system's]
    #[arg(long, env = "LOCKSTEP_REDIS_CA", value_name = "FILE", global = true)]
    pub redis_ca: Option<PathBuf>,

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

    /// Whether anybody may make an account; closed: only the operator, and addresses that are invited
    #[arg(long, env = "LOCKSTEP_REGISTRATION", value_enum, default_value_t = Registration::Open, global = true)]
    pub registration: Registration,

    /// Further origins, separated by commas, whose pages may write and open sockets
    #[arg(
        long, env = "LOCKSTEP_ALLOWED_ORIGINS", value_name = "URL,URL", value_delimiter = ',', value_parser = origin,
        global = true
    )]
    pub allowed_origins: Vec<String>,

    /// Believe X-Forwarded-For, -Host and -Proto: only behind a proxy that always sets them
    #[arg(
        long, env = "LOCKSTEP_TRUSTED_PROXY", value_name = "0|1", default_value = "0", default_missing_value = "1",
        num_args = 0..=1, require_equals = true, value_parser = BoolishValueParser::new(), global = true
    )]
    pub trusted_proxy: bool,

    /// Addresses or networks of the trusted proxies, separated by commas: only these are believed, also one behind
    /// another  [default: whoever connects is the one proxy]
    #[arg(
        long, env = "LOCKSTEP_PROXY_NETWORKS", value_name = "NET,NET", value_delimiter = ',', value_parser = network,
        global = true
    )]
    pub proxy_networks: Vec<IpNet>,

    /// Header in which the trusted proxy names the client: X-Forwarded-For, -Host and -Proto, or Forwarded (RFC 7239)
    #[arg(long, env = "LOCKSTEP_PROXY_HEADER", value_enum, default_value_t = ProxyHeader::XForwarded, global = true)]
    pub proxy_header: ProxyHeader,

    /// Key of at least 32 characters that signs socket tokens and makes the links of invitations  [default: made once, kept in the data folder]
    #[arg(long, env = "LOCKSTEP_SECRET", value_name = "TEXT", hide_env_values = true, value_parser = secret, global = true)]
    pub secret: Option<String>,

    /// Token that /metrics and /health/realtime want, as Authorization: Bearer; without one they are answered to nobody
    #[arg(
        long, env = "LOCKSTEP_METRICS_TOKEN", value_name = "TEXT", hide_env_values = true, value_parser = metrics_token,
        global = true
    )]
    pub metrics_token: Option<String>,

    /// Address and port of a listener for monitors, which answers /metrics and the health checks to all who reach it
    #[arg(long, env = "LOCKSTEP_METRICS_ADDR", value_name = "IP:PORT", global = true)]
    pub metrics_addr: Option<SocketAddr>,

    /// Where the source of this server is: whoever changes it says where theirs is
    #[arg(
        long, env = "LOCKSTEP_SOURCE_URL", default_value = env!("CARGO_PKG_REPOSITORY"), value_name = "URL",
        value_parser = link, global = true
    )]
    pub source_url: String,

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

    /// Largest request body in bytes; 0: no limit
    #[arg(long, env = "LOCKSTEP_BODY_LIMIT", default_value_t = 1024 * 1024, value_name = "BYTES", global = true)]
    pub body_limit: usize,

    /// Bodies over 16 KiB that are read at a time, a quarter of them from one address; 0: no limit
    #[arg(long, env = "LOCKSTEP_LARGE_BODIES", default_value_t = 64, value_name = "BODIES", global = true)]
    pub large_bodies: u32,

    /// Largest body of a request under /api/auth in bytes, which needs no session; 0: as any other
    #[arg(long, env = "LOCKSTEP_AUTH_BODY_LIMIT", default_value_t = 16 * 1024, value_name = "BYTES", global = true)]
    pub auth_body_limit: usize,

    /// Frames a second that a socket may send; 0: no limit
    #[arg(long, env = "LOCKSTEP_FRAME_LIMIT", default_value_t = 20, value_name = "COUNT", global = true)]
    pub frame_limit: u32,

    /// Sockets that a user may have open; 0: no limit
    #[arg(long, env = "LOCKSTEP_SOCKETS_PER_USER", default_value_t = 100, value_name = "COUNT", global = true)]
    pub sockets_per_user: u32,

    /// Signed-in sockets that an address may have open; 0: no limit
    #[arg(long, env = "LOCKSTEP_SOCKETS_PER_ADDRESS", default_value_t = 1000, value_name = "COUNT", global = true)]
    pub sockets_per_address: u32,

    /// Sockets that are not signed in yet, over all addresses; 0: no limit
    #[arg(long, env = "LOCKSTEP_PENDING_SOCKETS", default_value_t = 500, value_name = "COUNT", global = true)]
    pub pending_sockets: u32,

    /// Sockets of an address that are not signed in yet; 0: no limit
    #[arg(
        long,
        env = "LOCKSTEP_PENDING_SOCKETS_PER_ADDRESS",
        default_value_t = 50,
        value_name = "COUNT",
        global = true
    )]
    pub pending_sockets_per_address: u32,

    /// Connections that wait for a request or answer one, over all addresses; 0: no limit
    #[arg(long, env = "LOCKSTEP_CONNECTIONS", default_value_t = 8000, value_name = "COUNT", global = true)]
    pub connections: u32,

    /// The same of one address, but for trusted proxies; 0: no limit
    #[arg(long, env = "LOCKSTEP_CONNECTIONS_PER_ADDRESS", default_value_t = 500, value_name = "COUNT", global = true)]
    pub connections_per_address: u32,

    /// Seconds that a connection may take to send the head of a request, or rest before the next; 0: no limit
    #[arg(long, env = "LOCKSTEP_REQUEST_TIMEOUT", default_value_t = 30, value_name = "SECONDS", global = true)]
    pub request_timeout: u64,

    /// Seconds in which the whole body of a request has to arrive; 0: no limit
    #[arg(long, env = "LOCKSTEP_BODY_TIMEOUT", default_value_t = 30, value_name = "SECONDS", global = true)]
    pub body_timeout: u64,
    /// How much one user, project or card may take up.
    #[command(flatten)]
    pub quotas: QuotaSettings,

    /// Days after which events are removed from a project's log, if it has more than 10,000: at least 7; 0: kept for good
    #[arg(
        long, env = "LOCKSTEP_LOG_RETENTION_DAYS", default_value_t = 0, value_name = "DAYS", value_parser = retention,
        global = true
    )]
    pub log_retention_days: u32,

    /// Days after which a notification that was read is removed; 0: kept for good
    #[arg(
        long,
        env = "LOCKSTEP_NOTIFICATION_RETENTION_DAYS",
        default_value_t = 90,
        value_name = "DAYS",
        global = true
    )]
    pub notification_retention_days: u32,

    /// SMTP server that takes e-mail, as smtps://user:password@host or smtp://host:port; without it none is sent
    #[arg(
        long, env = "LOCKSTEP_SMTP_URL", value_name = "URL", hide_env_values = true, value_parser = smtp_url, global = true
    )]
    pub smtp_url: Option<String>,

    /// Sender of e-mail, as Lockstep <lockstep@example.org>; without it none is sent
    #[arg(long, env = "LOCKSTEP_MAIL_FROM", value_name = "ADDRESS", value_parser = sender, global = true)]
    pub mail_from: Option<String>,

    /// Where browsers reach this server: no other host is answered, and links in e-mail lead there; without it none is
    /// sent
    #[arg(long, env = "LOCKSTEP_PUBLIC_URL", value_name = "URL", value_parser = origin, global = true)]
    pub public_url: Option<String>,

    /// For tests of what a crash leaves behind: dies after that many commits, before anybody is told of the last. Has
    /// no variable, so that nobody inherits it
    #[arg(long, hide = true, value_name = "COUNT", global = true)]
    pub die_after_commits: Option<NonZeroU32>,

    /// How much work a password hash is. No setting: an operator has no reason to make it less
    #[arg(skip = Cost::Full)]
    pub password_cost: Cost,
}

/// How e-mail is sent.
#[derive(Clone)]
pub struct Mail {
    /// The SMTP server, with the password for it.
    pub url: String,
    /// The sender.
    pub from: String,
    /// Where browsers reach this server.
    pub public_url: String,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

/// The headers in which a trusted proxy says for whom it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`.
    XForwarded,
    /// `Forwarded`, as RFC 7239 has it.
    Forwarded,
}

/// Whether anybody may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Registration {
    /// Anybody.
    Open,
    /// Only the operator, by `lockstep user add`, and addresses that are invited.
    Closed,
}

impl Config {
    /// The settings of a server whose files all live in `data_dir`: any free port, no limits.
    /// Tests and benches change what they are about.
    pub fn isolated(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir: data_dir.into(),
            database_url: None,
            durability: Durability::Full,
            database_readers: None,
            database_writers: None,
            pgbouncer: false,
            redis_url: None,
            redis_ca: None,
            site: None,
            demo: false,
            log_format: LogFormat::Human,
            log: "info".into(),
            registration: Registration::Open,
            allowed_origins: Vec::new(),
            trusted_proxy: false,
            proxy_networks: Vec::new(),
            proxy_header: ProxyHeader::XForwarded,
            secret: Some("a secret for nobody but the tests".into()),
            metrics_token: Some("a-token-for-nobody-but-the-tests".into()),
            metrics_addr: None,
            source_url: env!("CARGO_PKG_REPOSITORY").into(),
            auth_limit: 0,
            account_limit: 0,
            session_days: 0,
            letters_per_hour: 0,
            body_limit: 1024 * 1024,
            auth_body_limit: 16 * 1024,
            frame_limit: 20,
            sockets_per_user: 0,
            sockets_per_address: 0,
            pending_sockets: 0,
            pending_sockets_per_address: 0,
            connections: 0,
            connections_per_address: 0,
            large_bodies: 0,
            request_timeout: 0,
            body_timeout: 0,
            quotas: QuotaSettings::default(),
            log_retention_days: 0,
            notification_retention_days: 90,
            smtp_url: None,
            mail_from: None,
            public_url: None,
            die_after_commits: None,
            password_cost: Cost::Token,
        }
    }

    /// The database to open: the one that was named, or a SQLite file in the data folder.
    pub fn database_url(&self) -> String {
        match &self.database_url {
            Some(url) => url.clone(),
            None => format!("sqlite:{}", self.data_dir.join("lockstep.db").display()),
        }
    }

    /// How the database is opened.
    pub fn store_options(&self) -> StoreOptions {
        StoreOptions {
            durability: self.durability,
            readers: self.database_readers,
            writers: self.database_writers,
            pgbouncer: self.pgbouncer,
        }
    }

    /// How e-mail is sent, where all of it is set.
    pub fn mail(&self) -> Option<Mail> {
        let (url, from) = (self.smtp_url.clone()?, self.mail_from.clone()?);
        Some(Mail { url, from, public_url: self.public_url.clone()? })
    }

    /// Whether anybody may make an account.
    pub fn registration_open(&self) -> bool {
        self.registration == Registration::Open
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

fn database_url(text: &str) -> Result<String, String> {
    if ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        Ok(text.to_owned())
    } else {
        Err("expected sqlite:<path> or postgres://<user>@<host>/<database>".into())
    }
}

fn redis_url(text: &str) -> Result<String, String> {
    if ["redis://", "rediss://", "redis+unix://", "unix://"].iter().any(|scheme| text.starts_with(scheme)) {
        Ok(text.to_owned())
    } else {
        Err("expected redis://<host>:<port>, or rediss:// for an encrypted connection".into())
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

fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).map_err(|_| "expected an address or a network such as 10.0.0.0/8".into())
}

fn link(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    match text.split_once("://") {
        Some(("http" | "https", rest)) if plain && !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("expected an address such as https://git.example.org/lockstep".into()),
    }
}

fn metrics_token(text: &str) -> Result<String, String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && text.len() >= 16 {
        Ok(text.to_owned())
    } else {
        Err("a token has at least 16 letters, and no space".into())
    }
}

fn smtp_url(text: &str) -> Result<String, String> {
    let expected = "expected smtps://user:password@host or smtp://host:port";
    AsyncSmtpTransport::<Tokio1Executor>::from_url(text).map_err(|_| expected)?;
    Ok(text.to_owned())
}

fn sender(text: &str) -> Result<String, String> {
    let address = text.parse::<Mailbox>();
    address.map(|_| text.to_owned()).map_err(|_| "expected an address such as Lockstep <lockstep@example.org>".into())
}

fn retention(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(days @ (0 | 7..)) => Ok(days),
        _ => Err("expected 0, or at least 7 days".into()),
    }
}

fn secret(text: &str) -> Result<String, String> {
    if text.chars().count() >= 32 { Ok(text.to_owned()) } else { Err("a secret has at least 32 characters".into()) }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        config: Config,
    }

    fn parse(flags: &[&str]) -> Result<Config, String> {
        Line::try_parse_from(std::iter::once("lockstep").chain(flags.iter().copied()))
            .map(|line| line.config)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_variable_is_in_the_example_file_and_in_the_guide() {
        let example = include_str!("../../.env.example");
        let guide = include_str!("../../docs/configuration.md");
        let command = Line::command();
        let settings: Vec<_> =
            command.get_arguments().filter_map(|arg| Some((arg, arg.get_env()?.display().to_string()))).collect();
        assert!(settings.len() > 10, "the settings lost their variables");
        for (arg, variable) in &settings {
            let line = format!("{variable}=");
            assert!(
                example.lines().any(|text| text.trim_start_matches("# ").starts_with(&line)),
                "{line} is missing in .env.example"
            );
            let default = arg.get_default_values().iter().map(|value| format!("`{}`", value.display())).next();
            let row = format!("| `{variable}` | {}", default.unwrap_or_default());
            assert!(
                guide.lines().any(|text| text.starts_with(&row)),
                "no row of docs/configuration.md begins with {row}"
            );
        }
        for row in guide.lines().filter(|line| line.starts_with("| `")) {
            let variable = row.split('`').nth(1);
            assert!(
                settings.iter().any(|(_, known)| Some(known.as_str()) == variable),
                "there is no such setting: {row}"
            );
        }
    }

    #[test]
    fn the_database_is_a_file_in_the_data_folder_unless_one_is_named() {
        assert_eq!(parse(&["--data-dir", "/x"]).unwrap().database_url(), "sqlite:/x/lockstep.db");
        let url = "postgres://me@db/lockstep";
        assert_eq!(parse(&["--database-url", url]).unwrap().database_url(), url);
    }

    #[test]
    fn a_bad_value_is_named_with_what_was_expected() {
        for (flags, expected) in [
            (["--database-url", "mysql://db"], "sqlite:<path> or postgres://"),
            (["--redis-url", "localhost"], "redis://<host>:<port>"),
            (["--metrics-token", "short"], "at least 16 letters"),
            (["--source-url", "javascript:alert(1)"], "https://git.example.org"),
            (["--allowed-origins", "example.org/x"], "https://board.example.org"),
            (["--smtp-url", "mail.example.org"], "smtps://user:password@host"),
            (["--mail-from", "Lockstep"], "Lockstep <lockstep@example.org>"),
            (["--secret", "short"], "at least 32 characters"),
            (["--addr", "3000"], "--addr <IP:PORT>"),
            (["--log-retention-days", "6"], "at least 7 days"),
            (["--auth-limit", "many"], "--auth-limit <COUNT>"),
            (["--durability", "some"], "[possible values: full, normal]"),
            (["--proxy-networks", "10.0.0.0/33"], "10.0.0.0/8"),
            (["--database-readers", "0"], "--database-readers <COUNT>"),
        ] {
            let message = parse(&flags).unwrap_err();
            assert!(message.contains(expected), "{flags:?}: {message}");
        }
    }

    #[test]
    fn origins_are_a_list_without_a_trailing_slash() {
        let config = parse(&["--allowed-origins", "https://A.example/,http://b.example:81"]).unwrap();
        assert_eq!(config.allowed_origins, ["https://a.example", "http://b.example:81"]);
    }
}
