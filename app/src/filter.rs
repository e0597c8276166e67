//! Which cards of the board are shown.

use engine::{Task, UserId};
use leptos::prelude::*;

use crate::field::folded;

/// Whose cards are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignee {
    /// Everybody's.
    #[default]
    Anyone,
    /// Those that nobody has.
    Nobody,
    /// One member's.
    Member(UserId),
}

/// The board's filter. The page's header writes it, the columns read it; it lives in the context.
#[derive(Clone, Copy, Debug)]
pub struct Filter {
    /// Shown cards contain this text in their title, in whatever case and form. Empty: all do.
    pub text: RwSignal<String>,
    /// Whose cards are shown.
    pub assignee: RwSignal<Assignee>,
    needle: Memo<String>,
}

impl Filter {
    /// Shows everything, and puts itself into the context.
    pub fn provide() -> Self {
        let text = RwSignal::new(String::new());
        let needle = Memo::new(move |_| text.with(|text| folded(text.trim())));
        let filter = Self { text, assignee: RwSignal::new(Assignee::Anyone), needle };
        provide_context(filter);
        filter
    }

    /// Tracks whether anything is hidden.
    pub fn is_active(self) -> bool {
        self.assignee.get() != Assignee::Anyone || self.needle.with(|needle| !needle.is_empty())
    }

    /// Tracks whether a card is shown.
    pub fn shows(self, task: &Task) -> bool {
        let assigned = match self.assignee.get() {
            Assignee::Anyone => true,
            Assignee::Nobody => task.assignee_id.is_none(),
            Assignee::Member(user) => task.assignee_id == Some(user),
        };
        assigned && self.needle.with(|needle| needle.is_empty() || folded(&task.title).contains(needle.as_str()))
    }

    /// Shows everything.
    pub fn clear(self) {
        self.text.set(String::new());
        self.assignee.set(Assignee::Anyone);
    }
}
