//! Extractors of paths, queries and bodies.

use std::{error::Error, fmt::Write as _, num::NonZeroU32};

use axum::{
    body::Bytes,
    extract::{
        FromRequest, FromRequestParts, Request,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, request::Parts},
    response::IntoResponse as _,
};
use engine::{ApiError, OpId};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::session::CurrentUser;
use crate::{
    connections::TooSlow,
    service::{Intent, ServiceError},
    state::AppState,
};

/// PostgreSQL cannot store NUL in texts, so it is refused everywhere, also on SQLite.
const NUL: &str = "NUL characters aren't allowed.";
/// The header that carries the op id.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A JSON body, refused with `bad_json`, `invalid` or `body_too_large`. An empty body counts as `{}`.
pub(super) struct Json<T>(pub(super) T);

/// A write by the signed-in user: its op and its body. Refused with `too_many_writes`.
pub(super) struct Write<T>(pub(super) Intent, pub(super) T);

/// The body of a write without fields.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Path parameters. An unparsable one names nothing: 404.
pub(super) struct Path<T>(pub(super) T);

/// Query parameters, refused with `invalid`.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = ServiceError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ServiceError> {
        Ok(Self(parse(&body(request, state).await?)?))
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for Write<T> {
    type Rejection = ServiceError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ServiceError> {
        let (mut parts, content) = request.into_parts();
        let CurrentUser(user) = CurrentUser::from_request_parts(&mut parts, state).await?;
        state.services.write_limit.count(user.id, NonZeroU32::MIN)?;
        let key = op_id(&parts.headers)?;
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let bytes = body(Request::from_parts(parts, content), state).await?;
        let intent = match key {
            None => Intent::once(user),
            Some(op_id) => {
                let mut hash = Sha256::new();
                hash.update(method.as_str());
                hash.update(b"\n");
                hash.update(&path);
                hash.update(b"\n");
                hash.update(&bytes);
                let fingerprint = hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
                    // Writing to a string cannot fail.
                    let _ = write!(hex, "{byte:02x}");
                    hex
                });
                Intent { user, op_id, fingerprint: Some(fingerprint) }
            }
        };
        Ok(Self(intent, parse(&bytes)?))
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for Path<T> {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ServiceError> {
        match axum::extract::Path::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(ApiError::new(404, "not_found", "There's nothing at this address.").into()),
        }
    }
}

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ServiceError> {
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(ApiError::new(422, "invalid", NUL).into());
        }
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(bad_query(&rejection).into()),
        }
    }
}

fn op_id(headers: &HeaderMap) -> Result<Option<OpId>, ServiceError> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match key.to_str().ok().and_then(|key| Uuid::parse_str(key).ok()) {
        Some(uuid) => Ok(Some(OpId::new(uuid))),
        None => Err(ApiError::new(400, "bad_op_id", "Idempotency-Key must be a UUID.").into()),
    }
}

async fn body(request: Request, state: &AppState) -> Result<Bytes, ServiceError> {
    Bytes::from_request(request, state).await.map_err(|rejection: BytesRejection| {
        if is_too_slow(&rejection) {
            return ApiError::new(408, "request_timeout", "The request took too long to arrive. Try again.").into();
        }
        match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => ApiError::new(400, "bad_body", "The request broke off."),
        }
        .into()
    })
}

/// The error for a body that is too large.
pub(super) fn too_large() -> ApiError {
    ApiError::new(413, "body_too_large", "This request is too large.")
}

fn is_too_slow(rejection: &BytesRejection) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(rejection);
    while let Some(error) = cause {
        if error.is::<TooSlow>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ServiceError> {
    use serde_json::error::Category;
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        match cause.classify() {
            Category::Data => {
                let message = sentence(&cause);
                let error = ApiError::new(422, "invalid", message.clone());
                match field(&path, &message) {
                    Some(field) => error.on(field),
                    None => error,
                }
            }
            Category::Io | Category::Syntax | Category::Eof => bad_json(&cause),
        }
    })?;
    json.end().map_err(|error| bad_json(&error))?;
    match field_with_nul(bytes) {
        Some(field) => Err(ApiError::new(422, "invalid", NUL).on(field).into()),
        None => Ok(value),
    }
}

/// What is wrong with a value, without the position in the text: the field is named beside it.
fn sentence(cause: &serde_json::Error) -> String {
    let message = cause.to_string();
    let place = format!(" at line {} column {}", cause.line(), cause.column());
    message.strip_suffix(&place).map_or_else(|| message.clone(), str::to_owned)
}

/// The path of the first text with a NUL in a JSON document.
fn field_with_nul(bytes: &[u8]) -> Option<String> {
    const ESCAPED: &[u8] = b"\\u0000";
    // A bare NUL is invalid JSON. The document is parsed again only if it may contain an escaped one.
    if !bytes.windows(ESCAPED.len()).any(|part| part == ESCAPED) {
        return None;
    }
    fn find(value: &Value, path: &str) -> Option<String> {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::String(text) => text.contains('\0').then(|| path.to_owned()),
            Value::Array(list) => {
                list.iter().zip(0..).find_map(|(entry, index)| find(entry, &format!("{path}[{index}]")))
            }
            Value::Object(fields) => fields.iter().find_map(|(name, value)| {
                if name.contains('\0') { Some(path.to_owned()) } else { find(value, &below(name)) }
            }),
            _ => None,
        }
    }
    find(&serde_json::from_slice(bytes).ok()?, "")
}

/// The field at fault: where parsing stopped, or the missing or unknown one.
fn field(path: &str, message: &str) -> Option<String> {
    let named = message.strip_prefix("missing field `").or_else(|| message.strip_prefix("unknown field `"));
    match named.and_then(|rest| rest.split_once('`')) {
        Some((name, _)) => Some(name.to_owned()),
        None if path == "." => None,
        None => Some(path.to_owned()),
    }
}

/// Names the parameter at fault, if the parser did.
fn bad_query(rejection: &QueryRejection) -> ApiError {
    let mut cause = rejection.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<serde_path_to_error::Error<serde::de::value::Error>>() {
            let message = error.inner().to_string();
            let field = field(&error.path().to_string(), &message);
            let error = ApiError::new(422, "invalid", message);
            return match field {
                Some(field) => error.on(field),
                None => error,
            };
        }
        cause = error.source();
    }
    ApiError::new(422, "invalid", rejection.body_text())
}

fn bad_json(cause: &serde_json::Error) -> ApiError {
    ApiError::new(400, "bad_json", format!("The body is not JSON: {cause}"))
}

#[cfg(test)]
mod tests {
    use engine::TaskDraft;

    use super::*;

    fn refused(body: &str) -> (u16, String, Option<String>) {
        let error = parse::<TaskDraft>(body.as_bytes()).err().map(ServiceError::into_error).unwrap();
        (error.status, error.code.into_owned(), error.field.map(Into::into))
    }

    #[test]
    fn a_nul_is_found_anywhere() {
        for (body, field) in [
            (r#"{"a":"\u0000"}"#, Some("a")),
            (r#"{"a":[{"b":"x\u0000"}]}"#, Some("a[0].b")),
            (r#"{"a":{"\u0000":1}}"#, Some("a")),
            (r#"{"a":"\\u0000"}"#, None),
            (r#"{"a":"b"}"#, None),
        ] {
            assert_eq!(field_with_nul(body.as_bytes()).as_deref(), field, "{body}");
        }
    }

    #[test]
    fn an_error_says_what_is_expected_without_a_position() {
        let error =
            parse::<TaskDraft>(br#"{"title":"a","due_at":"soon"}"#).err().map(ServiceError::into_error).unwrap();
        assert_eq!(error.message, "Enter a date, like 2026-12-01.");
    }

    #[test]
    fn invalid_json_is_distinguished_from_an_invalid_field() {
        let syntax = (400, "bad_json".to_owned(), None);
        for body in ["{", "title", "{\"title\":\"a\"} b", "\u{0}"] {
            assert_eq!(refused(body), syntax, "{body}");
        }
        let invalid = |field: &str| (422, "invalid".to_owned(), Some(field.to_owned()));
        assert_eq!(refused(""), invalid("title"));
        assert_eq!(refused(r#"{"title":1}"#), invalid("title"));
        assert_eq!(refused(r#"{"title":"a","colour":1}"#), invalid("colour"));
        assert_eq!(refused(r#"{"title":"a","due_at":"soon"}"#), invalid("due_at"));
        assert_eq!(refused(r#"{"title":"a\u0000b"}"#), invalid("title"));
        assert_eq!(refused("[]"), (422, "invalid".to_owned(), None));
    }
}
