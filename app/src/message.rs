//! A refusal in words: one sentence that says what to do, for toasts and forms alike.

use std::borrow::Cow;

use engine::ApiError;

/// The sentence for a refusal. Codes that need no better words than the server's keep those.
pub fn sentence(error: &ApiError) -> Cow<'static, str> {
    match error.code.as_ref() {
        "network" => "The server cannot be reached. Check the connection and try again.".into(),
        "not_signed_in" => "You are signed out. Sign in again to go on.".into(),
        "other_user" => "You're signed in as someone else now. Nothing was saved.".into(),
        "forbidden" => "Your role in this project does not allow that.".into(),
        "project_not_found" => "This project does not exist, or you are not a member of it.".into(),
        "task_not_found" => "This card was deleted in the meantime.".into(),
        "undo_expired" => "It's too late to undo this.".into(),
        "comment_exists" => "This comment was already sent.".into(),
        "comment_not_found" => "This comment was deleted in the meantime.".into(),
        "status_not_found" => "This column was deleted in the meantime.".into(),
        "status_not_empty" => "Move the cards of this column elsewhere first.".into(),
        "description_conflict" => "Somebody else changed the description in the meantime.".into(),
        "last_owner" => "A project needs an owner: make somebody else one first.".into(),
        "wrong_credentials" => "The e-mail address or the password is wrong.".into(),
        "too_many_attempts" => "Too many attempts. Wait a minute, then try again.".into(),
        "already_member" => "They are a member already.".into(),
        "email_unverified" => "Confirm your e-mail address first, by the link in the letter. Then accept.".into(),
        "other_address" => "This invitation is for another e-mail address.".into(),
        "member_not_found" => "They are no longer a member.".into(),
        "not_a_member" => "Cards can only be given to members of the project.".into(),
        "last_status" => "A board needs at least one column.".into(),
        "wrong_password" => "This is not your current password.".into(),
        "link_expired" => "This link was used already, or is too old. Ask for another one.".into(),
        "email_taken" => "There is an account with this e-mail address. Sign in instead.".into(),
        "registration_closed" => "This server takes no new accounts. Ask whoever runs it for one.".into(),
        "body_too_large" => "That is too much at once. Shorten it and try again.".into(),
        "op_conflict" => "This change was sent twice with different content. Reload the page.".into(),
        "storage_full" => "The server's disk is full. Your change wasn't saved.".into(),
        // The status is known on the side that got the answer, not where a page is hydrated.
        code if error.status >= 500 || matches!(code, "internal" | "busy" | "unavailable" | "read_only") => {
            "The server had a problem with this. Try again in a moment.".into()
        }
        _ => error.message.clone(),
    }
}
