//! A bounded set of the ids seen last.

use std::{
    collections::{HashSet, VecDeque},
    hash::Hash,
};

/// How many ids are remembered.
pub const REMEMBERED: usize = 256;

/// The last [`REMEMBERED`] ids, to drop duplicates that arrive by this tab's socket, another tab or an HTTP answer.
#[derive(Clone, Debug)]
pub struct Recent<T> {
    order: VecDeque<T>,
    ids: HashSet<T>,
}

// Not derived: that would ask for a default id.
impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), ids: HashSet::new() }
    }
}

impl<T: Copy + Eq + Hash> Recent<T> {
    /// Whether the set has an id.
    pub fn contains(&self, id: T) -> bool {
        self.ids.contains(&id)
    }

    /// Adds an id; false if it was there already.
    pub fn insert(&mut self, id: T) -> bool {
        if !self.ids.insert(id) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::EventId;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let id = |n: usize| EventId::new(Uuid::from_u128(n as u128));
        let mut recent = Recent::default();
        assert!((0..REMEMBERED).all(|n| recent.insert(id(n))));
        assert!(!recent.insert(id(0)));
        assert!(recent.insert(id(REMEMBERED)));
        assert!(recent.insert(id(0)));
        assert!(!recent.insert(id(2)));
    }
}
