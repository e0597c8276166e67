//! Composes letters: plain text, and the same as HTML.

use engine::Notification;
use html_escape::{encode_double_quoted_attribute, encode_text};
use lettre::{
    Address, Message,
    address::AddressError,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use super::report;
use crate::{service::oversight::report::Read, store::Envelope};

/// Why a letter cannot be composed.
#[derive(Debug, thiserror::Error)]
pub(super) enum LetterError {
    /// The account's address is invalid for e-mail.
    #[error("no such address: {0}")]
    Address(#[from] AddressError),
    /// The message is invalid.
    #[error(transparent)]
    Message(#[from] lettre::error::Error),
}

/// The letter with a user's notifications; for a weekly report, the whole report. `token` is for the unsubscribe link.
pub(super) fn compose(
    envelope: &Envelope,
    week: Option<&Read>,
    from: &Mailbox,
    public_url: &str,
    token: &str,
) -> Result<Message, LetterError> {
    let address = address(&envelope.email)?;
    let (preferences, end) = (format!("{public_url}/account"), format!("{public_url}/unsubscribe/{token}"));
    let (mut text, mut html) = (String::new(), String::new());
    for (project, notification) in &envelope.notifications {
        let link = format!("{public_url}{}", notification.address());
        let Notification { title, message, .. } = notification;
        let title = one_line(title);
        let project = project.as_deref().map(|project| format!(" ({})", one_line(project))).unwrap_or_default();
        text.push_str(&format!("{title}{project}\n{message}\n{link}\n\n"));
        html.push_str(&format!(
            "<p><strong>{}</strong>{}<br>\n<a href=\"{}\">{}</a></p>\n",
            encode_text(&title),
            encode_text(&project),
            encode_double_quoted_attribute(&link),
            encode_text(message)
        ));
        if let Some(week) = week {
            report::append(week, &link, &mut text, &mut html);
        }
    }
    text.push_str(&format!("-- \nNotification settings: {preferences}\nUnsubscribe: {end}\n"));
    html.push_str(&format!(
        "<p><small><a href=\"{}\">Notification settings</a> · <a href=\"{}\">Unsubscribe</a></small></p>\n",
        encode_double_quoted_attribute(&preferences),
        encode_double_quoted_attribute(&end)
    ));
    let html =
        format!("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<body>\n{html}</body>\n</html>\n");
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(Some(one_line(&envelope.name)).filter(|name| !name.is_empty()), address))
        .subject(one_line(&subject(envelope)))
        .message_id(Some(message_id(envelope, public_url)))
        .raw_header(header("List-Unsubscribe", format!("<{end}>")))
        .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
        // Suppresses automatic out-of-office replies.
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
    Ok(builder.multipart(MultiPart::alternative_plain_html(text, html))?)
}

/// An address for mail servers. The domain is encoded in ASCII, which all of them accept; only a non-ASCII local part
/// requires SMTPUTF8.
pub(super) fn address(email: &str) -> Result<Address, AddressError> {
    if email.chars().any(char::is_control) {
        return Err(AddressError::InvalidInput);
    }
    let address: Address = email.parse()?;
    match idna::domain_to_ascii(address.domain()) {
        Ok(domain) => Address::new(address.user(), domain),
        // An IP address in brackets.
        Err(_) => Ok(address),
    }
}

/// A user's text as one line of a header: line breaks and control characters become spaces.
pub(super) fn one_line(text: &str) -> String {
    let plain = |char: char| if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') { ' ' } else { char };
    text.chars().map(plain).collect::<String>().split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn subject(envelope: &Envelope) -> String {
    match &envelope.notifications[..] {
        [(Some(project), notification)] => format!("{} ({project})", notification.title),
        [(None, notification)] => notification.title.clone(),
        several => format!("{} notifications", several.len()),
    }
}

/// The same id for a repeated letter.
fn message_id(envelope: &Envelope, public_url: &str) -> String {
    let first = envelope.notifications.first().map(|(_, notification)| notification.id.to_string()).unwrap_or_default();
    format!("<{first}@{}>", host(public_url))
}

/// The host name of this server, without scheme and port.
pub(super) fn host(public_url: &str) -> &str {
    let host = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    host.split_once(':').map_or(host, |(host, _)| host)
}

pub(super) fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

#[cfg(test)]
mod tests {
    use engine::UserId;
    use uuid::Uuid;

    use super::*;

    fn letter(email: &str, name: &str) -> Result<String, LetterError> {
        let user = UserId::new(Uuid::nil());
        let envelope = Envelope { user, email: email.into(), name: name.into(), notifications: Vec::new(), tries: 0 };
        let from: Mailbox = "Lockstep <lockstep@example.org>".parse().unwrap();
        let letter = compose(&envelope, None, &from, "https://board.example.org", "token")?;
        Ok(String::from_utf8(letter.formatted()).unwrap())
    }

    #[test]
    fn a_name_can_break_neither_a_header_nor_the_server() {
        for name in
            ["Ann\r\nBcc: all@example.org", "Ann\nBcc: all@example.org", "\u{85}\u{2028}Ann\0\u{7f}", "\t", "", " "]
        {
            let text = letter("ann@example.org", name).unwrap();
            assert!(!text.lines().any(|line| line.starts_with("Bcc")), "{text}");
            assert!(text.contains("ann@example.org"), "{text}");
        }
    }

    #[test]
    fn addresses_are_spelled_as_far_as_possible_in_ascii() {
        assert!(letter("ann@b\u{fc}cher.example", "").unwrap().contains("To: ann@xn--bcher-kva.example"));
        assert_eq!(address("j\u{f6}rg@example.org").unwrap().to_string(), "j\u{f6}rg@example.org");
        assert_eq!(address("ann@[127.0.0.1]").unwrap().to_string(), "ann@[127.0.0.1]");
        for bad in ["ann", "ann@", "@example.org", "ann@example.org\r\nRCPT TO:<x@example.org>", "a b@example.org"] {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}
