//! The user whom a page shows, named by its requests: sessions of another user are refused.
//!
//! All tabs of a browser share one session cookie. If someone signs in as another user in one tab, the pages in the
//! other tabs would act as that user without knowing it.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use engine::{ApiError, UserId};

use super::session;
use crate::{service::ServiceError, state::AppState};

/// The header that names the page's user. Scripts may omit it.
pub(super) const HEADER: &str = "lockstep-user";
/// The query parameter for downloads, which are links and carry no header.
const PARAMETER: &str = "page_user=";
/// Requests that replace the session or need none: the user does not matter.
const OPEN: [&str; 6] =
    ["/auth/login", "/auth/register", "/auth/forgot-password", "/auth/reset-password", "/auth/verify-email", "/site"];

/// Refuses a request whose page shows another user than the session's: 409 `other_user`. A layer, so that no route can
/// forget it.
pub(super) async fn check(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let named = match named(request.headers(), request.uri().query()) {
        Ok(Some(named)) => named,
        Ok(None) => return next.run(request).await,
        Err(error) => return ServiceError::from(error).into_response(),
    };
    if OPEN.contains(&request.uri().path().trim_start_matches("/api")) {
        return next.run(request).await;
    }
    match session::current_of(&state, request.headers(), request.extensions()).await {
        Ok(Some(session)) if session.user.id != named => ServiceError::from(other_user()).into_response(),
        Ok(Some(session)) => {
            request.extensions_mut().insert(session);
            next.run(request).await
        }
        // The route decides whether it needs a session.
        Ok(None) => next.run(request).await,
        Err(error) => ServiceError::from(error).into_response(),
    }
}

fn named(headers: &HeaderMap, query: Option<&str>) -> Result<Option<UserId>, ApiError> {
    let in_query = query.into_iter().flat_map(|query| query.split('&')).filter_map(|pair| pair.strip_prefix(PARAMETER));
    let in_headers = headers.get_all(HEADER).into_iter().map(|value| value.to_str().unwrap_or_default());
    let mut named = None;
    for text in in_headers.chain(in_query) {
        let user: UserId = text.parse().map_err(|_| bad_user())?;
        if named.replace(user).is_some_and(|before| before != user) {
            return Err(bad_user());
        }
    }
    Ok(named)
}

fn bad_user() -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST.as_u16(), "bad_user", "Lockstep-User must be a single user id.")
}

fn other_user() -> ApiError {
    ApiError::new(StatusCode::CONFLICT.as_u16(), "other_user", "You're signed in as someone else now. Reload the page.")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const ANN: &str = "00000000-0000-4000-8000-000000000001";
    const BEN: &str = "00000000-0000-4000-8000-000000000002";

    fn of(headers: &[&'static str], query: Option<&str>) -> Result<Option<String>, ApiError> {
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(HEADER, HeaderValue::from_static(value));
        }
        named(&map, query).map(|user| user.map(|user| user.to_string()))
    }

    #[test]
    fn at_most_one_user_is_named() {
        assert_eq!(of(&[], None), Ok(None));
        assert_eq!(of(&[], Some("user=x&unit=day")), Ok(None), "a parameter of the route's own");
        assert_eq!(of(&[ANN], None), Ok(Some(ANN.into())));
        assert_eq!(of(&[ANN, ANN], Some(&format!("unit=day&page_user={ANN}"))), Ok(Some(ANN.into())));
        assert_eq!(of(&[], Some(&format!("page_user={ANN}"))), Ok(Some(ANN.into())));
        for bad in [of(&[""], None), of(&["ann"], None), of(&[ANN, BEN], None), of(&[ANN], Some("page_user="))] {
            assert_eq!(bad, Err(bad_user()));
        }
        let value = HeaderValue::from_bytes(b"\xff").unwrap();
        assert_eq!(named(&HeaderMap::from_iter([(HEADER.parse().unwrap(), value)]), None), Err(bad_user()));
    }
}
