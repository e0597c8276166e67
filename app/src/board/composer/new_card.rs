//! A new card while its title is typed.

use engine::{Status, StatusId, TaskId, limit};
use leptos::{html, prelude::*};

use super::titles::{checked, lines};
use crate::{
    board::{board_state::BoardState, elements, filter::BoardFilter},
    message::quoted,
    ui::{
        dom,
        field::{Rule, StoredDraft, too_long},
        focus::nothing_has_focus,
        toast::Toast,
    },
};

pub(super) const TITLE: Rule = Rule::Line { max: limit::TITLE, optional: false };

/// A new card while its title is typed.
#[derive(Clone, Copy)]
pub(super) struct NewCard {
    pub(super) state: BoardState,
    pub(super) filter: Option<BoardFilter>,
    pub(super) status: StatusId,
    pub(super) text: RwSignal<String>,
    /// Why it was not added.
    pub(super) refused: RwSignal<Option<String>>,
    /// The button that creates one card from several lines.
    pub(super) one: NodeRef<html::Button>,
    pub(super) field: NodeRef<html::Textarea>,
}

impl NewCard {
    pub(super) fn write(self, text: String) {
        self.refused.set(None);
        self.state.drafts.keep(&text, Some(self.status.to_string()));
        self.text.set(text);
    }

    /// Resumes a draft.
    pub(super) fn resume(self, draft: StoredDraft) {
        self.text.set(draft.text);
        self.state.composing.set(Some(self.status));
    }

    /// Handles Enter: adds a card, or asks whether several lines are one.
    pub(super) fn enter(self) {
        let text = self.text.get_untracked();
        match lines(&text).len() {
            0 => {}
            1 => self.add(Ok(vec![text])),
            _ => {
                if let Some(one) = self.one.get_untracked() {
                    let _ = one.focus();
                }
            }
        }
    }

    /// Adds cards with these titles, all of them or none.
    pub(super) fn add(self, titles: Result<Vec<String>, String>) {
        match titles.and_then(|titles| checked(&titles)) {
            Ok(titles) => {
                self.announce_added(&titles);
                for title in titles {
                    if let Some(id) = dom::fresh_id().map(TaskId::new) {
                        self.state.store.create(self.status, title, id);
                        self.filter.iter().for_each(|filter| filter.add(id));
                    }
                }
                // First queued, then removed from the drafts.
                self.state.drafts.drop_own();
                self.text.set(String::new());
                self.refused.set(None);
                // The focus was in the question, which is gone.
                if let Some(field) = self.field.get_untracked() {
                    let _ = field.focus();
                }
                let status = self.status;
                dom::next_frame(move || elements::scroll_to_foot(status));
            }
            Err(reason) => self.refused.set(Some(reason)),
        }
    }

    /// Announces the new card: it appears out of sight of the field.
    fn announce_added(self, titles: &[String]) {
        let column = untrack(|| self.state.store.status(self.status)).map(|status| status.name).unwrap_or_default();
        self.state.announce(match titles {
            [title] => format!("Added {} to {column}.", quoted(title)),
            _ => format!("Added {} cards to {column}.", titles.len()),
        });
    }

    /// Closes the field. Its text stays as a draft.
    pub(super) fn close(self) {
        if self.state.composing.try_get_untracked() == Some(Some(self.status)) {
            self.state.composing.set(None);
        }
    }

    /// Offers the text at another column when this one, called `name`, is deleted meanwhile.
    pub(super) fn column_removed(self, name: &str) {
        let there = |all: &Vec<Status>| all.iter().any(|column| column.id == self.status);
        // A page that is left still has its columns.
        if self.state.composing.try_get_untracked() != Some(Some(self.status))
            || self.state.store.statuses().try_with_untracked(there) != Some(false)
        {
            return;
        }
        let typed = self.text.try_with_untracked(|text| !text.trim().is_empty()) == Some(true);
        let kept = if typed { " What you typed is kept as a draft." } else { "" };
        let text = format!("{} was deleted.{kept}", quoted(name));
        let state = self.state;
        dom::after_render(move || {
            state.composing.set(None);
            state.drafts.release();
            state.store.toast(Toast::done(text));
            // Before a neighbour of the field gets the focus, a frame later.
            dom::after_render(|| {
                if nothing_has_focus()
                    && let Some(go_on) = dom::find(".composer .draft button")
                {
                    dom::focus(&go_on);
                }
            });
        });
    }

    /// Tracks the problem with the text, or how much room is left.
    pub(super) fn problem(self) -> Option<String> {
        let full = || {
            let nearly = self.text.with(|text| if lines(text).len() > 1 { None } else { TITLE.nearly_full(text) });
            nearly.filter(|(count, max)| count > max).map(|(count, max)| too_long(count, max))
        };
        self.refused.get().or_else(full)
    }
}
