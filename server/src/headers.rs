//! Security headers of responses.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

const COMMON: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // The addresses of boards are private.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// For everything but pages: nothing in it may run, load or be framed.
const DATA_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");

/// For the service worker, which fetches only pages and files of this server.
pub const WORKER_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'");

/// For the API viewer, our own copy of Swagger UI: it uses inline styles and icons from data URLs.
const VIEWER_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// Paths of pages with a secret in their address: their own, or in `next`.
const SECRET_PAGES: [&str; 4] = ["/invitations/", "/unsubscribe/", "/login", "/register"];

/// Adds the headers to every response. Pages set their own content policy, which contains a nonce.
pub async fn secure(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let viewer = path.starts_with("/api/docs");
    let secret = SECRET_PAGES.iter().any(|page| path.starts_with(page));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in COMMON {
        headers.insert(name, value);
    }
    if secret {
        // Not even to this site, whose proxy may log it.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    }
    let policy = if viewer { VIEWER_POLICY } else { DATA_POLICY };
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    // Responses stay out of every cache unless they say otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The content policy of a page: its own files, its WASM, and the inline scripts with `nonce`. Style attributes are
/// allowed, for user-chosen colours; style sheets must be ours. `reload_port` is cargo-leptos' live reload, in
/// development.
pub fn page_policy(nonce: &str, reload_port: Option<u32>) -> String {
    // Some older browsers don't include sockets in 'self', but all that run the WASM do.
    let reload = reload_port.map(|port| format!(" ws://*:{port}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'{reload}; \
         manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_reload_is_allowed_only_in_development() {
        assert!(page_policy("n", None).contains("connect-src 'self';"));
        assert!(page_policy("n", Some(3001)).contains("connect-src 'self' ws://*:3001;"));
    }
}
