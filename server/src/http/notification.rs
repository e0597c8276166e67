//! `/api/notifications`: the user's notifications and preferences.

use axum::extract::State;
use engine::{
    NotificationId,
    error::ErrorBody,
    notification::{NotificationPage, Preferences},
};
use serde::Deserialize;

use super::{
    session::CurrentUser,
    write::{Query, Write},
};
use crate::{
    realtime::NotificationFrame,
    service::{
        ServiceError, Services,
        notification::{self, ReadMark, Unread},
        preferences,
    },
    store::Store,
};

/// A filter of notifications.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct NotificationFilter {
    /// 1 for unread ones only.
    #[serde(default)]
    unread: u8,
    /// Only notifications older than this one.
    #[serde(default)]
    before: Option<NotificationId>,
}

/// List notifications, newest first, at most 50.
#[utoipa::path(
    get, path = "/notifications", tag = "notifications", params(NotificationFilter),
    responses((status = 200, body = NotificationPage), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn list(
    CurrentUser(user): CurrentUser,
    State(store): State<Store>,
    Query(NotificationFilter { unread, before }): Query<NotificationFilter>,
) -> Result<axum::Json<NotificationPage>, ServiceError> {
    Ok(axum::Json(notification::list(&store, &user, unread != 0, before).await?))
}

/// Mark notifications as read: some, all, or all up to one.
#[utoipa::path(
    post, path = "/notifications/read", tag = "notifications", request_body = ReadMark,
    responses((status = 200, body = Unread), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn read(
    State(services): State<Services>,
    Write(intent, mark): Write<ReadMark>,
) -> Result<axum::Json<Unread>, ServiceError> {
    let read = notification::read(&services.store, intent.user.id, mark).await?;
    services.realtime.notify(intent.user.id, NotificationFrame::read(&read));
    Ok(axum::Json(Unread { unread: read.unread }))
}

/// Get your notification preferences.
#[utoipa::path(
    get, path = "/notifications/preferences", tag = "notifications",
    responses((status = 200, body = Preferences), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn preferences(
    CurrentUser(user): CurrentUser,
    State(services): State<Services>,
) -> Result<axum::Json<Preferences>, ServiceError> {
    Ok(axum::Json(preferences::get(&services, &user).await?))
}

/// Replace your notification preferences.
#[utoipa::path(
    put, path = "/notifications/preferences", tag = "notifications", request_body = Preferences,
    responses((status = 200, body = Preferences), (status = "4XX", body = ErrorBody))
)]
pub(super) async fn set_preferences(
    State(services): State<Services>,
    Write(intent, wanted): Write<Preferences>,
) -> Result<axum::Json<Preferences>, ServiceError> {
    Ok(axum::Json(preferences::put(&services, &intent.user, wanted).await?))
}
