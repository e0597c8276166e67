//! Versions of answers, as HTTP has them: `ETag` and `If-None-Match`.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};

use crate::{service::Stop, state::AppState};

/// The version of an answer that its reader has.
pub(super) struct Known(Option<String>);

impl FromRequestParts<AppState> for Known {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Stop> {
        Ok(Self(if_none_match(&parts.headers)))
    }
}

impl Known {
    /// Fills in what a query does not say by itself.
    pub(super) fn fill(self, seen: &mut Option<String>) {
        if seen.is_none() {
            *seen = self.0;
        }
    }
}

/// An answer of this version; or, without one, that the version which was `seen` is still so.
pub(super) fn versioned(answer: Option<(String, impl IntoResponse)>, seen: Option<&String>) -> Response {
    let (version, mut response) = match answer {
        Some((version, answer)) => (Some(version), answer.into_response()),
        None => (seen.cloned(), StatusCode::NOT_MODIFIED.into_response()),
    };
    // Weak: it may be compressed on the way. Only what a reader made up is no header.
    let tag = version.and_then(|version| HeaderValue::try_from(format!("W/\"{version}\"")).ok());
    if let Some(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// The first version that is named.
fn if_none_match(headers: &HeaderMap) -> Option<String> {
    let first = headers.get(header::IF_NONE_MATCH)?.to_str().ok()?.split(',').next()?.trim();
    let tag = first.strip_prefix("W/").unwrap_or(first);
    Some(tag.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_within_the_quotation_marks() {
        let known =
            |text| if_none_match(&HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(text))]));
        for text in ["\"abc\"", "W/\"abc\"", " W/\"abc\", \"def\""] {
            assert_eq!(known(text).as_deref(), Some("abc"), "{text}");
        }
        for text in ["*", "abc", "", "\"abc"] {
            assert_eq!(known(text), None, "{text}");
        }
    }
}
