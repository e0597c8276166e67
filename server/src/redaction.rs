//! Paths for log lines, without possible tokens.
//!
//! Personal links (unsubscribe, invitations, password resets) have a token in their path. A segment is shown only if
//! it is clearly none; everything else is hidden, so that future routes leak nothing either.

use std::borrow::Cow;

use uuid::Uuid;

/// Replaces a hidden segment.
const HIDDEN: &str = "*";
/// Segments that precede a token of any form.
const BEFORE_TOKENS: [&str; 9] = [
    "confirm",
    "invitation",
    "invitations",
    "password-reset",
    "reset",
    "reset-password",
    "unsubscribe",
    "verify",
    "verify-email",
];
/// Longest name of a resource or file, in bytes. A token this short could be guessed.
const NAME: usize = 24;
/// Longest segment with capital letters, such as the key of a task.
const KEY: usize = 12;

/// A path without its tokens.
pub(crate) fn path(path: &str) -> Cow<'_, str> {
    let mut before = "";
    let mut hides = false;
    for segment in path.split('/') {
        hides |= !is_shown(before, segment);
        before = segment;
    }
    if !hides {
        return Cow::Borrowed(path);
    }
    let mut before = "";
    let shown = path.split('/').map(|segment| {
        let shown = if is_shown(before, segment) { segment } else { HIDDEN };
        before = segment;
        shown
    });
    Cow::Owned(shown.collect::<Vec<_>>().join("/"))
}

fn is_shown(before: &str, segment: &str) -> bool {
    if segment.is_empty() {
        return true;
    }
    if BEFORE_TOKENS.contains(&before) {
        return false;
    }
    let is_id = segment.len() == 36 && Uuid::try_parse(segment).is_ok();
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    let bytes = segment.bytes();
    let is_name = segment.len() <= NAME && bytes.clone().all(lower);
    let is_key = segment.len() <= KEY && bytes.clone().all(|byte| lower(byte.to_ascii_lowercase()));
    is_id || is_name || is_key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_that_are_no_tokens_are_shown() {
        for plain in [
            "/",
            "/api/projects/0190a3c4-0000-7000-8000-000000000001/events",
            "/api/notifications/preferences",
            "/ws/projects/0190a3c4-0000-7000-8000-000000000001",
            "/pkg/lockstep.wasm",
            "/favicon-unread.svg",
            "/c/WEB-12",
            "//",
        ] {
            assert_eq!(path(plain), plain);
        }
    }

    #[test]
    fn segments_that_may_be_tokens_are_hidden() {
        for (asked, shown) in [
            ("/unsubscribe/eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.AAAA", "/unsubscribe/*"),
            ("/api/invitations/0190a3c4-0000-7000-8000-000000000001/accept", "/api/invitations/*/accept"),
            ("/invitations/short", "/invitations/*"),
            ("/new-route/Zm9vYmFyYmF6cXV4MTIzNA", "/new-route/*"),
            ("/new-route/0123456789abcdef0123456789abcdef", "/new-route/*"),
            ("/a%0ab\"c/x", "/*/x"),
            ("/übersicht", "/*"),
        ] {
            assert_eq!(path(asked), shown);
        }
    }
}
