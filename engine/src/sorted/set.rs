//! A set in order.

use super::{search, sort_by};

/// A set in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortedSet<T> {
    entries: Vec<T>,
}

impl<T: Ord> SortedSet<T> {
    /// An empty set.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    fn place(&self, item: &T) -> Result<usize, usize> {
        search(self.entries.len(), &|at| self.entries[at].cmp(item))
    }

    /// How many items it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Removes all items.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Whether it has the item.
    pub fn contains(&self, item: &T) -> bool {
        self.place(item).is_ok()
    }

    /// Adds an item. False if it was there.
    pub fn insert(&mut self, item: T) -> bool {
        let place = self.place(&item);
        if let Err(at) = place {
            self.entries.insert(at, item);
        }
        place.is_err()
    }

    /// Removes an item. False if it was not there.
    pub fn remove(&mut self, item: &T) -> bool {
        let place = self.place(item);
        if let Ok(at) = place {
            self.entries.remove(at);
        }
        place.is_ok()
    }

    /// The items from `item` on, in order.
    pub fn from(&self, item: &T) -> &[T] {
        let (Ok(at) | Err(at)) = self.place(item);
        &self.entries[at..]
    }

    /// The items before `item`, in order.
    pub fn before(&self, item: &T) -> &[T] {
        let (Ok(at) | Err(at)) = self.place(item);
        &self.entries[..at]
    }

    /// The first item.
    pub fn first(&self) -> Option<&T> {
        self.entries.first()
    }

    /// The items, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.entries.iter()
    }
}

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(items: [T; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut entries: Vec<T> = items.into_iter().collect();
        sort_by(&mut entries, &T::cmp);
        entries.dedup();
        Self { entries }
    }
}

impl<T: Ord> Extend<T> for SortedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}
