//! Request origins: which origins may write and open sockets, and what trusted proxies say about clients.

mod forwarded;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Extension},
    http::{HeaderMap, header},
};

use crate::config::{Config, ProxyHeader};

/// Headers set by proxies. Removed unless the proxy is trusted.
const OF_PROXIES: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id"];

/// Whether a write or a socket upgrade has a permitted origin: a page of this host, or of an origin in
/// `LOCKSTEP_ALLOWED_ORIGINS`. Over TLS its page must have come over TLS too, since anyone on the way can modify one
/// that did not. Programs other than browsers send neither `Origin` nor `Sec-Fetch-Site`, carry no foreign cookies,
/// and pass.
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

/// Whether the browser reached us over TLS, by a trusted proxy or else by the public URL.
pub fn is_secure(config: &Config, headers: &HeaderMap) -> bool {
    match proto(config, headers) {
        Some(proto) => proto == "https",
        None => config.public_url.as_deref().is_some_and(|url| url.starts_with("https://")),
    }
}

/// The address that a request counts against. Without a peer, as in tests that call the router, it is unspecified.
pub fn address(config: &Config, headers: &HeaderMap, peer: Option<Extension<ConnectInfo<SocketAddr>>>) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(ConnectInfo(peer))| peer.ip());
    client_ip(config, headers, peer)
}

/// The origin of a request: the peer, or the client named by trusted proxies.
pub fn client_ip(config: &Config, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    if is_proxy(config, peer) { forwarded::client(config, headers, peer) } else { peer }
}

/// Whether the peer at an address is a trusted proxy.
pub(crate) fn is_proxy(config: &Config, peer: IpAddr) -> bool {
    config.proxy.trusted && is_in_proxy_networks(config, peer)
}

/// Whether an address belongs to the configured proxy networks, if there are any.
pub(crate) fn is_in_proxy_networks(config: &Config, peer: IpAddr) -> bool {
    config.proxy.networks.is_empty() || forwarded::is_in_networks(config, peer)
}

/// Removes proxy headers from the request of an untrusted peer.
pub(crate) fn remove_proxy_headers(headers: &mut HeaderMap) {
    for name in OF_PROXIES {
        headers.remove(name);
    }
}

/// The URL at which browsers reach this server: configured, or else as in this request. Only for links in the response
/// to the same client, which may name any host.
pub fn site(config: &Config, headers: &HeaderMap) -> String {
    if let Some(url) = &config.public_url {
        return url.clone();
    }
    let scheme = if is_secure(config, headers) { "https" } else { "http" };
    let plain = |host: &String| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-_[]".contains(&byte));
    host(config, headers).filter(plain).map(|host| format!("{scheme}://{host}")).unwrap_or_default()
}

/// The host in the browser's address bar.
pub(crate) fn host(config: &Config, headers: &HeaderMap) -> Option<String> {
    let host = match config.proxy.header {
        _ if !config.proxy.trusted => None,
        ProxyHeader::XForwarded => last(headers, "x-forwarded-host"),
        ProxyHeader::Forwarded => forwarded::outermost(config, headers).and_then(|hop| hop.host),
    };
    if host.is_some() {
        return host;
    }
    Some(headers.get(header::HOST)?.to_str().ok()?.to_ascii_lowercase())
}

/// The scheme in the browser's address bar, if a trusted proxy says so.
fn proto(config: &Config, headers: &HeaderMap) -> Option<String> {
    match config.proxy.header {
        _ if !config.proxy.trusted => None,
        ProxyHeader::XForwarded => last(headers, "x-forwarded-proto"),
        ProxyHeader::Forwarded => forwarded::outermost(config, headers)?.proto,
    }
}

/// The last value of a list: clients can forge earlier ones.
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

    /// Settings of a server behind a proxy with this header.
    fn proxied_by(header: ProxyHeader) -> Config {
        Config { proxy: ProxySettings { trusted: true, networks: Vec::new(), header }, ..Config::isolated("") }
    }

    #[test]
    fn a_page_of_the_same_host_is_allowed() {
        let config = Config::isolated("");
        assert!(allowed(&config, &[("host", "board.lan:3000"), ("origin", "http://board.lan:3000")]));
        assert!(allowed(&config, &[("host", "board.lan"), ("origin", "https://board.lan")]));
        assert!(allowed(&config, &[("host", "board.lan:443"), ("origin", "https://board.lan")]));
    }

    #[test]
    fn a_page_of_another_host_is_refused() {
        let config = Config::isolated("");
        for origin in ["http://evil.lan", "http://board.lan:3001", "http://board.lan.evil", "null", ""] {
            assert!(!allowed(&config, &[("host", "board.lan:3000"), ("origin", origin)]), "{origin}");
        }
        assert!(!allowed(&config, &[("host", "board.lan"), ("sec-fetch-site", "cross-site")]));
        assert!(!allowed(&config, &[("origin", "http://board.lan")]));
    }

    #[test]
    fn links_use_the_public_url_or_the_requested_host() {
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
    fn a_program_without_an_origin_is_allowed() {
        assert!(allowed(&Config::isolated(""), &[("host", "board.lan")]));
    }

    #[test]
    fn a_configured_origin_is_allowed() {
        let config = Config { allowed_origins: vec!["https://other.lan".into()], ..Config::isolated("") };
        assert!(allowed(&config, &[("host", "board.lan"), ("origin", "https://other.lan")]));
        assert!(!allowed(&config, &[("host", "board.lan"), ("origin", "http://other.lan")]));
    }

    #[test]
    fn with_a_public_url_only_its_own_scheme_and_host_are_allowed() {
        let config = Config { public_url: Some("https://board.lan".into()), ..Config::isolated("") };
        for origin in ["https://board.lan", "https://board.lan:443"] {
            assert!(allowed(&config, &[("host", "board.lan"), ("origin", origin)]), "{origin}");
        }
        for origin in ["http://board.lan", "https://board.lan:8443", "http://board.lan:443", "https://evil.lan"] {
            assert!(!allowed(&config, &[("host", "board.lan"), ("origin", origin)]), "{origin}");
            // Even if the host is the attacker's own.
            let host = origin.split_once("://").unwrap().1;
            assert!(!allowed(&config, &[("host", host), ("origin", origin)]), "{origin}");
        }
        let other = Config { allowed_origins: vec!["https://other.lan".into()], ..config };
        assert!(allowed(&other, &[("host", "board.lan"), ("origin", "https://other.lan")]));
    }

    #[test]
    fn over_tls_a_page_that_came_without_it_is_refused() {
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
    fn the_configured_header_wins() {
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
