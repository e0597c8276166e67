//! The order of a column into which several cards are inserted.

use engine::{Rank, TaskId};

/// The intended order of a column: cards with a rank, and cards that need one.
#[derive(Debug, Default)]
pub(in crate::service) struct ColumnLayout(Vec<(TaskId, Option<Rank>)>);

/// The ranks of a [`ColumnLayout`].
#[derive(Debug, PartialEq, Eq)]
pub(in crate::service) struct Ranked {
    /// Every card with its rank, in order.
    pub(in crate::service) all: Vec<(TaskId, Rank)>,
    /// The cards whose rank changed, because there was no gap and the column was ranked anew.
    pub(in crate::service) moved: Vec<(TaskId, Rank)>,
}

impl ColumnLayout {
    /// The current order of a column.
    pub(in crate::service) fn new(column: Vec<(TaskId, Rank)>) -> Self {
        Self(column.into_iter().map(|(id, rank)| (id, Some(rank))).collect())
    }

    /// The position of a card.
    pub(in crate::service) fn position(&self, task: TaskId) -> Option<usize> {
        self.0.iter().position(|(id, _)| *id == task)
    }

    /// The number of cards.
    pub(in crate::service) fn len(&self) -> usize {
        self.0.len()
    }

    /// Inserts cards at a position, in their order.
    pub(in crate::service) fn insert(&mut self, at: usize, tasks: &[TaskId]) {
        self.0.splice(at..at, tasks.iter().map(|id| (*id, None)));
    }

    /// Restores a card at its former rank, or directly below the card that has it now.
    pub(in crate::service) fn restore(&mut self, task: TaskId, rank: Rank) {
        // A card without a rank yet belongs below the one that has it.
        let above = self.0.iter().rposition(|(_, other)| other.as_ref().is_some_and(|other| *other <= rank));
        let taken = above.is_some_and(|above| self.0[above].1.as_ref() == Some(&rank));
        let mut at = above.map_or(0, |above| above + 1);
        while self.0.get(at).is_some_and(|(_, other)| other.is_none()) {
            at += 1;
        }
        self.0.insert(at, (task, (!taken).then_some(rank)));
    }

    /// Assigns ranks; ranks the whole column anew if there is no gap.
    pub(in crate::service) fn rank(self) -> Ranked {
        let ranks = self.between().unwrap_or_else(|| Rank::spread(self.0.len()));
        let (mut all, mut moved) = (Vec::with_capacity(ranks.len()), Vec::new());
        for ((id, before), rank) in self.0.into_iter().zip(ranks) {
            if before.is_some_and(|before| before != rank) {
                moved.push((id, rank.clone()));
            }
            all.push((id, rank));
        }
        Ranked { all, moved }
    }

    /// Ranks that leave all other cards in place. `None` if there is no gap, or the ranks would become long.
    fn between(&self) -> Option<Vec<Rank>> {
        let mut ranks: Vec<Rank> = Vec::with_capacity(self.0.len());
        let mut at = 0;
        while let Some((_, rank)) = self.0.get(at) {
            if let Some(rank) = rank {
                ranks.push(rank.clone());
                at += 1;
                continue;
            }
            let end = at + self.0[at..].iter().take_while(|(_, rank)| rank.is_none()).count();
            let below = self.0.get(end).and_then(|(_, rank)| rank.as_ref());
            let new = Rank::several(ranks.last(), below, end - at).ok()?;
            if new.iter().any(|rank| rank.as_str().len() > Rank::LONG) {
                return None;
            }
            ranks.extend(new);
            at = end;
        }
        Some(ranks)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn task(number: u128) -> TaskId {
        TaskId::new(Uuid::from_u128(number))
    }

    fn rank(text: &str) -> Rank {
        Rank::try_from(text.to_owned()).unwrap()
    }

    fn column(ranks: &[&str]) -> ColumnLayout {
        ColumnLayout::new((1..).map(task).zip(ranks.iter().map(|text| rank(text))).collect())
    }

    fn ids(ranked: &Ranked) -> Vec<TaskId> {
        ranked.all.iter().map(|(id, _)| *id).collect()
    }

    fn in_order(ranked: &Ranked) -> bool {
        ranked.all.windows(2).all(|pair| pair[0].1 < pair[1].1)
    }

    #[test]
    fn cards_are_inserted_in_their_order_and_no_other_card_moves() {
        let mut order = column(&["a0", "a1", "a2"]);
        order.insert(1, &[task(9), task(8), task(7)]);
        let ranked = order.rank();
        assert_eq!(ids(&ranked), [1, 9, 8, 7, 2, 3].map(task));
        assert!(in_order(&ranked) && ranked.moved.is_empty(), "{ranked:?}");
    }

    #[test]
    fn without_a_gap_the_column_is_ranked_anew() {
        let mut order = column(&["a0", "a1", "a1", "a2"]);
        order.insert(2, &[task(9)]);
        let ranked = order.rank();
        assert_eq!(ids(&ranked), [1, 2, 9, 3, 4].map(task));
        assert!(in_order(&ranked), "{ranked:?}");
        assert!(!ranked.moved.iter().any(|(id, _)| *id == task(9)), "it had no rank before");
        assert!(ranked.moved.iter().any(|(id, _)| *id == task(3)), "{ranked:?}");
    }

    #[test]
    fn a_card_is_restored_at_its_rank_or_below_the_card_that_has_it() {
        let mut order = column(&["a0", "a2", "a4"]);
        for (number, text) in [(7, "a1"), (8, "a2"), (9, "a2"), (10, "a9"), (11, "Zz")] {
            order.restore(task(number), rank(text));
        }
        let ranked = order.rank();
        assert_eq!(ids(&ranked), [11, 1, 7, 2, 8, 9, 3, 10].map(task));
        assert!(in_order(&ranked) && ranked.moved.is_empty(), "{ranked:?}");
        assert_eq!(ranked.all[2].1, rank("a1"));
    }
}
