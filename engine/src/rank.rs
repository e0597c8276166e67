//! The rank of a card in its column: a string that sorts bytewise between its neighbours' ranks.
//!
//! A fractional index based on [rocicorp/fractional-indexing] (CC0) and David Greenspan's "Implementing Fractional
//! Indexing": digits in base 62 (`0-9A-Za-z`, in ASCII order), an integer whose first character (the head) gives its
//! length, then a fraction.
//!
//! ```text
//! head   A … Y  Z  a  b … z        integer     a0 a1 … az b00 b01 …   (up: append)
//! length 27 … 3  2  2  3 … 27                  Zz Zy … Z0 Yzz Yzy …   (down: prepend)
//! rank = integer + fraction, as `a0V`; a fraction never ends in `0`, so no rank has two spellings
//! ```
//!
//! The integers keep ranks short in a column that only grows at its ends: the thousandth appended card has 3
//! characters, where a plain fraction would need more than a hundred.
//!
//! [rocicorp/fractional-indexing]: https://github.com/rocicorp/fractional-indexing

mod several;

use serde::{Deserialize, Serialize};

/// A place in an order. Compared bytewise; equal ranks are ordered by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Rank(String);

/// Why a rank cannot be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RankError {
    /// The text is not a rank.
    #[error("not a rank")]
    Malformed,
    /// The upper neighbour does not sort before the lower one.
    #[error("the neighbours are not in order")]
    Order,
}

/// The digits in their bytewise order.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE: usize = DIGITS.len();
const ZERO: u8 = DIGITS[0];
const LAST: u8 = DIGITS[BASE - 1];

impl Rank {
    /// A column whose ranks grow longer than this is re-ranked.
    pub const LONG: usize = 48;

    /// A rank strictly between two neighbours; `None` is the end of the column on that side.
    ///
    /// # Errors
    /// [`RankError::Order`] when `above >= below`.
    pub fn between(above: Option<&Rank>, below: Option<&Rank>) -> Result<Rank, RankError> {
        if let (Some(above), Some(below)) = (above, below)
            && above >= below
        {
            return Err(RankError::Order);
        }
        Ok(match (above.map(Rank::parts), below.map(Rank::parts)) {
            (None, None) => Self::default(),
            (None, Some(below)) => Self::before(below),
            (Some(above), None) => Self::after(above),
            (Some((integer, fraction)), Some((upper, limit))) if integer == upper => {
                Self::join(integer, &midpoint(fraction, Some(limit)))
            }
            // The integers differ, so the next one is free unless `below` is exactly that.
            (Some((integer, fraction)), Some((upper, limit))) => match increment(integer) {
                Some(next) if (next.as_slice(), &[][..]) < (upper, limit) => Self::join(&next, &[]),
                _ => Self::join(integer, &midpoint(fraction, None)),
            },
        })
    }

    /// `count` ranks in order, evenly spread, as short as they can be.
    pub fn spread(count: usize) -> Vec<Rank> {
        std::iter::successors(Some(Self::default()), |rank| Some(Self::after(rank.parts()))).take(count).collect()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn after((integer, fraction): (&[u8], &[u8])) -> Self {
        match increment(integer) {
            Some(next) => Self::join(&next, &[]),
            None => Self::join(integer, &midpoint(fraction, None)),
        }
    }

    fn before((integer, fraction): (&[u8], &[u8])) -> Self {
        match decrement(integer) {
            // The bare integer sorts before the same one with a fraction.
            _ if !fraction.is_empty() && !is_smallest(integer) => Self::join(integer, &[]),
            Some(next) if !is_smallest(&next) => Self::join(&next, &[]),
            // The smallest integer always has a fraction, so that something sorts before any rank.
            Some(next) => Self::join(&next, &midpoint(&[], None)),
            None => Self::join(integer, &midpoint(&[], Some(fraction))),
        }
    }

    fn join(integer: &[u8], fraction: &[u8]) -> Self {
        Self(integer.iter().chain(fraction).map(|&digit| char::from(digit)).collect())
    }

    /// Integer and fraction. Every `Rank` was checked, so the integer is complete.
    fn parts(&self) -> (&[u8], &[u8]) {
        let bytes = self.0.as_bytes();
        let length = bytes.first().and_then(|&head| integer_length(head)).unwrap_or(bytes.len());
        bytes.split_at(length.min(bytes.len()))
    }
}

impl Default for Rank {
    /// The rank of a single card in a column.
    fn default() -> Self {
        Self::join(&[b'a', ZERO], &[])
    }
}

impl TryFrom<String> for Rank {
    type Error = RankError;

    fn try_from(text: String) -> Result<Self, RankError> {
        let bytes = text.as_bytes();
        let length = bytes.first().and_then(|&head| integer_length(head)).ok_or(RankError::Malformed)?;
        let (integer, fraction) = bytes.split_at_checked(length).ok_or(RankError::Malformed)?;
        let digits = bytes.iter().all(u8::is_ascii_alphanumeric);
        let unique = fraction.last() != Some(&ZERO);
        let bounded = !fraction.is_empty() || !is_smallest(integer);
        if digits && unique && bounded { Ok(Self(text)) } else { Err(RankError::Malformed) }
    }
}

impl From<Rank> for String {
    fn from(rank: Rank) -> Self {
        rank.0
    }
}

/// Length of an integer with this head, including the head.
fn integer_length(head: u8) -> Option<usize> {
    match head {
        b'a'..=b'z' => Some(usize::from(head - b'a') + 2),
        b'A'..=b'Z' => Some(usize::from(b'Z' - head) + 2),
        _ => None,
    }
}

fn is_smallest(integer: &[u8]) -> bool {
    integer.split_first().is_some_and(|(&head, digits)| head == b'A' && digits.iter().all(|&digit| digit == ZERO))
}

/// The value of a digit; every byte of a `Rank` is one.
fn value(digit: u8) -> usize {
    DIGITS.binary_search(&digit).unwrap_or(0)
}

/// The next integer; none after the largest.
fn increment(integer: &[u8]) -> Option<Vec<u8>> {
    let mut next = integer.to_vec();
    let (head, digits) = next.split_first_mut()?;
    for digit in digits.iter_mut().rev() {
        if *digit != LAST {
            *digit = DIGITS[value(*digit) + 1];
            return Some(next);
        }
        *digit = ZERO;
    }
    let head = match *head {
        b'z' => return None,
        b'Z' => b'a',
        head => head + 1,
    };
    Some(filled(head, ZERO))
}

/// The integer before; none before the smallest.
fn decrement(integer: &[u8]) -> Option<Vec<u8>> {
    let mut next = integer.to_vec();
    let (head, digits) = next.split_first_mut()?;
    for digit in digits.iter_mut().rev() {
        if *digit != ZERO {
            *digit = DIGITS[value(*digit) - 1];
            return Some(next);
        }
        *digit = LAST;
    }
    let head = match *head {
        b'A' => return None,
        b'a' => b'Z',
        head => head - 1,
    };
    Some(filled(head, LAST))
}

/// An integer of this head whose digits are all the same.
fn filled(head: u8, digit: u8) -> Vec<u8> {
    let mut integer = vec![digit; integer_length(head).unwrap_or(2)];
    integer[0] = head;
    integer
}

/// A fraction strictly between two others, of which `low` may be empty and `high` absent (one).
/// Neither ends in a zero, and `low < high`; the answer has the same form.
fn midpoint(low: &[u8], high: Option<&[u8]>) -> Vec<u8> {
    let mut middle = Vec::with_capacity(low.len() + 1);
    let mut high = high;
    for place in 0.. {
        let floor = low.get(place).map_or(0, |&digit| value(digit));
        let ceiling = high.map_or(BASE, |high| high.get(place).map_or(0, |&digit| value(digit)));
        if floor == ceiling {
            middle.push(DIGITS[floor]);
        } else if ceiling - floor > 1 {
            middle.push(DIGITS[(floor + ceiling).div_ceil(2)]);
            break;
        } else if high.is_some_and(|high| high.len() > place + 1) {
            // `high` goes on after this digit, so the digit alone sorts before it.
            middle.push(DIGITS[ceiling]);
            break;
        } else {
            // No digit in between: keep the lower one and look for room after it.
            middle.push(DIGITS[floor]);
            high = None;
        }
    }
    middle
}

#[cfg(test)]
mod tests;
