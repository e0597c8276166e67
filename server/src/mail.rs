//! E-mail: mentions and reports at once, the rest as a digest once an hour at the most. What was read meanwhile is not sent.
//!
//! Nothing of it happens in a request: letters are rows of the notifications that they tell of. A node takes them
//! for as long as a lease, sends them, and notes that they are sent; what fails is sent later. One that dies between
//! the last two lets a letter go twice, with one `Message-ID`.

mod letter;
mod report;
mod token;
mod unsubscribe;

use std::time::Duration;

use engine::{NotificationId, Timestamp, User, notification::NotificationKind, oversight::query::ReportQuery};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor, address::AddressError, message::Mailbox};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

pub use self::unsubscribe::router;
use crate::{
    clock,
    config::Mail,
    service::{
        Stop,
        oversight::report::{Read, of as report_of},
    },
    state::AppState,
    store::{Envelope, StoreError},
};

/// How often what is to be sent is looked for.
const EVERY: Duration = Duration::from_secs(5);
/// How long the mail server may take for anything.
const ANSWER: Duration = Duration::from_secs(30);
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
    Url(#[from] lettre::transport::smtp::Error),
    /// The sender is no address.
    #[error("LOCKSTEP_MAIL_FROM is no address: {0}")]
    From(#[from] AddressError),
}

/// Sends what is to be sent.
pub struct Postman {
    state: AppState,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public_url: String,
}

impl Postman {
    /// A postman for the mail server of the settings, who has not spoken to it yet.
    ///
    /// # Errors
    /// When the settings cannot work.
    pub fn new(state: &AppState, mail: Mail) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mail.url)?.timeout(Some(ANSWER)).build();
        Ok(Self { state: state.clone(), transport, from: mail.from.parse()?, public_url: mail.public_url })
    }

    /// Sends all that is due, one by one, and says how many letters that were. Where the mail server does not take one
    /// for now, the rest waits for the next round.
    ///
    /// # Errors
    /// When the database does not answer. What was taken is sent after its lease.
    pub async fn deliver(&self, now: Timestamp) -> Result<usize, StoreError> {
        let (store, mut sent) = (&self.state.store, 0);
        while let Some(id) = store.take_letter(now).await? {
            match self.send(&[id], now).await? {
                Outcome::Sent => sent += 1,
                Outcome::Never => {}
                Outcome::Later => return Ok(sent),
            }
        }
        for user in store.digests_due(now).await? {
            match self.send(&store.take_digest(user, now).await?, now).await? {
                Outcome::Sent => sent += 1,
                Outcome::Never => {}
                Outcome::Later => return Ok(sent),
            }
        }
        Ok(sent)
    }

    /// Sends one letter that tells of these.
    async fn send(&self, ids: &[NotificationId], now: Timestamp) -> Result<Outcome, StoreError> {
        let store = &self.state.store;
        let Some(envelope) = store.envelope(ids).await? else { return Ok(Outcome::Never) };
        let (ids, user) = (&envelope.ids(), envelope.user);
        let token = token::mint(&self.state.secret, user);
        let week = match self.report(&envelope, now).await {
            Ok(week) => week,
            Err(Stop::Failed(error)) => return Err(error),
            Err(error) => {
                tracing::warn!(%user, %error, "a report cannot be made");
                store.give_mail_up(ids).await?;
                return Ok(Outcome::Never);
            }
        };
        let letter = match letter::compose(&envelope, week.as_ref(), &self.from, &self.public_url, &token) {
            Ok(letter) => letter,
            Err(error) => {
                tracing::warn!(%user, %error, "a letter cannot be written");
                store.give_mail_up(ids).await?;
                return Ok(Outcome::Never);
            }
        };
        match self.transport.send(letter).await {
            Ok(_) => {
                store.mail_sent(ids, now).await?;
                Ok(Outcome::Sent)
            }
            Err(error) if error.is_permanent() || envelope.tries >= TRIES => {
                tracing::warn!(%user, %error, "the mail server refuses a letter; giving it up");
                store.give_mail_up(ids).await?;
                Ok(Outcome::Never)
            }
            Err(error) => {
                let wait = AGAIN_MS.saturating_mul(1 << envelope.tries.min(16)).min(AGAIN_AT_MOST_MS);
                tracing::warn!(%user, %error, "the mail server does not take a letter; trying again");
                store.put_mail_off(user, ids, now.plus(wait)).await?;
                Ok(Outcome::Later)
            }
        }
    }
}

impl Postman {
    /// What a letter tells of a week, which is not in the notification: all of it, as it is now.
    async fn report(&self, envelope: &Envelope, now: Timestamp) -> Result<Option<Read>, Stop> {
        let Some((_, told)) = envelope.told.first().filter(|(_, told)| told.kind == NotificationKind::Report) else {
            return Ok(None);
        };
        let user = User { id: envelope.user, email: envelope.email.clone(), name: envelope.name.clone() };
        let query = ReportQuery { week: told.reference_id.parse().ok(), ..ReportQuery::default() };
        report_of(&self.state.store, &self.state.oversight, &user, &query, now).await
    }
}

/// What became of a letter.
enum Outcome {
    Sent,
    /// It is put off.
    Later,
    /// It cannot be sent, or there is nothing to tell any more.
    Never,
}

/// Sends e-mail until `shutdown`, where the settings want any.
pub async fn run(postman: Option<Postman>, shutdown: CancellationToken) {
    let Some(postman) = postman else { return };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let rounds = async {
        loop {
            ticks.tick().await;
            if let Err(error) = postman.deliver(clock::now()).await {
                tracing::warn!(%error, "could not look for e-mail to send");
            }
        }
    };
    shutdown.run_until_cancelled(rounds).await;
}
