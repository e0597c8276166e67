//! Letters about accounts: proofs of addresses, forgotten passwords, and what changed. They go before all others, and no
//! more of them than people ask for: a link is made when its letter is sent, and a second try sends another one.
//!
//! What a stranger may reach with them says nothing that a stranger chose: no name stands in them.

use engine::{Timestamp, UserId};
use html_escape::{encode_double_quoted_attribute, encode_text};
use lettre::{
    Message,
    message::{Mailbox, MultiPart},
};

use super::{
    AGAIN_AT_MOST_MS, AGAIN_MS, MailCounts, Outcome, Postman, Refusal, TASK, TRIES,
    letter::{LetterError, address, header, host},
};
use crate::{
    service::account::{RESET_MS, VERIFY_MS, mint_token},
    store::{AccountLetter, LetterKind, Profile, StoreError},
    supervisor,
};

/// What a letter says.
struct Text {
    subject: &'static str,
    /// Before the link, where there is one.
    before: String,
    link: Option<String>,
    after: &'static str,
}

impl Postman {
    /// Sends the letters about accounts that are due, and says how many that were; `None` where the mail server takes no
    /// letter at all.
    ///
    /// # Errors
    /// When the database does not answer. What was taken is sent after its lease.
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

    /// Sends one. One that makes this server panic, or that it cannot read, is one that can never be sent.
    async fn send_account_letter(&self, letter: &AccountLetter, now: Timestamp) -> Result<Outcome, StoreError> {
        match supervisor::caught(self.try_account_letter(letter, now)).await {
            Ok(Err(StoreError::Unreadable(what))) => self.give_up(letter, &what).await,
            Ok(outcome) => outcome,
            Err(panic) => {
                self.supervisor.lost(TASK, &panic);
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
            store.abandon_letter(letter.id, "nothing to say any more").await?;
            return Ok(Outcome::Nothing);
        };
        let message = match self.compose(letter, &to, &text) {
            Ok(message) => message,
            Err(error) => return self.give_up(letter, &error.to_string()).await,
        };
        let Err((refusal, error)) = self.hand_over(message).await else {
            store.mark_letter_sent(letter.id, now).await?;
            self.count(|counts| &counts.sent);
            self.rest().failures = 0;
            return Ok(Outcome::Sent);
        };
        match refusal {
            Refusal::Final => self.give_up(letter, &error).await,
            Refusal::Passing if letter.tries >= TRIES => self.give_up(letter, &error).await,
            Refusal::Passing => {
                let wait = AGAIN_MS.saturating_mul(1 << letter.tries.min(16)).min(AGAIN_AT_MOST_MS);
                tracing::warn!(error, wait_ms = wait, "the mail server does not take a letter; trying again");
                store.postpone_letter(letter.id, now.plus(wait)).await?;
                self.count(|counts| &counts.retried);
                Ok(Outcome::Later)
            }
            Refusal::Closed => {
                store.release_letter(letter.id).await?;
                self.leave_alone(&error);
                Ok(Outcome::Closed)
            }
        }
    }

    /// Whose account a letter is about, and where it goes. A reset goes to the address that is stored, never to another
    /// form of it that somebody typed.
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

    /// What a letter says, with a link that works from now on; `None` where there is nothing to say any more.
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

    /// A link with a token of its own. The token stands behind the `#`: browsers send that to no server, so it is in
    /// no log.
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
            // No answer by a machine that says that its user is on holiday.
            .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
        Ok(builder.multipart(MultiPart::alternative_plain_html(plain, html))?)
    }

    async fn give_up(&self, letter: &AccountLetter, why: &str) -> Result<Outcome, StoreError> {
        tracing::warn!(letter = %letter.id, why, "a letter can never be sent");
        self.services.store.abandon_letter(letter.id, why).await?;
        MailCounts::add(&self.counts.failed);
        Ok(Outcome::Failed)
    }
}
