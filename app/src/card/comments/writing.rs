//! The text of a comment while it is typed, with the members it mentions.

use engine::{
    Member,
    mention::{ChosenMention, decode, encode, follow},
    sorted::sort_by_key,
};
use leptos::{html, prelude::*};
use web_sys::HtmlTextAreaElement;

use super::mention::{Begun, byte_of};
use crate::ui::field::Drafts;

/// A comment's text while it is typed.
#[derive(Clone, Copy)]
pub(super) struct Writing {
    /// The text as its author sees it.
    pub(super) text: RwSignal<String>,
    /// The members who were chosen from the list, by their positions in the text.
    chosen: RwSignal<Vec<ChosenMention>>,
    pub(super) node: NodeRef<html::Textarea>,
    drafts: Drafts,
}

impl Writing {
    /// Starts from a comment's Markdown.
    pub(super) fn new(body: &str, drafts: Drafts) -> Self {
        let (text, chosen) = (RwSignal::new(String::new()), RwSignal::new(Vec::new()));
        let writing = Self { text, chosen, node: NodeRef::new(), drafts };
        writing.show(body);
        writing
    }

    /// Shows a comment's Markdown.
    pub(super) fn show(self, body: &str) {
        let (text, chosen) = decode(body);
        self.chosen.set(chosen);
        self.text.set(text);
    }

    /// Takes the text that was typed.
    pub(super) fn write(self, text: String) {
        self.change(text, None);
    }

    fn change(self, text: String, added: Option<ChosenMention>) {
        let mut chosen =
            self.text.with_untracked(|before| self.chosen.with_untracked(|all| follow(all, before, &text)));
        if let Some(added) = added {
            chosen.retain(|one| one.place.end <= added.place.start || one.place.start >= added.place.end);
            chosen.push(added);
            sort_by_key(&mut chosen, |one| one.place.start);
        }
        self.drafts.keep(&encode(&text, &chosen), None);
        self.chosen.set(chosen);
        self.text.set(text);
    }

    /// The comment's Markdown, tracked.
    pub(super) fn body(self) -> String {
        self.text.with(|text| self.chosen.with(|chosen| encode(text, chosen)))
    }

    /// Whether a mention is complete already.
    pub(super) fn is_chosen(self, begun: &Begun) -> bool {
        let at = self.text.with_untracked(|text| byte_of(text, begun.at));
        self.chosen.with_untracked(|chosen| chosen.iter().any(|one| one.place.start == at))
    }

    /// Completes a member's name in place of what was typed of it.
    pub(super) fn mention(self, begun: &Begun, member: &Member) {
        let Some(field) = self.node.get_untracked() else { return };
        let (text, chosen, caret) = begun.complete(&field.value(), caret(&field), member);
        field.set_value(&text);
        self.change(text, Some(chosen));
        let caret = u32::try_from(caret).unwrap_or(u32::MAX);
        let _ = field.set_selection_range(caret, caret);
        let _ = field.focus();
    }

    /// Clears the text after it was sent or cancelled.
    pub(super) fn clear(self) {
        self.drafts.drop_own();
        self.chosen.set(Vec::new());
        self.text.set(String::new());
    }
}

/// The position of the caret, in UTF-16 units.
pub(super) fn caret(field: &HtmlTextAreaElement) -> usize {
    field.selection_start().ok().flatten().unwrap_or_default() as usize
}
