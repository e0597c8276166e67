//! Letters about accounts: verification, forgotten passwords, and changes. They are sent before all others. A link is
//! created when its letter is sent, and a retry sends a new one.
//!
//! Strangers can trigger them for any address, so they contain no text that a stranger chose, not even names.

use engine::{Timestamp, UserId};
use html_escape::{encode_double_quoted_attribute, encode_text};
use lettre::{
    Message,
    message::{Mailbox, MultiPart},
};

use super::{
    MAX_ATTEMPTS, MAX_RETRY_MS, MIN_RETRY_MS, MailCounts, Mailer, Outcome, Refusal, TASK,
    letter::{LetterError, address, header, host},
};
use crate::{
    service::account::{RESET_MS, VERIFY_MS, mint_token},
    store::{AccountLetter, LetterKind, Profile, StoreError},
    supervisor,
};

/// The text of a letter.
struct Text {
    subject: &'static str,
    /// The paragraphs before the link, if there is one.
    before: String,
    link: Option<String>,
    after: &'static str,
}

impl Mailer {
    /// Sends due letters about accounts. Returns how many; `None` if the mail server refuses everything.
    ///
    /// # Errors
    /// When the database does not answer. Claimed letters are sent after their lease.
    pub(super) async fn deliver_account_letters(
        &self,
        now: impl Fn() -> Timestamp,
    ) -> Result<Option<usize>, StoreError> {
        let mut sent = 0;
        while let Some(letter) = self.services.store.claim_account_letter(now()).await? {
            match self.send_account_letter(&letter, now()).await? {
                Outcome::Sent => sent += 1,
                Outcome::Later | Outcome::Failed | Outcome::Nothing => {}
                Outcome::Closed => return Ok(None),
            }
        }
        Ok(Some(sent))
    }

    /// Sends one letter. One that panics the server, or that it cannot read, is undeliverable.
    async fn send_account_letter(&self, letter: &AccountLetter, now: Timestamp) -> Result<Outcome, StoreError> {
        match supervisor::caught(self.try_account_letter(letter, now)).await {
            Ok(Err(StoreError::Unreadable(what))) => self.give_up(letter, &what).await,
            Ok(outcome) => outcome,
            Err(panic) => {
                self.supervisor.record_panic(TASK, &panic);
                self.give_up(letter, "it makes the server panic").await
            }
        }
    }

    async fn try_account_letter(&self, letter: &AccountLetter, now: Timestamp) -> Result<Outcome, StoreError> {
        let store = &self.services.store;
        let Some((profile, to)) = self.recipient(letter).await? else {
            store.abandon_letter(letter.id, "nobody to send it to").await?;
            return Ok(Outcome::Nothing);
        };
        let Some(text) = self.words(letter, &profile, now).await? else {
            store.abandon_letter(letter.id, "it is obsolete").await?;
            return Ok(Outcome::Nothing);
        };
        let message = match self.compose(letter, &to, &text) {
            Ok(message) => message,
            Err(error) => return self.give_up(letter, &error.to_string()).await,
        };
        let Err((refusal, error)) = self.transmit(message).await else {
            store.mark_letter_sent(letter.id, now).await?;
            self.count(|counts| &counts.sent);
            self.pause_state().failures = 0;
            return Ok(Outcome::Sent);
        };
        match refusal {
            Refusal::Final => self.give_up(letter, &error).await,
            Refusal::Passing if letter.tries >= MAX_ATTEMPTS => self.give_up(letter, &error).await,
            Refusal::Passing => {
                let wait = MIN_RETRY_MS.saturating_mul(1 << letter.tries.min(16)).min(MAX_RETRY_MS);
                tracing::warn!(error, wait_ms = wait, "the mail server refused a letter; trying again later");
                store.postpone_letter(letter.id, now.plus(wait)).await?;
                self.count(|counts| &counts.retried);
                Ok(Outcome::Later)
            }
            Refusal::Closed => {
                store.release_letter(letter.id).await?;
                self.pause(&error);
                Ok(Outcome::Closed)
            }
        }
    }

    /// The account and recipient of a letter. A reset goes to the stored address, never to another form of it that
    /// someone typed.
    async fn recipient(&self, letter: &AccountLetter) -> Result<Option<(Profile, String)>, StoreError> {
        let store = &self.services.store;
        let user: Option<UserId> = match letter.user {
            Some(user) => Some(user),
            None => store.account(&letter.email).await?.map(|(user, _)| user.id),
        };
        let Some(user) = user else { return Ok(None) };
        if store.is_disabled(user).await? {
            return Ok(None);
        }
        let Some(profile) = store.profile(user).await? else { return Ok(None) };
        let to = if letter.kind == LetterKind::Reset { profile.user.email.clone() } else { letter.email.clone() };
        Ok(Some((profile, to)))
    }

    /// The text of a letter, with a link that works from now on; `None` if it is obsolete.
    async fn words(
        &self,
        letter: &AccountLetter,
        profile: &Profile,
        now: Timestamp,
    ) -> Result<Option<Text>, StoreError> {
        let user = profile.user.id;
        let text = match letter.kind {
            LetterKind::Verify => {
                let present = profile.email_verified_at.is_none() && profile.user.email == letter.email;
                if !present && profile.new_email.as_ref() != Some(&letter.email) {
                    return Ok(None);
                }
                Text {
                    subject: "Confirm your e-mail address",
                    before: "Confirm that this address is yours to use it with Lockstep:".into(),
                    link: Some(self.link("verify-email", letter, user, now.plus(VERIFY_MS)).await?),
                    after: "The link works once, for 24 hours. If you didn't ask for this, ignore this e-mail.",
                }
            }
            LetterKind::Reset => Text {
                subject: "Choose a new password",
                before: "Choose a new password for Lockstep:".into(),
                link: Some(self.link("reset-password", letter, user, now.plus(RESET_MS)).await?),
                after: "The link works once, for 30 minutes. If you didn't ask for this, ignore this e-mail: your password \
                        stays as it is.",
            },
            LetterKind::AddressAsked => {
                let Some(new) = &profile.new_email else { return Ok(None) };
                Text {
                    subject: "Your e-mail address is about to change",
                    before: format!("You asked to change the e-mail address of your Lockstep account to {new}."),
                    link: Some(format!("{}/account", self.public_url)),
                    after: "If this wasn't you, change your password now. That cancels the change.",
                }
            }
            LetterKind::AddressChanged => Text {
                subject: "Your e-mail address has changed",
                before: format!("Your Lockstep account now uses {} instead of this address.", profile.user.email),
                link: None,
                after: "If this wasn't you, tell the admin of this server.",
            },
            LetterKind::PasswordChanged => Text {
                subject: "Your password has changed",
                before: "The password of your Lockstep account was changed.".into(),
                link: Some(format!("{}/forgot-password", self.public_url)),
                after: "If this wasn't you, choose a new one there and tell the admin of this server.",
            },
        };
        Ok(Some(text))
    }

    /// A link with a new token after the `#`: browsers don't send that part to servers, so it appears in no log.
    async fn link(
        &self,
        page: &str,
        letter: &AccountLetter,
        user: UserId,
        expires_at: Timestamp,
    ) -> Result<String, StoreError> {
        let (token, hash) = mint_token().map_err(|_| StoreError::Unreadable("a random number".into()))?;
        self.services.store.prepare_letter(letter.id, user, &hash, expires_at).await?;
        Ok(format!("{}/{page}#{token}", self.public_url))
    }

    fn compose(&self, letter: &AccountLetter, to: &str, text: &Text) -> Result<Message, LetterError> {
        let Text { subject, before, link, after } = text;
        let server = host(&self.public_url);
        let (mut plain, mut html) = (format!("{before}\n\n"), format!("<p>{}</p>\n", encode_text(before)));
        if let Some(link) = link {
            plain.push_str(&format!("{link}\n\n"));
            let (href, shown) = (encode_double_quoted_attribute(link), encode_text(link));
            html.push_str(&format!("<p><a href=\"{href}\">{shown}</a></p>\n"));
        }
        plain.push_str(&format!("{after}\n\n-- \nLockstep at {server}\n"));
        html.push_str(&format!(
            "<p>{}</p>\n<p><small>Lockstep at {}</small></p>\n",
            encode_text(after),
            encode_text(server)
        ));
        let html =
            format!("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<body>\n{html}</body>\n</html>\n");
        let builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address(to)?))
            .subject(*subject)
            .message_id(Some(format!("<{}@{server}>", letter.id)))
            // Suppresses automatic out-of-office replies.
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
        Ok(builder.multipart(MultiPart::alternative_plain_html(plain, html))?)
    }

    async fn give_up(&self, letter: &AccountLetter, why: &str) -> Result<Outcome, StoreError> {
        tracing::warn!(letter = %letter.id, why, "a letter is undeliverable");
        self.services.store.abandon_letter(letter.id, why).await?;
        MailCounts::add(&self.counts.failed);
        Ok(Outcome::Failed)
    }
}
