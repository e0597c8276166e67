//! Serves the page's files: style sheet, JavaScript, WASM, icons.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use app::Assets;
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use leptos::config::LeptosOptions;
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

/// The folder of the built files, below the site's root.
const PKG: &str = "pkg";
/// The base name of the built files.
const NAME: &str = "lockstep";
/// The extensions of the built files that a page refers to.
const BUILT: [&str; 3] = ["css", "js", "wasm"];

/// For addresses with a content version, which never change.
const CACHE_FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// For icons and the like: a new one may show an hour late.
const CACHE_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// Cached, but revalidated each time.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// The site's files, and the addresses under which pages refer to them.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
    serve: ServeDir,
    assets: Assets,
    version: Option<String>,
}

impl Files {
    /// Hashes the built files: `?v=<version>` makes an address that can be cached forever, and that another build does
    /// not mistake for its own. Under `cargo leptos watch` the files change while the server runs, so they keep their
    /// plain names.
    pub fn open(root: PathBuf) -> Self {
        let version = match version(&root.join(PKG)) {
            Ok(_) if watched() => None,
            Ok(version) => Some(version),
            Err(error) => {
                tracing::warn!(
                    site = %root.display(), %error,
                    "the page's assets are missing: pages show, but do not react. \
                     Build them with `make build`, or name their folder in LOCKSTEP_SITE"
                );
                None
            }
        };
        let suffix = version.as_ref().map(|version| format!("?v={version}")).unwrap_or_default();
        let address = |extension: &str| format!("/{PKG}/{NAME}.{extension}{suffix}");
        let assets = Assets { css: address("css"), js: address("js"), wasm: address("wasm") };
        let serve = ServeDir::new(&root)
            .append_index_html_on_directories(false)
            .redirect_to_trailing_slash(false)
            .precompressed_br()
            .precompressed_gzip();
        Self { root, serve, assets, version }
    }

    /// The version of the built files, which pages carry along.
    pub fn version(&self) -> Option<String> {
        self.version.clone()
    }

    /// The addresses for a page.
    pub fn assets(&self) -> Assets {
        self.assets.clone()
    }

    /// The options for Leptos.
    pub fn leptos_options(&self) -> LeptosOptions {
        LeptosOptions::builder()
            .output_name(NAME)
            .site_root(self.root.display().to_string())
            .site_pkg_dir(PKG)
            .reload_port(reload_port().unwrap_or(3001))
            .build()
    }

    /// The requested file, precompressed if the build did so. `None` if it does not exist, or the address has the
    /// version of another build.
    pub fn serve(&self, request: &Request) -> impl Future<Output = Option<Response>> + Send + use<> {
        let version = request.uri().query().and_then(|query| query.strip_prefix("v="));
        let of_this_build = version.is_none() || version == self.version.as_deref();
        let cache = match version {
            Some(_) => CACHE_FOREVER,
            None if watched() || request.uri().path().starts_with("/pkg/") => REVALIDATE,
            None => CACHE_AN_HOUR,
        };
        // A copy, because a request with its body cannot be shared between threads.
        let mut copy = Request::new(Body::empty());
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.headers_mut() = request.headers().clone();
        let serve = self.serve.clone();
        async move {
            if !of_this_build {
                return None;
            }
            let response = serve.oneshot(copy).await.unwrap_or_else(|never| match never {});
            if matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) {
                return None;
            }
            let mut response = response.map(Body::new);
            response.headers_mut().insert(header::CACHE_CONTROL, cache);
            Some(response)
        }
    }
}

/// The port of cargo-leptos' live reload under `cargo leptos watch`.
pub fn reload_port() -> Option<u32> {
    if !watched() {
        return None;
    }
    std::env::var("LEPTOS_RELOAD_PORT").ok()?.parse().ok()
}

fn watched() -> bool {
    std::env::var_os("LEPTOS_WATCH").is_some()
}

/// One version for all files: a page must not mix the JavaScript and the WASM of different builds.
fn version(pkg: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    for extension in BUILT {
        hash.update(fs::read(pkg.join(format!("{NAME}.{extension}")))?);
    }
    Ok(BASE64_URL_SAFE_NO_PAD.encode(&hash.finalize()[..12]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(PKG)).unwrap();
        for extension in BUILT {
            fs::write(folder.path().join(PKG).join(format!("{NAME}.{extension}")), extension).unwrap();
        }
        fs::write(folder.path().join("favicon.svg"), "<svg/>").unwrap();
        let files = Files::open(folder.path().into());
        (folder, files)
    }

    async fn cache_of(files: &Files, address: &str) -> Option<HeaderValue> {
        let request = Request::builder().uri(address).body(Body::empty()).unwrap();
        files.serve(&request).await.and_then(|response| response.headers().get(header::CACHE_CONTROL).cloned())
    }

    #[tokio::test]
    async fn an_address_with_the_version_is_cached_forever() {
        let (_folder, files) = site();
        assert_eq!(cache_of(&files, &files.assets().wasm).await, Some(CACHE_FOREVER));
        assert_eq!(cache_of(&files, "/pkg/lockstep.wasm").await, Some(REVALIDATE));
        assert_eq!(cache_of(&files, "/favicon.svg").await, Some(CACHE_AN_HOUR));
    }

    #[tokio::test]
    async fn the_address_of_another_build_is_not_found() {
        let (folder, before) = site();
        fs::write(folder.path().join(PKG).join("lockstep.css"), "changed").unwrap();
        let after = Files::open(folder.path().into());
        assert_eq!(cache_of(&after, &before.assets().js).await, None);
    }

    #[tokio::test]
    async fn nothing_outside_of_the_site_is_served() {
        let (_folder, files) = site();
        for address in ["/", "/pkg", "/pkg/", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/missing.js"] {
            let request = Request::builder().uri(address).body(Body::empty()).unwrap();
            assert_eq!(files.serve(&request).await.map(|response| response.status()), None, "{address}");
        }
    }
}
