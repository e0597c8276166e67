//! Renders the pages with the same services as the API; browsers hydrate them.

use std::{
    future::poll_fn,
    sync::{Arc, LazyLock, OnceLock},
};

use app::{App, PageUser, Respond, WORKER, backend::Backend, shell};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use engine::ApiError;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::{AxumRouteListing, LeptosRoutes as _, ResponseOptions, generate_route_list};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    assets, headers,
    http::session,
    service::{ServiceError, account::CurrentSession},
    state::AppState,
};

mod backend;

use backend::PageBackend;

/// Pages that need no session.
const PUBLIC: [&str; 5] = ["/login", "/register", "/forgot-password", "/reset-password", "/verify-email"];
/// Whether a page is public, which includes invitations: their link is enough.
fn is_public(path: &str) -> bool {
    PUBLIC.contains(&path) || engine::invitation::token_of(path).is_some()
}

/// Characters that need no encoding in a query value.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The app's routes, generated once per process: while leptos generates them, no resource of any page in the process
/// loads, and a request that began just then would never be answered.
// Without a backend in the context the app renders nothing but its routes.
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The pages, the site's files, and the response to everything else.
pub fn router() -> Router<AppState> {
    Router::new().route("/sw.js", get(worker)).leptos_routes_with_handler(ROUTES.clone(), page).fallback(other)
}

/// Serves a page of the app. Users who are not signed in are redirected to the sign-in page, which leads back here.
async fn page(State(state): State<AppState>, request: Request) -> Response {
    let session = match session::current_of(&state, request.headers(), request.extensions()).await {
        Ok(session) => session,
        Err(error) => return ServiceError::from(error).into_response(),
    };
    if session.is_none() && !is_public(request.uri().path()) {
        return sign_in_first(&request);
    }
    render(state, session, request).await
}

/// Serves the service worker. Browsers request it again by themselves.
async fn worker() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, headers::WORKER_POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, WORKER)
}

/// Serves a file of the site, or 404.
async fn other(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if let Some(file) = state.files.serve(&request).await {
        return file;
    }
    let for_programs = ["/api/", "/ws/", "/pkg/"].iter().any(|prefix| path.starts_with(prefix));
    if for_programs || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ServiceError::from(ApiError::new(404, "not_found", "There's nothing at this address.")).into_response();
    }
    // If the session cannot be read, the page is rendered as for a stranger.
    let session = session::current(&state, request.headers()).await.unwrap_or_default();
    let mut response = render(state, session, request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

fn sign_in_first(request: &Request) -> Response {
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let location = match wanted {
        "/" => "/login".to_owned(),
        _ => format!("/login?next={}", utf8_percent_encode(wanted, QUERY_VALUE)),
    };
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

/// Renders a page, restoring its own context at each step.
///
/// leptos 0.8 reads the title between two steps, in whatever context the thread had before: that of another page, so
/// that the title named another user's project, or none, which panics.
async fn render(state: AppState, session: Option<CurrentSession>, request: Request) -> Response {
    let options = state.leptos_options.clone();
    let of_page = Arc::new(OnceLock::new());
    let found = of_page.clone();
    let context = move || {
        if let Some(owner) = Owner::current() {
            let _ = found.set(owner);
        }
        let response: ResponseOptions = expect_context();
        response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        if let Ok(policy) = headers::page_policy(&nonce, assets::reload_port()).try_into() {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        let respond = move |status| {
            if let Ok(status) = StatusCode::from_u16(status) {
                response.set_status(status);
            }
        };
        provide_context(Respond(Arc::new(respond)));
        provide_context(state.files.assets());
        if let Some(session) = &session {
            provide_context(PageUser(session.user.id));
        }
        let backend: Arc<dyn Backend> = Arc::new(PageBackend::new(state.clone(), session.clone()));
        provide_context(backend);
    };
    let mut rendering = leptos_axum::render_app_async_with_context(context, move || shell(options.clone()))(request);
    poll_fn(|step| match of_page.get() {
        Some(owner) => Owner::with(owner, || rendering.as_mut().poll(step)),
        None => rendering.as_mut().poll(step),
    })
    .await
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn location(wanted: &str) -> String {
        let request = Request::builder().uri(wanted).body(Body::empty()).unwrap();
        sign_in_first(&request).headers()[header::LOCATION].to_str().unwrap().to_owned()
    }

    #[test]
    fn the_sign_in_page_leads_back() {
        assert_eq!(location("/"), "/login");
        assert_eq!(location("/projects/1?task=2&x=%20"), "/login?next=/projects/1%3Ftask%3D2%26x%3D%2520");
    }
}
