//! What trusted proxies say about the client, in `X-Forwarded-For` or `Forwarded` (RFC 7239).
//!
//! Each proxy appends its peer, so lists are read from the end, and only as far as trusted proxies wrote them: clients
//! can forge the rest.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

use crate::config::{Config, ProxyHeader};

/// A proxy's statement about its peer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hop {
    /// The peer's address; `None` if the proxy hides it (`unknown`, `_name`), or it is invalid.
    address: Option<IpAddr>,
    /// `http` or `https`.
    pub(super) proto: Option<String>,
    /// The requested host.
    pub(super) host: Option<String>,
}

/// The origin of a request that a trusted proxy at `peer` forwarded.
pub(super) fn client(config: &Config, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let name = match config.proxy.header {
        ProxyHeader::XForwarded => "x-forwarded-for",
        ProxyHeader::Forwarded => "forwarded",
    };
    let read = match config.proxy.header {
        ProxyHeader::XForwarded => |element: &str| Hop { address: address(element), ..Hop::default() },
        ProxyHeader::Forwarded => hop,
    };
    let mut client = peer;
    for element in elements(headers, name) {
        // The previous one is the last that is known.
        let Some(address) = read(element).address else { return client };
        client = address;
        if !is_in_networks(config, address) {
            break;
        }
    }
    client
}

/// The statement of the outermost trusted proxy in `Forwarded`.
pub(super) fn outermost(config: &Config, headers: &HeaderMap) -> Option<Hop> {
    let mut outermost = None;
    for element in elements(headers, "forwarded") {
        let hop = hop(element);
        let is_proxy = hop.address.is_some_and(|address| is_in_networks(config, address));
        outermost = Some(hop);
        if !is_proxy {
            break;
        }
    }
    outermost
}

/// Whether an address belongs to the configured proxy networks.
pub(super) fn is_in_networks(config: &Config, address: IpAddr) -> bool {
    let address = address.to_canonical();
    config.proxy.networks.iter().any(|network| network.contains(&address))
}

/// The elements of a list, the last one first.
fn elements<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let lines: Vec<_> = headers.get_all(name).into_iter().collect();
    // A non-text line hides its contents and everything before it.
    let lines = lines.into_iter().rev().map(|line| line.to_str().unwrap_or("unknown"));
    lines.flat_map(|line| FromEnd { rest: Some(line) }).map(str::trim).filter(|element| !element.is_empty())
}

/// The elements of a line from its end. From the beginning, an unclosed quotation mark of the client's would swallow
/// what the proxy appended.
struct FromEnd<'a> {
    rest: Option<&'a str>,
}

impl<'a> Iterator for FromEnd<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let comma = outside_of_quotes(rest, b',').last();
        let (before, element) = match comma {
            Some(at) => (rest.get(..at), rest.get(at + 1..)),
            None => (None, Some(rest)),
        };
        self.rest = before;
        element
    }
}

/// Positions of a character outside quotes, counting quotes from the end; ascending.
fn outside_of_quotes(text: &str, sign: u8) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let (mut quoted, mut found) = (false, Vec::new());
    for (at, byte) in bytes.iter().enumerate().rev() {
        let escaped = bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1;
        match *byte {
            b'"' if !escaped => quoted = !quoted,
            byte if byte == sign && !quoted => found.push(at),
            _ => {}
        }
    }
    found.into_iter().rev()
}

/// Parses an element of `Forwarded`: `for="[2001:db8::1]:4711";proto=https;host=board.lan`.
fn hop(element: &str) -> Hop {
    let mut hop = Hop::default();
    let (mut start, mut named) = (0, false);
    let ends = outside_of_quotes(element, b';').chain([element.len()]);
    for end in ends {
        let pair = element.get(start..end).unwrap_or_default();
        start = end + 1;
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = unquoted(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            // Proxies don't repeat it.
            "for" if named => hop.address = None,
            "for" => (hop.address, named) = (address(&value), true),
            "proto" => hop.proto = Some(value.to_ascii_lowercase()),
            "host" => hop.host = Some(value.to_ascii_lowercase()),
            _ => {}
        }
    }
    hop
}

/// A value without quotes and escapes.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else { return value.into() };
    let mut text = String::with_capacity(inner.len());
    let mut signs = inner.chars();
    while let Some(sign) = signs.next() {
        text.extend(if sign == '\\' { signs.next() } else { Some(sign) });
    }
    text
}

/// Parses an address with or without a port: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`,
/// `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = text.parse().ok().or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::config::ProxySettings;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    fn asks(header: ProxyHeader, networks: &[&str], lines: &[&str]) -> String {
        let networks = networks.iter().map(|network| network.parse().unwrap()).collect();
        let config = Config { proxy: ProxySettings { trusted: true, networks, header }, ..Config::isolated("") };
        let name = match header {
            ProxyHeader::XForwarded => "x-forwarded-for",
            ProxyHeader::Forwarded => "forwarded",
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        client(&config, &headers, PEER).to_string()
    }

    #[test]
    fn the_last_address_is_the_client_in_every_form() {
        for (line, client) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("1.1.1.1, 192.0.2.1 ", "192.0.2.1"),
            ("1.1.1.1, 192.0.2.1,, ", "192.0.2.1"),
            ("unknown", "10.0.0.1"),
            ("1.1.1.1, unknown", "10.0.0.1"),
            ("1.1.1.1, _hidden", "10.0.0.1"),
            ("1.1.1.1, 192.0.2.1:port", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(asks(ProxyHeader::XForwarded, &[], &[line]), client, "{line}");
        }
        assert_eq!(asks(ProxyHeader::XForwarded, &[], &["1.1.1.1", "192.0.2.1"]), "192.0.2.1", "the last line");
        assert_eq!(asks(ProxyHeader::XForwarded, &[], &[]), "10.0.0.1");
    }

    #[test]
    fn forwarded_is_parsed_after_its_standard() {
        for (line, client) in [
            ("for=192.0.2.1", "192.0.2.1"),
            ("For=\"192.0.2.1:4711\"; Proto=https", "192.0.2.1"),
            ("for=\"[2001:db8::1]:4711\";by=10.0.0.1", "2001:db8::1"),
            ("proto=https;for=\"[2001:db8::1]\"", "2001:db8::1"),
            ("for=1.1.1.1, for=192.0.2.1;host=\"a,b;c\"", "192.0.2.1"),
            ("for=\"192.0\\.2.1\"", "192.0.2.1"),
            ("for=1.1.1.1, for=unknown", "10.0.0.1"),
            ("for=1.1.1.1, for=_gazonk", "10.0.0.1"),
            ("for=1.1.1.1, proto=https", "10.0.0.1"),
            ("for=1.1.1.1;for=192.0.2.1", "10.0.0.1"),
            // Quotes that the client opened and did not close.
            ("for=\"1.1.1.1, for=192.0.2.1", "192.0.2.1"),
            ("for=1.1.1.1;host=\"x, for=192.0.2.1;proto=http", "192.0.2.1"),
            ("192.0.2.1", "10.0.0.1"),
        ] {
            assert_eq!(asks(ProxyHeader::Forwarded, &[], &[line]), client, "{line}");
        }
    }

    #[test]
    fn only_known_proxies_are_skipped() {
        let asks = |networks: &[&str], line| asks(ProxyHeader::XForwarded, networks, &[line]);
        let chain = "1.1.1.1, 192.0.2.1, 10.0.0.3, 10.0.0.2";
        assert_eq!(asks(&[], chain), "10.0.0.2", "only whoever connects is known to be one");
        assert_eq!(asks(&["10.0.0.0/8"], chain), "192.0.2.1");
        assert_eq!(asks(&["10.0.0.2/32"], chain), "10.0.0.3");
        assert_eq!(asks(&["10.0.0.0/8"], "10.0.0.3, 10.0.0.2"), "10.0.0.3", "a client among them");
        assert_eq!(asks(&["10.0.0.0/8"], "1.1.1.1, unknown, 10.0.0.2"), "10.0.0.2");
        assert_eq!(asks(&["fd00::/8"], "2001:db8::1, [fd00::2]:80"), "2001:db8::1");
        assert_eq!(asks(&["10.0.0.0/8"], "192.0.2.1, ::ffff:10.0.0.2"), "192.0.2.1");
    }

    #[test]
    fn the_outermost_trusted_proxy_reports_the_scheme_and_host() {
        let (networks, header) = (vec!["10.0.0.0/8".parse().unwrap()], ProxyHeader::Forwarded);
        let config = Config { proxy: ProxySettings { trusted: false, networks, header }, ..Config::isolated("") };
        let line = "for=1.1.1.1;proto=http, for=192.0.2.1;proto=HTTPS;host=\"Board.lan\", for=10.0.0.2;proto=http";
        let headers = [("forwarded".parse().unwrap(), HeaderValue::from_static(line))];
        let hop = outermost(&config, &HeaderMap::from_iter(headers)).unwrap();
        assert_eq!((hop.proto.as_deref(), hop.host.as_deref()), (Some("https"), Some("board.lan")));
        assert_eq!(outermost(&config, &HeaderMap::new()), None);
    }
}
