//! Which cards of the board are shown.
//!
//! The filter is kept in the address, so that a reload, Back and a link preserve it.

use std::collections::HashSet;

use engine::{Task, TaskId, UserId, request::escape};
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::BoardStore;
use crate::ui::field::folded;

/// The parameters of the address.
const TEXT: &str = "q";
const ASSIGNEE: &str = "assignee";
/// The value of `assignee` for unassigned cards.
const NOBODY: &str = "none";

/// The assignee that shown cards have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignee {
    /// Anyone, or none.
    #[default]
    Anyone,
    /// No assignee.
    Nobody,
    /// One member.
    Member(UserId),
}

/// The filter as the address has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterQuery {
    /// Shown cards contain this text in their title, their description or their assignee's name. Empty: all do.
    pub text: String,
    /// The assignee that shown cards have.
    pub assignee: Assignee,
}

impl FilterQuery {
    /// Reads the filter from the parameters of an address. Invalid values filter nothing.
    pub fn parse(query: &ParamsMap) -> Self {
        Self::read(|name| query.get(name))
    }

    fn read(parameter: impl Fn(&str) -> Option<String>) -> Self {
        let assignee = match parameter(ASSIGNEE).as_deref() {
            Some(NOBODY) => Assignee::Nobody,
            Some(user) => user.parse().map_or(Assignee::Anyone, Assignee::Member),
            None => Assignee::Anyone,
        };
        Self { text: parameter(TEXT).unwrap_or_default(), assignee }
    }

    /// Replaces the filter's parameters in `query`.
    pub fn write(&self, query: &mut ParamsMap) {
        query.remove(TEXT);
        query.remove(ASSIGNEE);
        let text = self.text.trim();
        if !text.is_empty() {
            // The map takes encoded text and decodes it.
            query.insert(TEXT, escape(text));
        }
        match self.assignee {
            Assignee::Anyone => {}
            Assignee::Nobody => query.insert(ASSIGNEE, NOBODY.to_owned()),
            Assignee::Member(user) => query.insert(ASSIGNEE, user.to_string()),
        }
    }

    /// The parameters in canonical form, without a leading separator.
    pub fn to_query(&self) -> String {
        let text = self.text.trim();
        let text = (!text.is_empty()).then(|| format!("{TEXT}={}", escape(text)));
        let assignee = match self.assignee {
            Assignee::Anyone => None,
            Assignee::Nobody => Some(format!("{ASSIGNEE}={NOBODY}")),
            Assignee::Member(user) => Some(format!("{ASSIGNEE}={user}")),
        };
        text.into_iter().chain(assignee).collect::<Vec<_>>().join("&")
    }
}

/// The cards whose description contains a text, as the server found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Described {
    /// The text, folded.
    needle: String,
    ids: HashSet<TaskId>,
}

/// The board's filter. The header writes it, the columns read it. Provided in the context.
#[derive(Clone, Copy)]
pub struct BoardFilter {
    /// The text as typed.
    pub text: RwSignal<String>,
    /// The assignee that shown cards have.
    pub assignee: RwSignal<Assignee>,
    needle: Memo<String>,
    described: RwSignal<Described>,
    /// Cards that the reader has added since the filter was set: they are shown, with the reason.
    added: RwSignal<HashSet<TaskId>>,
    store: BoardStore,
}

impl BoardFilter {
    /// Provides the filter in the context. `described` are the cards whose description contains the text, if known.
    pub fn provide(store: BoardStore, query: FilterQuery, described: Option<Vec<TaskId>>) -> Self {
        let text = RwSignal::new(query.text);
        let assignee = RwSignal::new(query.assignee);
        let needle = Memo::new(move |_| text.with(|text| folded(text.trim())));
        let known = |ids: Vec<TaskId>| Described { needle: needle.get_untracked(), ids: ids.into_iter().collect() };
        let described = described.map(known).unwrap_or_default();
        let (described, added) = (RwSignal::new(described), RwSignal::new(HashSet::new()));
        let filter = Self { text, assignee, needle, described, added, store };
        // A change of the filter ends the exception for added cards.
        Effect::new(move |before: Option<(String, Assignee)>| {
            let now = (needle.get(), assignee.get());
            if before.is_some_and(|before| before != now) {
                added.update(HashSet::clear);
            }
            now
        });
        provide_context(filter);
        filter
    }

    /// Tracks whether anything is hidden.
    pub fn is_active(self) -> bool {
        self.assignee.get() != Assignee::Anyone || self.needle.with(|needle| !needle.is_empty())
    }

    /// Tracks whether a card is shown.
    pub fn shows(self, task: &Task) -> bool {
        self.matches(task) || self.added.with(|added| added.contains(&task.id))
    }

    /// Tracks whether a card is shown only because the reader has just added it.
    pub fn shows_as_added(self, task: &Task) -> bool {
        self.added.with(|added| added.contains(&task.id)) && !self.matches(task)
    }

    /// Shows a card that the reader adds, even if the filter does not match it.
    pub fn add(self, task: TaskId) {
        if untrack(|| self.is_active()) {
            self.added.update(|added| {
                added.insert(task);
            });
        }
    }

    fn matches(self, task: &Task) -> bool {
        let assigned = match self.assignee.get() {
            Assignee::Anyone => true,
            Assignee::Nobody => task.assignee_id.is_none(),
            Assignee::Member(user) => task.assignee_id == Some(user),
        };
        assigned && self.needle.with(|needle| needle.is_empty() || self.contains(task, needle))
    }

    fn contains(self, task: &Task, needle: &str) -> bool {
        let name = || task.assignee_id.and_then(|id| self.store.member(id)).map(|member| member.name);
        folded(&task.title).contains(needle)
            || name().is_some_and(|name| folded(&name).contains(needle))
            || self.described.with(|described| {
                // Until the response arrives: a description with the longer text contains the shorter one, and the
                // other way round it may.
                let related = needle.contains(&described.needle) && !described.needle.is_empty();
                related && described.ids.contains(&task.id)
            })
    }

    /// Tracks the text to look for in descriptions.
    pub(crate) fn needle(self) -> Memo<String> {
        self.needle
    }

    /// Sets the cards whose description contains `text`, as the server found.
    pub(crate) fn take_described(self, text: &str, ids: Vec<TaskId>) {
        let fresh = Described { needle: folded(text.trim()), ids: ids.into_iter().collect() };
        // The response may be to an earlier text, and the page may be gone.
        if self.needle.try_with_untracked(|needle| *needle == fresh.needle) == Some(true) {
            self.described.try_maybe_update(|described| {
                let changed = *described != fresh;
                *described = fresh;
                (changed, ())
            });
        }
    }

    /// Tracks whether the cards whose description contains the text are known.
    pub(crate) fn knows_descriptions(self) -> bool {
        self.needle.with(|needle| needle.is_empty() || self.described.with(|described| described.needle == *needle))
    }

    /// Tracks the filter for the address.
    pub fn query(self) -> FilterQuery {
        FilterQuery { text: self.text.get().trim().to_owned(), assignee: self.assignee.get() }
    }

    /// Sets the filter from the address.
    pub(crate) fn set(self, query: FilterQuery) {
        self.text.set(query.text);
        self.assignee.set(query.assignee);
    }

    /// Shows the cards of one member only, or everyone's again.
    pub(crate) fn toggle(self, user: UserId) {
        self.assignee.update(|assignee| {
            *assignee = if *assignee == Assignee::Member(user) { Assignee::Anyone } else { Assignee::Member(user) };
        });
    }

    /// Tracks the filter in words: `“invoice” · Ann`.
    pub(crate) fn words(self) -> String {
        let text = self.text.with(|text| {
            let text = text.trim();
            (!text.is_empty()).then(|| format!("“{text}”"))
        });
        let assignee = match self.assignee.get() {
            Assignee::Anyone => None,
            Assignee::Nobody => Some("Unassigned".to_owned()),
            Assignee::Member(user) => {
                Some(self.store.member(user).map_or_else(|| "A former member".to_owned(), |member| member.name))
            }
        };
        text.into_iter().chain(assignee).collect::<Vec<_>>().join(" · ")
    }

    /// Shows every card.
    pub fn clear(self) {
        self.text.set(String::new());
        self.assignee.set(Assignee::Anyone);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> FilterQuery {
        FilterQuery::read(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_filter_round_trips_through_the_address() {
        let user: UserId = "0197f3a0-0000-7000-8000-000000000001".parse().expect("an id");
        for (filter, text) in [
            (FilterQuery::default(), String::new()),
            (FilterQuery { text: " a & b ".to_owned(), assignee: Assignee::Anyone }, "q=a%20%26%20b".to_owned()),
            (FilterQuery { text: String::new(), assignee: Assignee::Nobody }, "assignee=none".to_owned()),
            (
                FilterQuery { text: "ä".to_owned(), assignee: Assignee::Member(user) },
                format!("q=%C3%A4&assignee={user}"),
            ),
        ] {
            assert_eq!(filter.to_query(), text);
        }
        let member = user.to_string();
        assert_eq!(read(&[("q", "x"), ("assignee", &member)]).assignee, Assignee::Member(user));
        assert_eq!(read(&[("assignee", "none")]).assignee, Assignee::Nobody);
        assert_eq!(read(&[("assignee", "rubbish")]), FilterQuery::default());
    }
}
