//! Refusals of requests.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A refusal: `{"error":{"code","message","field"}}` with an HTTP status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The HTTP status; 0 without an answer.
    #[serde(skip)]
    pub status: u16,
    /// A stable code, for programs.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: Cow<'static, str>,
    /// One sentence for people.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Cow<'static, str>,
    /// The field at fault, if there is one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub field: Option<Cow<'static, str>>,
    /// For a conflict: the current item, so that nothing has to be thrown away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Value>,
    /// How long to wait before the next attempt, in seconds: `Retry-After`.
    // Small: an error is part of most results.
    #[serde(skip)]
    pub retry_after: Option<u16>,
}

/// The body around an [`ApiError`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// The refusal.
    pub error: ApiError,
}

impl ApiError {
    /// A refusal with a status, a code and a sentence.
    pub fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: code.into(), message: message.into(), field: None, current: None, retry_after: None }
    }

    /// No answer arrived. The request may have been carried out, so send it again with the same op id.
    pub fn network() -> Self {
        Self::new(0, "network", "The server didn't answer.")
    }

    /// Adds the field at fault.
    #[must_use]
    pub fn on(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds the current item.
    #[must_use]
    pub fn with_current(mut self, current: Value) -> Self {
        self.current = Some(current);
        self
    }

    /// This build cannot read the answer.
    pub fn illegible() -> Self {
        Self::new(502, "bad_answer", "The server's answer couldn't be read.")
    }

    /// Whether this is [`ApiError::illegible`].
    pub fn is_illegible(&self) -> bool {
        self.code == "bad_answer"
    }

    /// Whether the same request may succeed a little later: no answer, 408, 425, 429 and 5xx.
    pub fn is_temporary(&self) -> bool {
        matches!(self.status, 0 | 408 | 425 | 429 | 500..)
    }

    /// Whether the server processed the request and failed: 500, and 501 from one that cannot do it. Other temporary
    /// failures come from something in front of it (a proxy, a limit, a full disk), and say nothing about the request.
    pub fn has_looked(&self) -> bool {
        matches!(self.status, 500 | 501)
    }

    /// Whether the request may have been carried out despite this error: a proxy lost the answer, or none arrived.
    pub fn may_be_done(&self) -> bool {
        self.is_temporary() && !matches!(self.status, 425 | 429 | 500 | 501 | 503 | 507)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_temporary_by_status() {
        let is = |status: u16, of: fn(&ApiError) -> bool| of(&ApiError::new(status, "code", ""));
        for status in [0, 408, 425, 429, 500, 501, 502, 503, 504, 507, 511, 520, 524, 599] {
            assert!(is(status, ApiError::is_temporary), "{status}");
        }
        for status in [400, 401, 403, 404, 409, 410, 413, 415, 422, 451] {
            assert!(!is(status, ApiError::is_temporary) && !is(status, ApiError::may_be_done), "{status}");
        }
        let looked: Vec<u16> = (0..=599).filter(|status| is(*status, ApiError::has_looked)).collect();
        assert_eq!(looked, [500, 501]);
        for (status, done) in
            [(0, true), (408, true), (502, true), (504, true), (429, false), (503, false), (507, false)]
        {
            assert_eq!(is(status, ApiError::may_be_done), done, "{status}");
        }
    }
}
