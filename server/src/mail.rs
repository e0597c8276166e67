//! Sends e-mail: letters about accounts, mentions, reports and invitations at once, other notifications as a digest,
//! at most once an hour. Notifications read meanwhile are not sent, and unverified addresses get only letters about
//! the account, and invitations.
//!
//! Requests only queue: a letter is the notification rows it contains. A node claims one letter at a time with a
//! lease, sends it, and marks it as sent. If it dies between the last two steps, the letter is sent twice, with the
//! same `Message-ID`. A failed letter is retried later, an undeliverable one marked; neither delays the others.

mod account;
mod counts;
mod invitation;
mod letter;
mod report;
mod token;
mod unsubscribe;

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::{Duration, Instant},
};

use engine::{NotificationId, Timestamp, User, notification::NotificationKind, oversight::query::ReportQuery};
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor, address::AddressError, message::Mailbox,
    transport::smtp,
};
use tokio_util::sync::CancellationToken;

pub use self::{counts::MailCounts, unsubscribe::router};
use crate::{
    clock,
    config::Mail,
    service::{
        ServiceError, Services,
        oversight::report::{Read, of as report_of},
    },
    store::{Envelope, StoreError},
    supervisor::{self, Supervisor},
};

/// Name of the background task.
const TASK: &str = "mail";
/// How often the queue is checked.
const INTERVAL: Duration = Duration::from_secs(5);
/// Longest pause while the mail server refuses everything.
const MAX_PAUSE: Duration = Duration::from_secs(5 * 60);
/// Timeout of one response of the mail server.
const ANSWER: Duration = Duration::from_secs(30);
/// Timeout of a letter: less than its lease.
const LETTER: Duration = Duration::from_secs(120);
/// Attempts before a letter is given up.
const MAX_ATTEMPTS: u32 = 10;
/// Shortest wait after a failure, in milliseconds; it doubles each time.
const MIN_RETRY_MS: i64 = 60_000;
/// Longest wait after a failure, in milliseconds.
const MAX_RETRY_MS: i64 = 3_600_000;

/// Invalid e-mail settings.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The SMTP URL is invalid.
    #[error("LOCKSTEP_SMTP_URL cannot be used: {0}")]
    Url(#[from] smtp::Error),
    /// The sender is no valid address.
    #[error("LOCKSTEP_MAIL_FROM is no address: {0}")]
    From(#[from] AddressError),
}

/// Sends queued e-mail.
pub struct Mailer {
    services: Services,
    supervisor: Supervisor,
    counts: Arc<MailCounts>,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public_url: String,
    pause_state: Mutex<MailPause>,
}

/// The pause while the mail server refuses everything.
#[derive(Debug, Default)]
struct MailPause {
    failures: u32,
    until: Option<Instant>,
}

/// The result of sending a letter.
enum Outcome {
    Sent,
    /// It failed, and is postponed.
    Later,
    /// It is undeliverable, and marked so.
    Failed,
    /// There is nothing to send any more.
    Nothing,
    /// The mail server refuses everything for now. The letter is released without counting the attempt.
    Closed,
}

/// Why the mail server refused a letter.
enum Refusal {
    /// Temporary, about this letter.
    Passing,
    /// Permanent, about this letter.
    Final,
    /// Not about this letter.
    Closed,
}

impl Mailer {
    /// A sender for the mail server in the settings, not connected yet.
    ///
    /// # Errors
    /// When the settings are invalid.
    pub fn new(
        mail: Mail,
        services: Services,
        supervisor: Supervisor,
        counts: Arc<MailCounts>,
    ) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mail.url)?.timeout(Some(ANSWER)).build();
        let (from, public_url) = (mail.from.parse()?, mail.public_url);
        Ok(Self { services, supervisor, counts, transport, from, public_url, pause_state: Mutex::default() })
    }

    /// Sends everything that is due, one by one. Returns the number of letters. Stops early only if the mail server
    /// refuses everything.
    ///
    /// # Errors
    /// When the database does not answer. Claimed letters are sent after their lease.
    pub async fn deliver(&self, now: Timestamp) -> Result<usize, StoreError> {
        let (store, started, mut sent) = (&self.services.store, Instant::now(), 0);
        // Leases count from the claim of each letter, however long the round has taken.
        let now = || now.plus(i64::try_from(started.elapsed().as_secs()).unwrap_or_default() * 1000);
        match self.deliver_account_letters(now).await? {
            Some(letters) => sent += letters,
            None => return Ok(sent),
        }
        while let Some(id) = store.claim_letter(now()).await? {
            match self.send(&[id], now()).await? {
                Outcome::Sent => sent += 1,
                Outcome::Later | Outcome::Failed | Outcome::Nothing => {}
                Outcome::Closed => return Ok(sent),
            }
        }
        while let Some(id) = store.claim_invitation(now()).await? {
            match self.send_invitation(id, now()).await? {
                Outcome::Sent => sent += 1,
                Outcome::Later | Outcome::Failed | Outcome::Nothing => {}
                Outcome::Closed => return Ok(sent),
            }
        }
        for user in store.digests_due(now()).await? {
            match self.send(&store.claim_digest(user, now()).await?, now()).await? {
                Outcome::Sent => sent += 1,
                Outcome::Later | Outcome::Failed | Outcome::Nothing => {}
                Outcome::Closed => return Ok(sent),
            }
        }
        Ok(sent)
    }

    /// Sends one letter with these notifications. One that panics the server, or that it cannot read, is
    /// undeliverable.
    async fn send(&self, ids: &[NotificationId], now: Timestamp) -> Result<Outcome, StoreError> {
        match supervisor::caught(self.try_to_send(ids, now)).await {
            Ok(Err(StoreError::Unreadable(what))) => self.fail(ids, &what, now).await,
            Ok(outcome) => outcome,
            Err(panic) => {
                self.supervisor.record_panic(TASK, &panic);
                self.fail(ids, "it makes the server panic", now).await
            }
        }
    }

    async fn try_to_send(&self, ids: &[NotificationId], now: Timestamp) -> Result<Outcome, StoreError> {
        let store = &self.services.store;
        let (envelope, unreadable) = store.envelope(ids).await?;
        if !unreadable.is_empty() {
            self.fail(&unreadable, "this version of the server cannot read it", now).await?;
        }
        let Some(envelope) = envelope else { return Ok(Outcome::Nothing) };
        let (ids, user) = (&envelope.ids(), envelope.user);
        let token = token::mint(&self.services.secret, user, now);
        let week = match self.report(&envelope, now).await {
            Ok(week) => week,
            Err(ServiceError::Failed(error)) => return Err(error),
            Err(error) => return self.fail(ids, &format!("its report cannot be made: {error}"), now).await,
        };
        let letter = match letter::compose(&envelope, week.as_ref(), &self.from, &self.public_url, &token) {
            Ok(letter) => letter,
            Err(error) => return self.fail(ids, &error.to_string(), now).await,
        };
        let Err((refusal, error)) = self.transmit(letter).await else {
            store.mark_mailed(ids, now).await?;
            self.count(|counts| &counts.sent);
            self.pause_state().failures = 0;
            return Ok(Outcome::Sent);
        };
        match refusal {
            Refusal::Final => self.fail(ids, &error, now).await,
            Refusal::Passing if envelope.tries >= MAX_ATTEMPTS => {
                self.fail(ids, &format!("{error}, {} times", envelope.tries + 1), now).await
            }
            Refusal::Passing => {
                let wait = wait_ms(envelope.tries);
                tracing::warn!(%user, error, wait_ms = wait, "the mail server refused a letter; trying again later");
                store.postpone_mail(user, ids, now.plus(wait)).await?;
                self.count(|counts| &counts.retried);
                Ok(Outcome::Later)
            }
            Refusal::Closed => {
                store.release_mail(user, ids).await?;
                self.pause(&error);
                Ok(Outcome::Closed)
            }
        }
    }

    /// Pauses while the mail server refuses everything.
    fn pause(&self, error: &str) {
        let mut paused = self.pause_state();
        let wait = INTERVAL.saturating_mul(1 << paused.failures.min(16)).min(MAX_PAUSE);
        *paused = MailPause { failures: paused.failures.saturating_add(1), until: Instant::now().checked_add(wait) };
        tracing::warn!(error, ?wait, "the mail server refuses everything; letters wait");
    }

    /// Passes a letter to the mail server.
    async fn transmit(&self, letter: Message) -> Result<(), (Refusal, String)> {
        let error = match tokio::time::timeout(LETTER, self.transport.send(letter)).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        let text = error.as_ref().map_or_else(|| "no answer in time".to_owned(), smtp_error);
        // If the server accepts the connection, the failure concerns the letter.
        let opens = tokio::time::timeout(ANSWER, self.transport.test_connection()).await;
        if !matches!(opens, Ok(Ok(true))) {
            return Err((Refusal::Closed, text));
        }
        // An error without a response: an address that this server cannot be told, as it lacks SMTPUTF8. If that is
        // the sender's, it concerns every letter.
        let unspeakable = error.as_ref().is_some_and(smtp::Error::is_client);
        let own_fault = unspeakable && !AsRef::<str>::as_ref(&self.from.email).is_ascii();
        let refused = error.as_ref().is_some_and(smtp::Error::is_permanent);
        let refusal = match (own_fault, unspeakable || refused) {
            (true, _) => Refusal::Closed,
            (false, true) => Refusal::Final,
            (false, false) => Refusal::Passing,
        };
        Err((refusal, text))
    }

    /// Marks a letter as undeliverable.
    async fn fail(&self, ids: &[NotificationId], why: &str, now: Timestamp) -> Result<Outcome, StoreError> {
        tracing::warn!(first = ?ids.first(), why, "a letter is undeliverable");
        self.services.store.fail_mail(ids, why, now).await?;
        self.count(|counts| &counts.failed);
        Ok(Outcome::Failed)
    }

    fn count(&self, counter: impl FnOnce(&MailCounts) -> &AtomicU64) {
        MailCounts::add(counter(&self.counts));
    }

    fn pause_state(&self) -> std::sync::MutexGuard<'_, MailPause> {
        self.pause_state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the pause is still running.
    fn is_paused(&self) -> bool {
        self.pause_state().until.is_some_and(|until| Instant::now() < until)
    }

    /// The current report of a week, which the notification does not contain.
    async fn report(&self, envelope: &Envelope, now: Timestamp) -> Result<Option<Read>, ServiceError> {
        let Some((_, notification)) =
            envelope.notifications.first().filter(|(_, notification)| notification.kind == NotificationKind::Report)
        else {
            return Ok(None);
        };
        let user = User { id: envelope.user, email: envelope.email.clone(), name: envelope.name.clone() };
        let query = ReportQuery { week: notification.reference_id.parse().ok(), ..ReportQuery::default() };
        report_of(&self.services.store, &self.services.oversight, &user, &query, now).await.map(Some)
    }
}

/// The wait after this many attempts, in milliseconds.
fn wait_ms(tries: u32) -> i64 {
    MIN_RETRY_MS.saturating_mul(1 << tries.min(16)).min(MAX_RETRY_MS)
}

/// The mail server's error, with its cause.
fn smtp_error(error: &smtp::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// Sends e-mail until `shutdown`, if it is set up.
pub async fn run(mailer: Option<Mailer>, shutdown: CancellationToken) {
    let Some(mailer) = mailer else { return };
    let supervisor = mailer.supervisor.clone();
    let round = || async {
        if mailer.is_paused() {
            return;
        }
        if let Err(error) = mailer.deliver(clock::now()).await {
            tracing::warn!(%error, "could not read the mail queue");
        }
    };
    supervisor.rounds(TASK, INTERVAL, shutdown, round).await;
}
