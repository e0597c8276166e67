//! Paths as log lines show them: without what may be a token.
//!
//! Links that stand for a person (to unsubscribe, to an invitation, to another password) have a token in their path.
//! A segment is shown where it is plainly none; whatever else a client asks for is cut out, so that a route that is
//! added later leaks nothing either.

use std::borrow::Cow;

use uuid::Uuid;

/// What stands for a segment that is not shown.
const HIDDEN: &str = "*";
/// Segments after which a token comes, whatever it looks like.
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
/// The longest name of a resource or a file, in bytes. A token of so few letters would be guessed.
const NAME: usize = 24;
/// The longest segment with capitals in it, such as the key of a task.
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
    fn what_is_no_token_is_shown() {
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
    fn what_may_be_one_is_not() {
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
