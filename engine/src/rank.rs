//! Where a card stands in its column: a string that sorts bytewise between its neighbours'.

use serde::{Deserialize, Serialize};

/// A place in an order. Compared bytewise; equal ranks are told apart by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Rank(String);

/// Why there is no rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RankError {
    /// A text that is not a rank.
    #[error("not a rank")]
    Malformed,
    /// The upper neighbour does not sort before the lower one.
    #[error("the neighbours are not in order")]
    Order,
}

impl Rank {
    /// A column whose ranks grow longer than this is re-ranked.
    pub const LONG: usize = 48;

    /// A rank strictly between two neighbours; `None` is the end of the column on that side.
    ///
    /// # Errors
    /// [`RankError::Order`] when `above >= below`.
    pub fn between(above: Option<&Rank>, below: Option<&Rank>) -> Result<Rank, RankError> {
        let _ = (above, below);
        Err(RankError::Order)
    }

    /// `count` ranks in order, evenly spread, as short as they can be.
    pub fn spread(count: usize) -> Vec<Rank> {
        let _ = count;
        Vec::new()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Rank {
    type Error = RankError;

    fn try_from(text: String) -> Result<Self, RankError> {
        Ok(Self(text))
    }
}

impl From<Rank> for String {
    fn from(rank: Rank) -> Self {
        rank.0
    }
}
