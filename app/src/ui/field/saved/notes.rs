//! The notes below a field.

use leptos::prelude::*;

use super::SavedField;
use crate::ui::field::rule::{Rule, too_long};

impl SavedField {
    /// Why the text is refused, how much room is left, and a draft.
    pub(crate) fn notes(self) -> AnyView {
        let (error, count) = self.id.with_value(|id| (format!("{id}-error"), format!("{id}-count")));
        let counted = move || {
            self.text.with(|text| match (text.reason(), self.count_of(text)) {
                (None, Some((count, max))) if count > max => too_long(count, max),
                (None, Some((count, max))) => format!("{count} / {max}"),
                _ => String::new(),
            })
        };
        let reason = move || self.text.with(|text| text.reason().map(str::to_owned));
        // A text of several lines never overwrites another one unseen: the description has its own conflict.
        let one_line = self.rule().is_some_and(|rule| matches!(rule, Rule::Line { .. }));
        let theirs = Memo::new(move |_| {
            let outside = self.value.get();
            (one_line && self.text.with(|text| text.is_overtaken(&outside))).then_some(outside)
        });
        let overtaken = move || theirs.get().map(|theirs| self.overtaken_by(theirs));
        view! {
            <p class="field-error" id=error role="alert">{reason}</p>
            <p class="hint field-count" id=count>{counted}</p>
            {overtaken}
            {self.draft()}
        }
        .into_any()
    }

    /// The draft that is offered. Separate, for where the field is shown only while it is edited.
    pub(crate) fn draft(self) -> Option<AnyView> {
        let resume = Callback::new(move |draft| self.resume(draft));
        self.drafts.map(|drafts| drafts.offer(Signal::derive(move || self.shown()), resume))
    }

    /// The value that others see meanwhile, while the reader types another, with a button that takes it.
    fn overtaken_by(self, theirs: String) -> AnyView {
        view! {
            <p class="draft" role="status" data-testid="overtaken">
                <span>"Changed meanwhile to “"<bdi>{theirs}</bdi>"”. Yours replaces it."</span>
                // The field keeps the focus: a blur would save it.
                <button
                    class="link-button"
                    type="button"
                    on:mousedown=|event| event.prevent_default()
                    on:click=move |_| {
                        self.cancel();
                    }
                >
                    "Use theirs"
                </button>
            </p>
        }
        .into_any()
    }
}
