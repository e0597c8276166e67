//! `/api/site`.

use std::sync::Arc;

use app::backend::Site;
use axum::{Json, extract::State};

use crate::{config::Config, site};

/// Get what the sign-in page needs before sign-in.
#[utoipa::path(get, path = "/site", tag = "auth", responses((status = 200, body = Site)))]
pub(super) async fn site(State(config): State<Arc<Config>>) -> Json<Site> {
    Json(site::describe(&config))
}
