//! Who may ask: the origin rule of writes and sockets, and what a trusted proxy says of the client.

mod forwarded;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Extension},
    http::{HeaderMap, header},
};

use crate::config::{Config, ProxyHeader};

/// What proxies say of a request. Where they are not believed it is not there.
const OF_PROXIES: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id"];

/// Whether a write or a socket upgrade may come from where it comes from: a page of this very
/// host, or of an origin in `LOCKSTEP_ALLOWED_ORIGINS`. Over TLS its page came over TLS, too: anybody on the way can put
/// words into one that did not. Programs that are no browser send neither
/// `Origin` nor `Sec-Fetch-Site`, carry no cookie of somebody else's, and pass.
pub fn origin_allowed(config: &Config, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        let site = headers.get("sec-fetch-site").map(|value| value.as_bytes());
        return matches!(site, None | Some(b"same-origin" | b"none"));
    };
    let Ok(origin) = origin.to_str().map(str::to_ascii_lowercase) else {
        return false;
    };
    if config.allowed_origins.contains(&origin) {
        return true;
    }
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    if let Some((own, host)) = config.public_url.as_deref().and_then(|url| url.split_once("://")) {
        return scheme == own && without_port(scheme, authority) == without_port(own, host);
    }
    if is_secure(config, headers) && scheme != "https" {
        return false;
    }
    host(config, headers).is_some_and(|host| without_port(scheme, &host) == without_port(scheme, authority))
}

/// Whether a trusted proxy says that the browser reached us without TLS.
pub(crate) fn is_plain(config: &Config, headers: &HeaderMap) -> bool {
    proto(config, headers).is_some_and(|proto| proto == "http")
}

/// Whether the browser reached us over TLS: as a trusted proxy says, else as the public address does.
pub fn is_secure(config: &Config, headers: &HeaderMap) -> bool {
    match proto(config, headers) {
        Some(proto) => proto == "https",
        None => config.public_url.as_deref().is_some_and(|url| url.starts_with("https://")),
    }
}

/// Whom to count what an address may do against. Without a peer (a test that calls the router) it is nobody.
pub fn address(config: &Config, headers: &HeaderMap, peer: Option<Extension<ConnectInfo<SocketAddr>>>) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(ConnectInfo(peer))| peer.ip());
    client_ip(config, headers, peer)
}

/// Where a request comes from: the peer, or whom the trusted proxies say that they were asked by.
pub fn client_ip(config: &Config, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    if is_proxy(config, peer) { forwarded::client(config, headers, peer) } else { peer }
}

/// Whether whoever connects from an address is a trusted proxy.
pub(crate) fn is_proxy(config: &Config, peer: IpAddr) -> bool {
    config.proxy.trusted && is_believed(config, peer)
}

/// Whether an address is one of those that the settings name as proxies, where they name any.
pub(crate) fn is_believed(config: &Config, peer: IpAddr) -> bool {
    config.proxy.networks.is_empty() || forwarded::is_in_networks(config, peer)
}

/// Takes away what only proxies may say, from the request of somebody else.
pub(crate) fn forget_proxies(headers: &mut HeaderMap) {
    for name in OF_PROXIES {
        headers.remove(name);
    }
}

/// Where browsers reach this server: as the settings say, else as this request did. Only for links that go back to whoever
/// asks: a client may name any host.
pub fn site(config: &Config, headers: &HeaderMap) -> String {
    if let Some(url) = &config.public_url {
        return url.clone();
    }
    let scheme = if is_secure(config, headers) { "https" } else { "http" };
    let plain = |host: &String| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-_[]".contains(&byte));
    host(config, headers).filter(plain).map(|host| format!("{scheme}://{host}")).unwrap_or_default()
}

/// The host that the browser's address bar shows.
pub(crate) fn host(config: &Config, headers: &HeaderMap) -> Option<String> {
    let said = match config.proxy.header {
        _ if !config.proxy.trusted => None,
        ProxyHeader::XForwarded => last(headers, "x-forwarded-host"),
        ProxyHeader::Forwarded => forwarded::outermost(config, headers).and_then(|hop| hop.host),
    };
    if said.is_some() {
        return said;
    }
    Some(headers.get(header::HOST)?.to_str().ok()?.to_ascii_lowercase())
}

/// The scheme that the browser's address bar shows, where a trusted proxy tells.
fn proto(config: &Config, headers: &HeaderMap) -> Option<String> {
    match config.proxy.header {
        _ if !config.proxy.trusted => None,
        ProxyHeader::XForwarded => last(headers, "x-forwarded-proto"),
        ProxyHeader::Forwarded => forwarded::outermost(config, headers)?.proto,
    }
}

/// The last value of a list: earlier ones may be the client's own invention.
fn last(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    Some(value.rsplit(',').next()?.trim().to_ascii_lowercase())
}

fn without_port<'a>(scheme: &str, authority: &'a str) -> &'a str {
    let default = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => return authority,
    };
    authority.strip_suffix(default).unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;
    use crate::config::ProxySettings;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn allowed(config: &Config, pairs: &[(&'static str, &'static str)]) -> bool {
        origin_allowed(config, &headers(pairs))
    }

    /// Settings of a server behind a proxy that says so in this header.
    fn proxied_by(header: ProxyHeader) -> Config {
        Config { proxy: ProxySettings { trusted: true, networks: Vec::new(), header }, ..Config::isolated("") }
    }

    #[test]
    fn a_page_of_the_same_host_may() {
        let config = Config::isolated("");
        assert!(allowed(&config, &[("host", "board.lan:3000"), ("origin", "http://board.lan:3000")]));
        assert!(allowed(&config, &[("host", "board.lan"), ("origin", "https://board.lan")]));
        assert!(allowed(&config, &[("host", "board.lan:443"), ("origin", "https://board.lan")]));
    }

    #[test]
    fn a_page_of_another_host_may_not() {
        let config = Config::isolated("");
        for origin in ["http://evil.lan", "http://board.lan:3001", "http://board.lan.evil", "null", ""] {
            assert!(!allowed(&config, &[("host", "board.lan:3000"), ("origin", origin)]), "{origin}");
        }
        assert!(!allowed(&config, &[("host", "board.lan"), ("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&config, &[("origin", "http://board.lan")]));
    }

    #[test]
    fn a_link_leads_where_the_settings_or_the_request_say() {
        let config = Config::isolated("");
        assert_eq!(site(&config, &headers(&[("host", "Board.lan:3000")])), "http://board.lan:3000");
        assert_eq!(site(&config, &headers(&[("host", "board.lan/<x>")])), "");
        let named = Config { public_url: Some("https://board.example.org".into()), ..Config::isolated("") };
        assert_eq!(site(&named, &headers(&[("host", "evil.lan")])), "https://board.example.org");
        let proxied = proxied_by(ProxyHeader::XForwarded);
        let sent = headers(&[("host", "10.0.0.2"), ("x-forwarded-host", "board.lan"), ("x-forwarded-proto", "https")]);
        assert_eq!(site(&proxied, &sent), "https://board.lan");
    }

    #[test]
    fn a_program_may() {
        assert!(allowed(&Config::isolated(""), &[("host", "board.lan")]));
    }

    #[test]
    fn a_named_origin_may() {
        let config = Config { allowed_origins: vec!["https://other.lan".into()], ..Config::isolated("") };
        assert!(allowed(&config, &[("host", "board.lan"), ("origin", "https://other.lan")]));
        assert!(!allowed(&config, &[("host", "board.lan"), ("origin", "http://other.lan")]));
    }

    #[test]
    fn with_a_public_url_its_own_pages_may_and_those_of_its_host_over_another_scheme_may_not() {
        let config = Config { public_url: Some("https://board.lan".into()), ..Config::isolated("") };
        for origin in ["https://board.lan", "https://board.lan:443"] {
            assert!(allowed(&config, &[("host", "board.lan"), ("origin", origin)]), "{origin}");
        }
        for origin in ["http://board.lan", "https://board.lan:8443", "http://board.lan:443", "https://evil.lan"] {
            assert!(!allowed(&config, &[("host", "board.lan"), ("origin", origin)]), "{origin}");
            // Nor where the host is the attacker's own, too.
            let host = origin.split_once("://").unwrap().1;
            assert!(!allowed(&config, &[("host", host), ("origin", origin)]), "{origin}");
        }
        let other = Config { allowed_origins: vec!["https://other.lan".into()], ..config };
        assert!(allowed(&other, &[("host", "board.lan"), ("origin", "https://other.lan")]));
    }

    #[test]
    fn behind_tls_a_page_that_came_without_may_not() {
        let config = proxied_by(ProxyHeader::XForwarded);
        let sent = |proto, origin| {
            allowed(&config, &[("host", "board.lan"), ("x-forwarded-proto", proto), ("origin", origin)])
        };
        assert!(sent("https", "https://board.lan") && !sent("https", "http://board.lan"));
        assert!(sent("http", "http://board.lan"));
    }

    #[test]
    fn forwarded_headers_count_only_from_a_trusted_proxy() {
        let sent = headers(&[
            ("host", "10.0.0.2:3000"),
            ("origin", "https://board.lan"),
            ("x-forwarded-host", "evil.lan, board.lan"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-for", "1.1.1.1, 2.2.2.2"),
        ]);
        let peer = IpAddr::from([127, 0, 0, 1]);
        let (direct, proxied) = (Config::isolated(""), proxied_by(ProxyHeader::XForwarded));
        assert!(!origin_allowed(&direct, &sent) && origin_allowed(&proxied, &sent));
        assert!(!is_secure(&direct, &sent) && is_secure(&proxied, &sent));
        let named = Config { public_url: Some("https://board.lan".into()), ..Config::isolated("") };
        assert!(is_secure(&named, &headers(&[("host", "board.lan")])), "there is no other way to it");
        assert_eq!(client_ip(&direct, &sent, peer), peer);
        assert_eq!(client_ip(&proxied, &sent, peer), IpAddr::from([2, 2, 2, 2]));
        let networks = vec!["10.0.0.0/8".parse().unwrap()];
        let far = Config { proxy: ProxySettings { networks, ..proxied.proxy.clone() }, ..proxied };
        assert_eq!(client_ip(&far, &sent, peer), peer, "another proxy than the one that connects");
    }

    #[test]
    fn of_two_headers_the_one_in_the_settings_counts() {
        let config = proxied_by(ProxyHeader::Forwarded);
        let sent = headers(&[
            ("host", "10.0.0.2:3000"),
            ("forwarded", "for=192.0.2.1;proto=https;host=board.lan"),
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-host", "evil.lan"),
            ("x-forwarded-proto", "http"),
        ]);
        assert_eq!(client_ip(&config, &sent, IpAddr::from([127, 0, 0, 1])), IpAddr::from([192, 0, 2, 1]));
        assert!(is_secure(&config, &sent) && host(&config, &sent).as_deref() == Some("board.lan"));
        let other = proxied_by(ProxyHeader::XForwarded);
        assert!(!is_secure(&other, &sent) && host(&other, &sent).as_deref() == Some("evil.lan"));
    }
}
