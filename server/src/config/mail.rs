//! Settings of e-mail.

use clap::Args;
use lettre::{AsyncSmtpTransport, Tokio1Executor, message::Mailbox};

/// Settings of e-mail.
#[derive(Args, Clone, Debug)]
pub struct MailSettings {
    /// SMTP server, as smtps://user:password@host or smtp://host:port; without it no e-mail is sent
    #[arg(
        long, env = "LOCKSTEP_SMTP_URL", value_name = "URL", hide_env_values = true, value_parser = smtp_url, global = true
    )]
    pub smtp_url: Option<String>,

    /// Sender of e-mail, as Lockstep <lockstep@example.org>; without it no e-mail is sent
    #[arg(id = "mail_from", long = "mail-from", env = "LOCKSTEP_MAIL_FROM", value_name = "ADDRESS", value_parser = sender, global = true)]
    pub from: Option<String>,
}

/// Complete settings of e-mail.
#[derive(Clone)]
pub struct Mail {
    /// The URL of the SMTP server, including its password.
    pub url: String,
    /// The sender.
    pub from: String,
    /// The URL at which browsers reach this server.
    pub public_url: String,
}

impl MailSettings {
    /// The values of [`Config::isolated`](super::Config::isolated).
    pub(super) fn isolated() -> Self {
        Self { smtp_url: None, from: None }
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
