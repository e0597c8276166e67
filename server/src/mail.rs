//! E-mail: letters about accounts, mentions, reports and invitations at once, the rest as a digest once an hour at the
//! most. What was read meanwhile is not sent, and nothing but letters about the account, and invitations, goes to an
//! address that is not proven.
//!
//! Nothing of it happens in a request: letters are rows of the notifications that they tell of. A node takes them
//! one letter at a time for as long as a lease, sends it, and notes that it is sent. One that dies between
//! the last two lets that letter go twice, with one `Message-ID`. A letter that fails is sent later, one that can never be
//! sent is marked so, and neither keeps the others waiting.

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

/// The name of the background task.
const TASK: &str = "mail";
/// How often what is to be sent is looked for.
const EVERY: Duration = Duration::from_secs(5);
/// The longest rest while the mail server takes nothing from anybody.
const REST: Duration = Duration::from_secs(5 * 60);
/// How long the mail server may take for one answer.
const ANSWER: Duration = Duration::from_secs(30);
/// How long it may take for a letter: less than its lease.
const LETTER: Duration = Duration::from_secs(120);
/// After how many failures a letter is given up.
const TRIES: u32 = 10;
/// The shortest wait after a failure, in milliseconds; it doubles with each.
const AGAIN_MS: i64 = 60_000;
/// The longest, in milliseconds.
const AGAIN_AT_MOST_MS: i64 = 3_600_000;

/// Why e-mail cannot be sent as the settings want it.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The SMTP URL cannot be used.
    #[error("LOCKSTEP_SMTP_URL cannot be used: {0}")]
    Url(#[from] smtp::Error),
    /// The sender is no address.
    #[error("LOCKSTEP_MAIL_FROM is no address: {0}")]
    From(#[from] AddressError),
}

/// Sends what is to be sent.
pub struct Postman {
    services: Services,
    supervisor: Supervisor,
    counts: Arc<MailCounts>,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public_url: String,
    rest: Mutex<Rest>,
}

/// How long a mail server that takes nothing is left alone.
#[derive(Debug, Default)]
struct Rest {
    failures: u32,
    until: Option<Instant>,
}

/// What became of a letter.
enum Outcome {
    Sent,
    /// It failed, and is put off.
    Later,
    /// It can never be sent, and is marked so.
    Failed,
    /// There is nothing to tell any more.
    Nothing,
    /// The mail server takes no letter at all for now. This one waits as if nobody had tried.
    Closed,
}

/// Why the mail server did not take a letter.
enum Refusal {
    /// Something that may well pass, about this letter.
    Passing,
    /// Something that will not.
    Final,
    /// Not about this letter.
    Closed,
}

impl Postman {
    /// A postman for the mail server of the settings, who has not spoken to it yet.
    ///
    /// # Errors
    /// When the settings cannot work.
    pub fn new(
        mail: Mail,
        services: Services,
        supervisor: Supervisor,
        counts: Arc<MailCounts>,
    ) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mail.url)?.timeout(Some(ANSWER)).build();
        let (from, public_url) = (mail.from.parse()?, mail.public_url);
        Ok(Self { services, supervisor, counts, transport, from, public_url, rest: Mutex::default() })
    }

    /// Sends all that is due, one by one, and says how many letters that were. It ends early only where the mail
    /// server takes no letter at all.
    ///
    /// # Errors
    /// When the database does not answer. What was taken is sent after its lease.
    pub async fn deliver(&self, now: Timestamp) -> Result<usize, StoreError> {
        let (store, started, mut sent) = (&self.services.store, Instant::now(), 0);
        // The lease of a letter counts from when it is taken, however long the round has been going on.
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

    /// Sends one letter that tells of these. One that makes this server panic, or that it cannot read, is one that can
    /// never be sent.
    async fn send(&self, ids: &[NotificationId], now: Timestamp) -> Result<Outcome, StoreError> {
        match supervisor::caught(self.try_to_send(ids, now)).await {
            Ok(Err(StoreError::Unreadable(what))) => self.fail(ids, &what, now).await,
            Ok(outcome) => outcome,
            Err(panic) => {
                self.supervisor.lost(TASK, &panic);
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
        let Err((refusal, error)) = self.hand_over(letter).await else {
            store.mark_mailed(ids, now).await?;
            self.count(|counts| &counts.sent);
            self.rest().failures = 0;
            return Ok(Outcome::Sent);
        };
        match refusal {
            Refusal::Final => self.fail(ids, &error, now).await,
            Refusal::Passing if envelope.tries >= TRIES => {
                self.fail(ids, &format!("{error}, {} times", envelope.tries + 1), now).await
            }
            Refusal::Passing => {
                let wait = wait_ms(envelope.tries);
                tracing::warn!(%user, error, wait_ms = wait, "the mail server does not take a letter; trying again");
                store.postpone_mail(user, ids, now.plus(wait)).await?;
                self.count(|counts| &counts.retried);
                Ok(Outcome::Later)
            }
            Refusal::Closed => {
                store.release_mail(user, ids).await?;
                Ok(self.close(&error))
            }
        }
    }

    /// Leaves a mail server that takes nothing alone for a while.
    fn leave_alone(&self, error: &str) {
        let mut rest = self.rest();
        let wait = EVERY.saturating_mul(1 << rest.failures.min(16)).min(REST);
        *rest = Rest { failures: rest.failures.saturating_add(1), until: Instant::now().checked_add(wait) };
        tracing::warn!(error, ?wait, "the mail server takes no letters; they wait");
    }

    /// Hands a letter to the mail server.
    async fn hand_over(&self, letter: Message) -> Result<(), (Refusal, String)> {
        let error = match tokio::time::timeout(LETTER, self.transport.send(letter)).await {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        let text = error.as_ref().map_or_else(|| "no answer in time".to_owned(), smtp_error);
        // A server that lets us in, but not this letter, has something against the letter.
        let opens = tokio::time::timeout(ANSWER, self.transport.test_connection()).await;
        if !matches!(opens, Ok(Ok(true))) {
            return Err((Refusal::Closed, text));
        }
        // What is said by no server: an address that this one cannot be told, as it does not speak SMTPUTF8. Where that is
        // the sender's, it is about every letter.
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

    /// Leaves a mail server alone for a while that takes no letters.
    fn close(&self, error: &str) -> Outcome {
        let mut rest = self.rest();
        let wait = EVERY.saturating_mul(1 << rest.failures.min(16)).min(REST);
        *rest = Rest { failures: rest.failures.saturating_add(1), until: Instant::now().checked_add(wait) };
        tracing::warn!(error, ?wait, "the mail server takes no letters; they wait");
        Outcome::Closed
    }

    /// Marks a letter as one that can never be sent.
    async fn fail(&self, ids: &[NotificationId], why: &str, now: Timestamp) -> Result<Outcome, StoreError> {
        tracing::warn!(first = ?ids.first(), why, "a letter can never be sent");
        self.services.store.fail_mail(ids, why, now).await?;
        self.count(|counts| &counts.failed);
        Ok(Outcome::Failed)
    }

    fn count(&self, counter: impl FnOnce(&MailCounts) -> &AtomicU64) {
        MailCounts::add(counter(&self.counts));
    }

    fn rest(&self) -> std::sync::MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a mail server that took nothing is left alone for now.
    fn rests(&self) -> bool {
        self.rest().until.is_some_and(|until| Instant::now() < until)
    }

    /// What a letter tells of a week, which is not in the notification: all of it, as it is now.
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

/// How long a letter waits that has failed so often before, in milliseconds.
fn wait_ms(tries: u32) -> i64 {
    AGAIN_MS.saturating_mul(1 << tries.min(16)).min(AGAIN_AT_MOST_MS)
}

/// What the mail server said, with its cause.
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

/// Sends e-mail until `shutdown`, where the settings want any.
pub async fn run(postman: Option<Postman>, shutdown: CancellationToken) {
    let Some(postman) = postman else { return };
    let supervisor = postman.supervisor.clone();
    let round = || async {
        if postman.rests() {
            return;
        }
        if let Err(error) = postman.deliver(clock::now()).await {
            tracing::warn!(%error, "could not look for e-mail to send");
        }
    };
    supervisor.rounds(TASK, EVERY, shutdown, round).await;
}
