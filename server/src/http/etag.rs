//! Versions of responses: `ETag` and `If-None-Match`.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{
    service::{
        ServiceError,
        oversight::versioned::{KnownVersions, Versioned},
    },
    state::AppState,
};

/// The versions that the reader has.
pub(super) struct IfNoneMatch(pub(super) KnownVersions);

impl FromRequestParts<AppState> for IfNoneMatch {
    type Rejection = ServiceError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ServiceError> {
        Ok(Self(if_none_match(&parts.headers)))
    }
}

/// A response with its version, or 304 if the reader has it.
impl<T: IntoResponse> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let (version, mut response) = match self {
            Self::New(version, answer) => (version, answer.into_response()),
            Self::Known(version) => (version, StatusCode::NOT_MODIFIED.into_response()),
        };
        // Weak, since it may be compressed on the way.
        if let Ok(tag) = HeaderValue::try_from(format!("W/\"{version}\"")) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// All versions named in one or several headers.
fn if_none_match(headers: &HeaderMap) -> KnownVersions {
    let mut versions = Vec::new();
    for value in headers.get_all(header::IF_NONE_MATCH) {
        // This server's versions are ASCII; other bytes belong to foreign ones.
        let text = String::from_utf8_lossy(value.as_bytes());
        if text.trim() == "*" {
            return KnownVersions::Any;
        }
        versions.extend(tags(&text));
    }
    if versions.is_empty() { KnownVersions::None } else { KnownVersions::Versions(versions) }
}

/// The tags of a list, up to the first syntax error. A tag may contain commas.
fn tags(list: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches(SEPARATORS);
    while !rest.is_empty() {
        let Some(quoted) = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"') else { break };
        let Some((tag, after)) = quoted.split_once('"') else { break };
        let next = after.trim_start_matches(SEPARATORS);
        tags.push(tag.to_owned());
        // Tags are separated by commas.
        if !next.is_empty() && !after[..after.len() - next.len()].contains(',') {
            break;
        }
        rest = next;
    }
    tags
}

const SEPARATORS: [char; 3] = [' ', '\t', ','];

#[cfg(test)]
mod tests {
    use super::*;

    fn known(values: &[&'static str]) -> KnownVersions {
        let header = |text: &&'static str| (header::IF_NONE_MATCH, HeaderValue::from_static(text));
        let mut headers = HeaderMap::new();
        for (name, value) in values.iter().map(header) {
            headers.append(name, value);
        }
        if_none_match(&headers)
    }

    #[test]
    fn every_version_of_every_list_is_parsed() {
        let versions =
            |versions: &[&str]| KnownVersions::Versions(versions.iter().map(|&text| text.to_owned()).collect());
        assert_eq!(known(&["\"abc\""]), versions(&["abc"]));
        assert_eq!(known(&["W/\"abc\""]), versions(&["abc"]));
        assert_eq!(known(&[" W/\"abc\", \"def\",\"g\" "]), versions(&["abc", "def", "g"]));
        assert_eq!(known(&[", ,\"a,b\" ,, W/\"\","]), versions(&["a,b", ""]));
        assert_eq!(known(&["\"abc\"", "W/\"def\""]), versions(&["abc", "def"]));
        // What follows a syntax error is ignored.
        for list in
            ["\"abc\" \"def\"", "\"abc\"def", "\"abc\", def", "\"abc\", \"def", "\"abc\", w/\"def\"", "\"abc\", *"]
        {
            assert_eq!(known(&[list]), versions(&["abc"]), "{list}");
        }
    }

    #[test]
    fn an_asterisk_is_any_version_and_invalid_input_is_none() {
        for values in [&["*"][..], &[" * "], &["\"abc\"", "*"]] {
            assert_eq!(known(values), KnownVersions::Any, "{values:?}");
        }
        for values in [&[][..], &[""], &["abc"], &["\"abc"], &["W/abc"], &["**"], &["\"", "W/"]] {
            assert_eq!(known(values), KnownVersions::None, "{values:?}");
        }
        let bytes = HeaderValue::from_bytes(b"\"\xff\", W/\"abc\"").expect("a value");
        assert!(if_none_match(&HeaderMap::from_iter([(header::IF_NONE_MATCH, bytes)])).has("abc"));
    }
}
