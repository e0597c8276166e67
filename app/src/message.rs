//! Refusals and names in words, for toasts and forms.

use std::borrow::Cow;

use engine::ApiError;

/// Longer titles are cut in a toast, in characters.
const TITLE: usize = 40;

/// The sentence for a refusal. Codes without a sentence here keep the server's message.
pub fn sentence(error: &ApiError) -> Cow<'static, str> {
    match error.code.as_ref() {
        "network" => "Can't reach the server. Check your connection and try again.".into(),
        "not_signed_in" => "You're signed out. Sign in to continue.".into(),
        "other_user" => "You're signed in as someone else now. Nothing was saved.".into(),
        "forbidden" => "Your role in this project doesn't allow that.".into(),
        "project_not_found" => "This project doesn't exist, or you're not a member.".into(),
        "task_not_found" => "This card was deleted.".into(),
        "undo_expired" => "It's too late to undo this.".into(),
        "comment_exists" => "This comment was already sent.".into(),
        "comment_not_found" => "This comment was deleted.".into(),
        "status_not_found" => "This column was deleted.".into(),
        "status_not_empty" => "Move this column's cards first, then delete it.".into(),
        "description_conflict" => "Someone else changed the description.".into(),
        "last_owner" => "A project needs an owner. Make someone else an owner first.".into(),
        "wrong_credentials" => "Wrong e-mail or password.".into(),
        "too_many_attempts" => "Too many attempts. Wait a minute, then try again.".into(),
        "already_member" => "They're already a member.".into(),
        "email_unverified" => "Confirm your e-mail address first, with the link we sent you. Then accept.".into(),
        "other_address" => "This invitation is for another e-mail address.".into(),
        "member_not_found" => "They're no longer a member.".into(),
        "not_a_member" => "You can assign cards only to members of the project.".into(),
        "last_status" => "A board needs at least one column.".into(),
        "too_many_statuses" => "This board has as many columns as it can hold.".into(),
        "wrong_password" => "This isn't your current password.".into(),
        "link_expired" => "This link has expired or was already used. Ask for a new one.".into(),
        "email_taken" => "This e-mail already has an account. Sign in instead.".into(),
        "registration_closed" => "Registration is closed. Ask the server's admin for an account.".into(),
        "body_too_large" => "That's too long. Shorten it and try again.".into(),
        "op_conflict" => "This change was sent twice with different content. Reload the page.".into(),
        "storage_full" => "The server's disk is full. Your change wasn't saved.".into(),
        // The HTTP status is known where the response arrived, not where a page is hydrated.
        code if error.status >= 500 || matches!(code, "internal" | "busy" | "unavailable" | "read_only") => {
            "The server had a problem. Try again in a moment.".into()
        }
        _ => error.message.clone(),
    }
}

/// A title in quotation marks, cut when it is long.
pub(crate) fn quoted(title: &str) -> String {
    format!("“{}”", person(title))
}

/// A name for use in a sentence, cut when it is long.
pub(crate) fn person(name: &str) -> String {
    let cut = match name.char_indices().nth(TITLE) {
        Some((end, _)) => format!("{}…", name[..end].trim_end()),
        None => name.to_owned(),
    };
    // Isolated, because Arabic or Hebrew would otherwise reorder the words around it.
    if cut.chars().any(is_right_to_left) { format!("\u{2068}{cut}\u{2069}") } else { cut }
}

fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_to_left_title_is_isolated() {
        assert_eq!(quoted("مهمة 12"), "“\u{2068}مهمة 12\u{2069}”");
        assert_eq!(quoted("漢字"), "“漢字”");
    }

    #[test]
    fn long_titles_are_cut_between_characters() {
        let quoted = quoted(&"ß".repeat(60));
        assert_eq!(quoted.chars().count(), TITLE + 3);
    }
}
