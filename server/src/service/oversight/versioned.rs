//! Versions of answers, so that a reader is not sent what they have.

/// The versions of an answer that its reader has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KnownVersions {
    /// None.
    #[default]
    None,
    /// Whichever there is.
    Any,
    /// These.
    Versions(Vec<String>),
}

/// An answer, unless its reader has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Versioned<T> {
    /// Its reader has this version.
    Known(String),
    /// They do not: the version, and the answer.
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
    /// The answer, where its reader does not have it.
    pub fn into_new(self) -> Option<T> {
        match self {
            Self::Known(_) => None,
            Self::New(_, answer) => Some(answer),
        }
    }

    /// The same version with its answer in another form.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Versioned<U> {
        match self {
            Self::Known(version) => Versioned::Known(version),
            Self::New(version, answer) => Versioned::New(version, form(answer)),
        }
    }
}
