//! What a letter looks like: plain text, and the same as HTML.

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

/// Why a letter cannot be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum LetterError {
    /// The account's address is none that e-mail knows.
    #[error("no such address: {0}")]
    Address(#[from] AddressError),
    /// It does not hold together.
    #[error(transparent)]
    Message(#[from] lettre::error::Error),
}

/// A letter of what one user is told; of a week, all that is to be said of it. `token` is for the link that ends their
/// e-mail.
pub(super) fn compose(
    envelope: &Envelope,
    week: Option<&Read>,
    from: &Mailbox,
    public_url: &str,
    token: &str,
) -> Result<Message, LetterError> {
    let address: Address = envelope.email.parse()?;
    let (preferences, end) = (format!("{public_url}/account"), format!("{public_url}/unsubscribe/{token}"));
    let (mut text, mut html) = (String::new(), String::new());
    for (project, told) in &envelope.told {
        let link = format!("{public_url}{}", told.address());
        let Notification { title, message, .. } = told;
        let project = project.as_deref().map(|project| format!(" ({project})")).unwrap_or_default();
        text.push_str(&format!("{title}{project}\n{message}\n{link}\n\n"));
        html.push_str(&format!(
            "<p><strong>{}</strong>{}<br>\n<a href=\"{}\">{}</a></p>\n",
            encode_text(title),
            encode_text(&project),
            encode_double_quoted_attribute(&link),
            encode_text(message)
        ));
        if let Some(week) = week {
            report::tell(week, &link, &mut text, &mut html);
        }
    }
    text.push_str(&format!("-- \nWhat you are told, and when: {preferences}\nNo more e-mail: {end}\n"));
    html.push_str(&format!(
        "<p><small><a href=\"{}\">What you are told, and when</a> · <a href=\"{}\">No more e-mail</a></small></p>\n",
        encode_double_quoted_attribute(&preferences),
        encode_double_quoted_attribute(&end)
    ));
    let html =
        format!("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<body>\n{html}</body>\n</html>\n");
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(Some(envelope.name.clone()), address))
        .subject(subject(envelope))
        .message_id(Some(message_id(envelope, public_url)))
        .raw_header(header("List-Unsubscribe", format!("<{end}>")))
        .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
        // No answer by a machine that says that its user is on holiday.
        .raw_header(header("Auto-Submitted", "auto-generated".to_owned()));
    Ok(builder.multipart(MultiPart::alternative_plain_html(text, html))?)
}

fn subject(envelope: &Envelope) -> String {
    match &envelope.told[..] {
        [(Some(project), told)] => format!("{} ({project})", told.title),
        [(None, told)] => told.title.clone(),
        several => format!("{} notifications", several.len()),
    }
}

/// The same for a letter that is sent once more.
fn message_id(envelope: &Envelope, public_url: &str) -> String {
    let host = public_url.split_once("://").map_or(public_url, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let first = envelope.told.first().map(|(_, told)| told.id.to_string()).unwrap_or_default();
    format!("<{first}@{host}>")
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}
