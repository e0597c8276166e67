//! What a refused request says.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A refusal: `{"error":{"code","message","field"}}` with an HTTP status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The HTTP status; 0 when no answer came at all.
    #[serde(skip)]
    pub status: u16,
    /// Stable, for programs.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: Cow<'static, str>,
    /// One sentence for people.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub message: Cow<'static, str>,
    /// The field that is at fault, where one is.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub field: Option<Cow<'static, str>>,
    /// With a conflict: the thing as it is now, so that nothing has to be thrown away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Value>,
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
        Self { status, code: code.into(), message: message.into(), field: None, current: None }
    }

    /// No answer came: the request may or may not have been carried out, so ask again with the same op id.
    pub fn network() -> Self {
        Self::new(0, "network", "The server did not answer.")
    }

    /// The same refusal, with the field that is at fault.
    #[must_use]
    pub fn on(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same refusal, with the thing as it is now.
    #[must_use]
    pub fn with_current(mut self, current: Value) -> Self {
        self.current = Some(current);
        self
    }

    /// An answer came that this build cannot read.
    pub fn illegible() -> Self {
        Self::new(502, "bad_answer", "The server's answer could not be read.")
    }

    /// Whether this is [`ApiError::illegible`].
    pub fn is_illegible(&self) -> bool {
        self.code == "bad_answer"
    }

    /// Whether the same request may be answered otherwise a little later: no answer, 408, 425, 429 and 5xx.
    pub fn is_temporary(&self) -> bool {
        matches!(self.status, 0 | 408 | 425 | 429 | 500..)
    }
}
