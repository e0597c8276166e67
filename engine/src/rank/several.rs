//! Several ranks at one place, for cards that are moved together.

use super::{Rank, RankError};

impl Rank {
    /// `count` ranks in order, strictly between two neighbours, as evenly as halving allows.
    ///
    /// # Errors
    /// [`RankError::Order`] when `above >= below`.
    pub fn several(above: Option<&Rank>, below: Option<&Rank>, count: usize) -> Result<Vec<Rank>, RankError> {
        let mut ranks = Vec::with_capacity(count);
        match (above, below) {
            // At an end there is nothing to halve: each follows the previous one.
            (_, None) => {
                for _ in 0..count {
                    ranks.push(Self::between(ranks.last().or(above), None)?);
                }
            }
            (None, Some(_)) => {
                for _ in 0..count {
                    ranks.push(Self::between(None, ranks.last().or(below))?);
                }
                ranks.reverse();
            }
            (Some(above), Some(below)) => Self::halve(above, below, count, &mut ranks)?,
        }
        Ok(ranks)
    }

    fn halve(above: &Rank, below: &Rank, count: usize, ranks: &mut Vec<Rank>) -> Result<(), RankError> {
        if count == 0 {
            return Ok(());
        }
        let middle = Self::between(Some(above), Some(below))?;
        let upper = (count - 1) / 2;
        Self::halve(above, &middle, upper, ranks)?;
        ranks.push(middle.clone());
        Self::halve(&middle, below, count - 1 - upper, ranks)
    }
}
