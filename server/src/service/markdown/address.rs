//! The targets of links, as browsers parse them rather than as they look.

use std::{borrow::Cow, sync::LazyLock};

use url::{ParseError, Position, Url};

/// The permitted schemes of links.
pub(super) const SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Stands for any page of this server: a link that leaves from here leaves from every page.
static HERE: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("https://here.invalid/").ok());

/// The address to write for a link; `None` if it is not a web address. Without a host it is a path of this server;
/// with one it is written in full, since `//host`, `/\host` or either with a tab in it would look like a path.
pub(super) fn of(text: &str) -> Option<Cow<'_, str>> {
    match Url::parse(text) {
        Ok(url) if !SCHEMES.contains(&url.scheme()) => None,
        // Unambiguous addresses stay as their author wrote them.
        Ok(url) if is_plain(text, url.scheme()) => Some(Cow::Borrowed(text)),
        Ok(url) => Some(Cow::Owned(url.into())),
        Err(ParseError::RelativeUrlWithoutBase) => {
            let here = HERE.as_ref()?;
            let url = here.join(&relative(text)).ok()?;
            if url.origin() != here.origin() {
                return (url.scheme() == here.scheme()).then(|| Cow::Owned(url.into()));
            }
            let path = &url[Position::BeforePath..];
            is_path(path).then(|| Cow::Owned(path.to_owned()))
        }
        Err(_) => None,
    }
}

/// An address without a scheme as browsers parse it: they skip surrounding blanks, and line breaks and tabs within,
/// and two or more slashes of either kind begin a host. (The parser refuses three.)
fn relative(text: &str) -> String {
    let text: String = text.trim_matches(|c| c <= ' ').chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let rest = text.trim_start_matches(['/', '\\']);
    if text.len() - rest.len() >= 2 { format!("//{rest}") } else { text }
}

/// Whether it is a path of this server: a second slash of either kind would begin a host.
pub(super) fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text[1..].starts_with(['/', '\\']) && !text.chars().any(char::is_control)
}

fn is_plain(text: &str, scheme: &str) -> bool {
    let rest = text.get(..scheme.len()).filter(|begins| begins.eq_ignore_ascii_case(scheme));
    let rest = rest.and_then(|_| text[scheme.len()..].strip_prefix(if scheme == "mailto" { ":" } else { "://" }));
    rest.is_some_and(|rest| !rest.starts_with('/') && !rest.contains(|char: char| char.is_control() || char == '\\'))
        && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_host_leaves_the_server() {
        for (text, wanted) in [
            ("//evil.example", "https://evil.example/"),
            ("//evil.example/a?b#c", "https://evil.example/a?b#c"),
            (r"/\evil.example", "https://evil.example/"),
            (r"\\evil.example", "https://evil.example/"),
            (r"\/evil.example", "https://evil.example/"),
            ("/\t/evil.example", "https://evil.example/"),
            ("/\n/evil.example", "https://evil.example/"),
            ("\t//evil.example", "https://evil.example/"),
            (" //evil.example", "https://evil.example/"),
            ("\u{1}//evil.example", "https://evil.example/"),
            ("///evil.example", "https://evil.example/"),
            ("/\t\\\r\n/evil.example", "https://evil.example/"),
            ("//ann@evil.example:8443", "https://ann@evil.example:8443/"),
            ("https:evil.example", "https://evil.example/"),
            ("https:/evil.example", "https://evil.example/"),
            ("https:///evil.example", "https://evil.example/"),
            (r"https:\\evil.example", "https://evil.example/"),
            ("ht\ntps://evil.example", "https://evil.example/"),
            ("http:evil.example", "http://evil.example/"),
            ("//[::1]", "https://[::1]/"),
        ] {
            assert_eq!(of(text).as_deref(), Some(wanted), "{text:?}");
        }
    }

    #[test]
    fn a_path_stays_on_this_server() {
        for (text, wanted) in [
            ("/projects/1?card=2#x", "/projects/1?card=2#x"),
            ("projects", "/projects"),
            ("./a/../b", "/b"),
            (r"\a", "/a"),
            ("?a=1", "/?a=1"),
            ("#a", "/#a"),
            ("", "/"),
            ("/%09/evil.example", "/%09/evil.example"),
            ("/%2F/evil.example", "/%2F/evil.example"),
            ("/%5Cevil.example", "/%5Cevil.example"),
            ("a://b".trim_start_matches("a:"), "https://b/"),
        ] {
            assert_eq!(of(text).as_deref(), Some(wanted), "{text:?}");
        }
        // Without its dot it would name a host.
        for text in ["/.//evil.example", "a/..//evil.example", r"/./\evil.example", "./\t//evil.example"] {
            assert_eq!(of(text), None, "{text:?}");
        }
    }

    #[test]
    fn other_schemes_are_refused() {
        for text in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "\u{1}javascript:alert(1)",
            "javascript://example.org/%0aalert(1)",
            "data:text/html,a",
            "vbscript:a",
            "file:///etc/passwd",
            "blob:https://example.org/a",
            "ftp://example.org",
            "https://",
            "//",
            "https://a b",
        ] {
            assert_eq!(of(text), None, "{text:?}");
        }
    }

    #[test]
    fn plain_addresses_stay_as_written() {
        for text in
            ["https://example.org", "HTTP://Example.org/Ä?b=c#d", "mailto:ann@example.org", "https://a.example/b//c"]
        {
            assert_eq!(of(text).as_deref(), Some(text));
        }
    }
}
