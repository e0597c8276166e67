//! The JSON API: one file per resource. A handler extracts, calls its service, and responds.
//!
//! | module | contents |
//! | --- | --- |
//! | `session`, `page_user` | the signed-in user; the user whom the requesting page shows |
//! | `write` | extractors of writes: origin, op id, body |
//! | `body`, `detach` | limits of bodies; writes that outlive their connection |
//! | `error`, `etag` | errors as JSON; versions of responses |
//! | `docs` | OpenAPI and its viewer |
//! | others | the resources |

use axum::{
    Router,
    extract::{Request, State},
    http::Method,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use engine::ApiError;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{security, service::ServiceError, state::AppState};

mod account;
mod auth;
mod board;
mod body;
mod bulk;
mod comment;
pub(crate) mod detach;
mod docs;
mod error;
mod etag;
mod flow;
mod invitation;
mod member;
mod notification;
mod oversight;
mod page_user;
mod project;
mod report;
mod search;
pub mod session;
mod site;
mod socket_token;
mod status;
mod task;
mod watch;
mod write;

/// The API under `/api`, with its own responses to unknown paths and wrong methods.
pub fn router(state: &AppState) -> Router<AppState> {
    let (resources, _) = resources().split_for_parts();
    let api = resources
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(state.clone(), page_user::check))
        .layer(middleware::from_fn_with_state(state.clone(), same_origin))
        .layer(middleware::from_fn_with_state(state.clone(), body::limit));
    // Nested, so that its fallback responds to its own paths only.
    Router::new().nest("/api", api).merge(docs::routes(openapi()))
}

/// The OpenAPI document: every route of [`router`], generated from the handlers.
pub fn openapi() -> OpenApi {
    let described = OpenApiRouter::with_openapi(docs::document()).nest("/api", resources());
    docs::complete(described.into_openapi())
}

fn resources() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::change_password))
        .routes(routes!(auth::forgot_password))
        .routes(routes!(auth::reset_password))
        .routes(routes!(auth::verify_email))
        .routes(routes!(auth::me))
        .routes(routes!(account::get, account::update))
        .routes(routes!(account::ask_again))
        .routes(routes!(account::sessions, account::end_other_sessions))
        .routes(routes!(account::end_session))
        .routes(routes!(site::site))
        .routes(routes!(project::list, project::create))
        .routes(routes!(project::get, project::update, project::delete))
        .routes(routes!(invitation::list, invitation::create))
        .routes(routes!(invitation::offer, invitation::revoke))
        .routes(routes!(invitation::accept))
        .routes(routes!(invitation::decline))
        .routes(routes!(member::colleagues))
        .routes(routes!(member::list))
        .routes(routes!(member::update, member::remove))
        .routes(routes!(member::restore))
        .routes(routes!(status::list, status::create))
        .routes(routes!(status::update, status::delete))
        .routes(routes!(status::restore))
        .routes(routes!(board::board))
        .routes(routes!(board::events))
        .routes(routes!(search::search))
        .routes(routes!(task::create))
        .routes(routes!(bulk::change))
        .routes(routes!(task::get, task::update, task::delete))
        .routes(routes!(task::description))
        .routes(routes!(task::move_to))
        .routes(routes!(task::restore))
        .routes(routes!(task::assign))
        .routes(routes!(notification::list))
        .routes(routes!(notification::read))
        .routes(routes!(notification::preferences, notification::set_preferences))
        .routes(routes!(watch::watch, watch::unwatch))
        .routes(routes!(comment::thread, comment::create))
        .routes(routes!(comment::rewrite, comment::delete))
        .routes(routes!(comment::restore))
        .routes(routes!(comment::preview))
        .routes(routes!(oversight::workload))
        .routes(routes!(oversight::workload_csv))
        .routes(routes!(oversight::tasks))
        .routes(routes!(oversight::capacity, oversight::set_capacity))
        .routes(routes!(report::json))
        .routes(routes!(report::csv))
        .routes(routes!(report::markdown))
        .routes(routes!(flow::flow))
        .routes(routes!(socket_token::issue))
}

/// Refuses writes of foreign sites that carry this site's cookie.
async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || security::origin_allowed(&state.config, request.headers()) {
        return next.run(request).await;
    }
    ServiceError::from(ApiError::new(403, "bad_origin", "This request came from a page of another site."))
        .into_response()
}

async fn unknown_path() -> ServiceError {
    ApiError::new(404, "not_found", "There's nothing at this address.").into()
}

async fn wrong_method() -> ServiceError {
    ApiError::new(405, "method_not_allowed", "This address doesn't support that method.").into()
}
