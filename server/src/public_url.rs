//! Enforces `LOCKSTEP_PUBLIC_URL`: requests for other hosts are refused, and browsers stay with TLS.
//!
//! A server that responds to any host serves its pages to foreign sites whose names resolve to it (DNS rebinding), and
//! sends e-mail with links to whatever host a client named.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use engine::ApiError;

use crate::{config::Config, security, service::ServiceError};

/// Requested by load balancers and monitoring by address rather than by name.
const PROBES: [&str; 4] = ["/health", "/ready", "/health/realtime", "/metrics"];
/// A year, for this host only: its subdomains are not ours to decide.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Refuses requests for another host (421 `wrong_host`), and sets HSTS.
pub(crate) async fn hold_to(State(config): State<Arc<Config>>, request: Request, next: Next) -> Response {
    let Some(url) = &config.public_url else { return next.run(request).await };
    let plain = security::is_plain(&config, request.headers());
    let is_probe = PROBES.contains(&request.uri().path());
    let mut response = if is_probe || is_asked_for(&config, &request, url) {
        next.run(request).await
    } else {
        let error = ApiError::new(
            StatusCode::MISDIRECTED_REQUEST.as_u16(),
            "wrong_host",
            "This server doesn't answer for this host. Use the address in LOCKSTEP_PUBLIC_URL.",
        );
        ServiceError::from(error).into_response()
    };
    // Browsers ignore it over plain HTTP.
    if url.starts_with("https://") && !plain {
        response.headers_mut().entry(header::STRICT_TRANSPORT_SECURITY).or_insert(HSTS);
    }
    response
}

/// Whether every host in a request is that of the URL. Ports are not compared, since proxies omit them.
fn is_asked_for(config: &Config, request: &Request, url: &str) -> bool {
    let Some((_, own)) = url.split_once("://") else { return false };
    // `GET http://other/ HTTP/1.1`
    let in_target = request.uri().authority().map(|authority| authority.as_str().to_ascii_lowercase());
    let mut hosts = request.headers().get_all(header::HOST).into_iter();
    if hosts.next().is_none() || hosts.next().is_some() {
        return false;
    }
    let named = security::host(config, request.headers()).into_iter().chain(in_target).collect::<Vec<_>>();
    !named.is_empty() && named.iter().all(|host| name(host) == name(own))
}

/// A host without its port.
fn name(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        // Not the end of an IPv6 address.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn answered(url: &str, target: &str, hosts: &[&str]) -> bool {
        let mut request = Request::builder().uri(target);
        for host in hosts {
            request = request.header("host", *host);
        }
        is_asked_for(&Config::isolated(""), &request.body(Body::empty()).unwrap(), url)
    }

    #[test]
    fn its_own_host_is_served_with_and_without_a_port() {
        let url = "https://board.example.org";
        for host in ["board.example.org", "Board.Example.ORG", "board.example.org:443", "board.example.org:8080"] {
            assert!(answered(url, "/", &[host]), "{host}");
        }
        assert!(answered(url, "https://board.example.org/", &["board.example.org"]));
        assert!(answered("http://[::1]:3000", "/", &["[::1]:3000"]) && answered("http://[::1]", "/", &["[::1]"]));
        assert!(answered("http://localhost:3000", "/", &["localhost:3000"]));
    }

    #[test]
    fn other_hosts_are_refused() {
        let url = "https://board.example.org";
        for host in [
            "evil.example",
            "board.example.org.evil.example",
            "evil.example:443",
            "xboard.example.org",
            "board.example.org@evil.example",
            "board.example.org:443.evil.example",
            "board.example.org.",
            "127.0.0.1",
            "[::1]",
            "",
        ] {
            assert!(!answered(url, "/", &[host]), "{host}");
        }
        assert!(!answered(url, "/", &[]), "none");
        assert!(!answered(url, "/", &["board.example.org", "evil.example"]), "two");
        assert!(!answered(url, "http://evil.example/", &["board.example.org"]), "another in the target");
    }
}
