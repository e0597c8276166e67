//! The audit log: sign-ins, refusals, role changes, exports.
//!
//! Each action is one line with the target `audit`, whatever `LOCKSTEP_LOG` says of other targets (`audit=off` turns
//! it off):
//!
//! ```text
//! 2026-11-30T08:15:02.123456Z  INFO audit: event=sign_in outcome=refused reason=wrong_credentials via=http address=203.0.113.7 account="ann@example.org" request=…
//! ```
//!
//! The names and their order are fixed; fields without a value are left out. Client input follows the server's own
//! fields, in quotes, with quotes, line breaks and invisible characters escaped, so that no input can look like a line
//! or a field. Passwords and tokens are never included.

mod event;

use std::{
    borrow::Cow,
    fmt::Display,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Extension, Request, State},
    middleware::Next,
    response::Response,
};
use engine::{ProjectId, Role, User, UserId, limit};

pub use event::AuditEvent;

use crate::{config::Config, security, service::ServiceError, telemetry::RequestId};

/// The channel of an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Via {
    /// A request, or the server itself outside of one.
    #[default]
    Server,
    /// A subcommand of `lockstep`.
    Cli,
}

/// The client of the current request.
#[derive(Clone)]
struct Client {
    address: IpAddr,
    request: Option<RequestId>,
}

tokio::task_local! {
    static CLIENT: Client;
}

/// A line of the audit log that is [written](Self::write) later.
///
/// The client's address and the request id come from the current request.
#[derive(Clone, Debug)]
#[must_use = "it is in the log once it is written"]
pub struct AuditEntry {
    event: AuditEvent,
    via: Via,
    user: Option<UserId>,
    account: Option<String>,
    project: Option<ProjectId>,
    subject: Option<String>,
    detail: Option<String>,
}

impl AuditEntry {
    /// An action without a user yet.
    pub fn new(event: AuditEvent) -> Self {
        Self { event, via: Via::Server, user: None, account: None, project: None, subject: None, detail: None }
    }

    /// An action of the operator, by a subcommand.
    pub fn by_operator(event: AuditEvent) -> Self {
        Self { via: Via::Cli, ..Self::new(event) }
    }

    /// Sets the acting user, or the user whose account it concerns.
    pub fn user(mut self, user: &User) -> Self {
        self.user = Some(user.id);
        self.account(&user.email)
    }

    /// Sets the account that a client named. Input that is no address is left out: it may be a password.
    pub fn account(mut self, email: &str) -> Self {
        let email = email.trim();
        let is_address = email.contains('@') && email.len() <= limit::EMAIL && !email.contains(char::is_whitespace);
        self.account = Some(if is_address { email.to_lowercase() } else { "(no address)".to_owned() });
        self
    }

    /// Sets the project.
    pub fn project(mut self, project: ProjectId) -> Self {
        self.project = Some(project);
        self
    }

    /// Sets the object of the action: an id or an address. No token.
    pub fn subject(mut self, subject: impl Display) -> Self {
        self.subject = Some(subject.to_string());
        self
    }

    /// Sets a detail, such as the new role or the name of a file. No token.
    pub fn detail(mut self, detail: impl Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// Sets the granted role as the detail.
    pub fn role(self, role: Role) -> Self {
        self.detail(match role {
            Role::Viewer => "viewer",
            Role::Editor => "editor",
            Role::Owner => "owner",
        })
    }

    /// Writes the line of a successful action.
    pub fn write(self) {
        self.line("ok", None);
    }

    /// Writes the line of an action that was refused with this code.
    pub fn refused(self, code: &str) {
        self.line("refused", Some(code));
    }

    /// Writes the line for a result. A repeated op is no new action.
    pub fn write_result<T>(self, result: &Result<T, ServiceError>) {
        match result {
            Ok(_) => self.write(),
            Err(ServiceError::Answered(_)) => {}
            Err(ServiceError::Refused(error)) => self.refused(&error.code),
            Err(ServiceError::TooMany(_)) => self.refused("too_many_attempts"),
            Err(_) => self.line("failed", None),
        }
    }

    fn line(self, outcome: &'static str, reason: Option<&str>) {
        let client = CLIENT.try_with(Clone::clone).ok();
        let via = match (self.via, &client) {
            (Via::Cli, _) => "cli",
            (Via::Server, Some(_)) => "http",
            (Via::Server, None) => "server",
        };
        // Without the request's span, whose path is client input: the line begins with the server's own fields.
        tracing::info!(
            target: "audit",
            parent: None,
            event = %self.event.name(),
            outcome = %outcome,
            reason = reason.map(display),
            via = %via,
            address = client.as_ref().map(|client| display(client.address)),
            user = self.user.map(display),
            project = self.project.map(display),
            request = client.and_then(|client| client.request).map(display),
            account = self.account.map(plain).as_deref(),
            subject = self.subject.map(plain).as_deref(),
            detail = self.detail.map(plain).as_deref(),
        );
    }
}

/// Writes the line of a download. Without a project it covers everything that the user sees.
pub fn export(user: &User, project: Option<ProjectId>, file: &str) {
    let entry = AuditEntry::new(AuditEvent::Export).user(user).subject(file);
    match project {
        Some(project) => entry.project(project).write(),
        None => entry.write(),
    }
}

/// Truncates a text: a name of a megabyte would flood the log.
fn plain(text: String) -> Cow<'static, str> {
    const MOST: usize = 320;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// Records the client for the lines that are written during a request. Must be inside any layer that moves the request
/// to another task.
pub async fn remember_client(State(config): State<Arc<Config>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().copied().map(Extension);
    let address = security::address(&config, request.headers(), peer);
    let client = Client { address, request: request.extensions().get::<RequestId>().cloned() };
    CLIENT.scope(client, next.run(request)).await
}

#[cfg(test)]
mod tests;
