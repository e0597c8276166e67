//! Letters of invitations. Recipients have not asked for them, and they contain names that strangers chose: so the
//! subject contains none, each name is one bounded line, and mail programs make no links of them.

use engine::{InvitationId, Role, Timestamp, day::Day};
use html_escape::{encode_double_quoted_attribute, encode_text};
use lettre::{
    Message,
    message::{Mailbox, MultiPart},
};

use super::{
    MAX_ATTEMPTS, Mailer, Outcome, Refusal, TASK,
    letter::{LetterError, address, header, host, one_line},
    wait_ms,
};
use crate::{
    service::invitation::{self, LIFE_MS},
    store::{InvitationRow, StoreError},
    supervisor,
};

/// Most characters of a name in a letter.
const NAME: usize = engine::limit::NAME;
/// Characters by which mail programs detect addresses. To browsers, the last three are full stops.
const OF_LINKS: [char; 7] = ['.', ':', '/', '@', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

impl Mailer {
    /// Sends the letter of an invitation. One that panics the server, or that it cannot read, is undeliverable.
    pub(super) async fn send_invitation(&self, id: InvitationId, now: Timestamp) -> Result<Outcome, StoreError> {
        match supervisor::caught(self.try_to_send_invitation(id, now)).await {
            Ok(Err(StoreError::Unreadable(what))) => self.fail_invitation(id, &what, now).await,
            Ok(outcome) => outcome,
            Err(panic) => {
                self.supervisor.record_panic(TASK, &panic);
                self.fail_invitation(id, "it makes the server panic", now).await
            }
        }
    }

    async fn try_to_send_invitation(&self, id: InvitationId, now: Timestamp) -> Result<Outcome, StoreError> {
        let store = &self.services.store;
        let Some(row) = store.invitation_by_id(id).await? else { return Ok(Outcome::Nothing) };
        if !invitation::is_open(&row, now) {
            store.cancel_invitation_letter(id).await?;
            return Ok(Outcome::Nothing);
        }
        let (refusal, error) = match invitation::link(&self.services.secret, &row, &self.public_url) {
            // Another node may have the secret.
            None => (Refusal::Passing, "it was made under another LOCKSTEP_SECRET".to_owned()),
            Some(link) => match compose(&row, &link, &self.from, &self.public_url) {
                Err(error) => return self.fail_invitation(id, &error.to_string(), now).await,
                Ok(letter) => match self.transmit(letter).await {
                    Err(refused) => refused,
                    Ok(()) => {
                        store.mark_invitation_sent(id, now).await?;
                        self.count(|counts| &counts.sent);
                        self.pause_state().failures = 0;
                        return Ok(Outcome::Sent);
                    }
                },
            },
        };
        match refusal {
            Refusal::Final => self.fail_invitation(id, &error, now).await,
            Refusal::Passing if row.tries >= MAX_ATTEMPTS => {
                self.fail_invitation(id, &format!("{error}, {} times", row.tries + 1), now).await
            }
            Refusal::Passing => {
                tracing::warn!(invitation = %id, error, "the mail server refused an invitation; trying again later");
                store.postpone_invitation(id, now.plus(wait_ms(row.tries))).await?;
                self.count(|counts| &counts.retried);
                Ok(Outcome::Later)
            }
            Refusal::Closed => {
                store.release_invitation(id).await?;
                self.pause(&error);
                Ok(Outcome::Closed)
            }
        }
    }

    async fn fail_invitation(&self, id: InvitationId, why: &str, now: Timestamp) -> Result<Outcome, StoreError> {
        tracing::warn!(invitation = %id, why, "the letter of an invitation is undeliverable");
        self.services.store.fail_invitation(id, why, now).await?;
        self.count(|counts| &counts.failed);
        Ok(Outcome::Failed)
    }
}

fn compose(row: &InvitationRow, link: &str, from: &Mailbox, public_url: &str) -> Result<Message, LetterError> {
    let email = row.email.as_deref().unwrap_or_default();
    let site = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    let inviter = row.inviter.as_deref().map(|name| format!("“{}”", quoted(name)));
    let inviter = inviter.unwrap_or_else(|| "The admin of this server".to_owned());
    let project = quoted(&row.project);
    let (may, (year, month, day)) = (rights(row.role), Day::utc(row.expires_at).civil());
    let days = LIFE_MS / engine::time::DAY_MS;
    let lines =
        [format!("{inviter} invites you to the project “{project}” on {site}."), format!("You'd be able to {may}.")];
    let last = format!(
        "This invitation is for {} and ends after {days} days, on {year}-{month:02}-{day:02} (UTC). If you don't know who \
         sent it, ignore it: unless you accept, nothing happens.",
        one_line(email)
    );
    let text = format!("{}\n{}\n\nSee the invitation:\n{link}\n\n{last}\n", lines[0], lines[1]);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<body>\n<p>{}<br>\n{}</p>\n\
         <p><a href=\"{}\">See the invitation</a></p>\n<p><small>{}</small></p>\n</body>\n</html>\n",
        encode_text(&lines[0]),
        encode_text(&lines[1]),
        encode_double_quoted_attribute(link),
        encode_text(&last)
    );
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, address(email)?))
        .subject(format!("An invitation to a project on {site}"))
        .message_id(Some(format!("<{}@{}>", row.id, host(public_url))))
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
    Ok(builder.multipart(MultiPart::alternative_plain_html(text, html))?)
}

fn rights(role: Role) -> &'static str {
    match role {
        Role::Viewer => "see the board",
        Role::Editor => "see the board and change its cards and columns",
        Role::Owner => "see the board, change its cards and columns, and manage its members",
    }
}

/// A name that a stranger chose, as one bounded line without links: spaces split what would be an address. Spaces,
/// because browsers ignore invisible characters in addresses.
fn quoted(name: &str) -> String {
    let line = one_line(name);
    let mut shown = String::with_capacity(line.len());
    for (index, char) in line.chars().enumerate() {
        if index == NAME {
            shown.push('…');
            break;
        }
        // Nor may a name close its own quotes.
        shown.push(if matches!(char, '“' | '”' | '"') { '\'' } else { char });
        if OF_LINKS.contains(&char) {
            shown.push(' ');
        }
    }
    one_line(&shown)
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_name_never_becomes_a_link() {
        for (name, shown) in [
            ("Garden", "Garden"),
            ("J. R. R. Tolkien", "J. R. R. Tolkien"),
            ("win at https://evil.example/now", "win at https: / / evil. example/ now"),
            ("www.evil.example", "www. evil. example"),
            ("mail me@evil.example", "mail me@ evil. example"),
            ("evil。example evil．example", "evil。 example evil． example"),
            ("a\r\nBcc: b@example.org\u{2028}c", "a Bcc: b@ example. org c"),
            ("Ann” invites you. “", "Ann' invites you. '"),
        ] {
            assert_eq!(quoted(name), shown);
            assert_eq!(
                linkify::LinkFinder::new().url_must_have_scheme(false).links(&quoted(name)).count(),
                0,
                "{name}"
            );
        }
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 81);
    }
}
