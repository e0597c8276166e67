//! Versions of responses, so that readers are not sent what they have.

/// The versions that a reader has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KnownVersions {
    /// None.
    #[default]
    None,
    /// Any version.
    Any,
    /// These versions.
    Versions(Vec<String>),
}

/// A response, unless its reader has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versioned<T> {
    /// The reader has this version.
    Known(String),
    /// The version and the response.
    New(String, T),
}

impl KnownVersions {
    /// Whether the reader has this version.
    pub fn has(&self, version: &str) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::Versions(versions) => versions.iter().any(|known| known == version),
        }
    }
}

impl From<Option<String>> for KnownVersions {
    fn from(version: Option<String>) -> Self {
        version.map_or(Self::None, |version| Self::Versions(vec![version]))
    }
}

impl<T> Versioned<T> {
    /// The response, if the reader does not have it.
    pub fn into_new(self) -> Option<T> {
        match self {
            Self::Known(_) => None,
            Self::New(_, answer) => Some(answer),
        }
    }

    /// Converts the response, keeping the version.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Versioned<U> {
        match self {
            Self::Known(version) => Versioned::Known(version),
            Self::New(version, answer) => Versioned::New(version, form(answer)),
        }
    }
}
