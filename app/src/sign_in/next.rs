//! Where to go after signing in.

/// A placeholder for this site, whose own address the server does not know.
const SITE: &str = "http://lockstep.invalid";

/// A path of this site, whatever the `next` parameter of a link says.
pub(super) fn local(next: Option<&str>) -> String {
    next.and_then(path).unwrap_or_else(|| "/".to_owned())
}

fn path(next: &str) -> Option<String> {
    // Browsers drop tabs and line breaks, and read a backslash as a slash: `/\t/host` is another site to them.
    let plain = next.starts_with('/') && !next.contains(|c: char| c.is_control() || c == '\\');
    // The rest of `/.//host` would be another site's address.
    resolve(next).filter(|path| plain && path.starts_with('/') && !path.starts_with("//"))
}

/// The path, query and fragment of an address as browsers resolve it, in ASCII. `None` for an address of another site.
#[cfg(not(target_arch = "wasm32"))]
fn resolve(next: &str) -> Option<String> {
    let site = url::Url::parse(SITE).ok()?;
    let url = site.join(next).ok().filter(|url| url.origin() == site.origin())?;
    Some(url[url::Position::BeforePath..].to_owned())
}

/// The browser's own resolution: a library would be downloaded for this alone.
#[cfg(target_arch = "wasm32")]
fn resolve(next: &str) -> Option<String> {
    let url = web_sys::Url::new_with_base(next, SITE).ok().filter(|url| url.origin() == SITE)?;
    Some([url.pathname(), url.search(), url.hash()].concat())
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn signing_in_leads_back() {
        for (next, path) in [
            ("/", "/"),
            ("/projects/1?task=2", "/projects/1?task=2"),
            ("/projects/1?a=//b#c", "/projects/1?a=//b#c"),
            ("/a/../projects", "/projects"),
            ("/größe?q=ü", "/gr%C3%B6%C3%9Fe?q=%C3%BC"),
            ("/a b", "/a%20b"),
            ("/%0a", "/%0a"),
        ] {
            assert_eq!(local(Some(next)), path, "{next}");
        }
        assert_eq!(local(None), "/");
    }

    #[test]
    fn signing_in_never_leads_to_another_site() {
        for elsewhere in [
            "",
            "projects",
            "?next=/",
            "https://evil.example",
            "https:evil.example",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\n/evil.example",
            "/\n",
            "/\0",
            "/\u{85}x",
            " //evil.example",
            "\u{1}//evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/a/..//evil.example",
            "/%2e//evil.example",
            "/%2e%2e//evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "/projects\nSet-Cookie: a=b",
            "//user@evil.example",
            "/\u{2028}/x\n",
        ] {
            assert_eq!(local(Some(elsewhere)), "/", "{elsewhere:?}");
        }
    }

    #[test]
    fn the_redirect_is_a_plain_header() {
        for next in ["/\u{2028}", "/\u{ad}x", "/\u{202e}", "/é", "/\u{feff}", "/%", "/%zz", "/[", "/'\"<>"] {
            let path = local(Some(next));
            assert!(path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic()), "{next:?}: {path}");
        }
    }
}
