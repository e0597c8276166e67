//! What stands below a field.

use leptos::prelude::*;

use super::SavedField;
use crate::ui::field::rule::{Rule, too_long};

impl SavedField {
    /// What stands below the field: why its text is refused, how much fits, and a draft.
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
        // A text of several lines is never saved unseen over another one: it has a rule of its own.
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

    /// The draft that is offered. Stands by itself where the field is shown only while it is edited.
    pub(crate) fn draft(self) -> Option<AnyView> {
        let resume = Callback::new(move |draft| self.resume(draft));
        self.drafts.map(|drafts| drafts.offer(Signal::derive(move || self.shown()), resume))
    }

    /// What others see by now, for whoever is typing something else, and a way to take it.
    fn overtaken_by(self, theirs: String) -> AnyView {
        view! {
            <p class="draft" role="status" data-testid="overtaken">
                <span>"Changed meanwhile to “"<bdi>{theirs}</bdi>"”. Yours replaces it."</span>
                // The field keeps the focus: leaving it would save it.
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
