//! What all fields that save themselves share: when they save, what they show, and their notes.

mod notes;

use std::sync::Arc;

use engine::{Day, Request};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::{
    date_text,
    drafts::{Drafts, StoredDraft},
    edited::{EditedText, Left},
    key::sends,
    reader::Reader,
    rule::Rule,
};
use crate::{backend::Backend, message::sentence, session::backend};

/// What a field accepts.
#[derive(Clone, Copy)]
pub(crate) enum Takes {
    /// A text by a rule.
    Rule(Rule),
    /// A date, typed by a reader whose date is `today`.
    Date {
        /// The reader's date.
        today: Signal<Day>,
        /// Whether it may be empty.
        optional: bool,
    },
}

/// How a field saves its value.
#[derive(Clone, Copy)]
pub(crate) enum Save {
    /// Shown at once, like an op, or kept for a form.
    Now(Callback<String>),
    /// By a request. When that is refused, the text is back in the field, with the reason.
    Request(Callback<String, Request>),
}

/// A field that saves itself: once, on Enter or on blur. Escape restores what everyone sees.
#[derive(Clone, Copy)]
pub(crate) struct SavedField {
    id: StoredValue<String>,
    text: RwSignal<EditedText>,
    value: Signal<String>,
    takes: Takes,
    save: Save,
    drafts: Option<Drafts>,
    /// What is stored with a draft.
    note: StoredValue<Option<Callback<(), String>>>,
    /// Called before the first change, with the draft that is resumed, if any.
    begun: StoredValue<Option<Callback<Option<StoredDraft>>>>,
    reader: Reader,
    backend: StoredValue<Arc<dyn Backend>>,
}

impl SavedField {
    /// A field that shows `value`, in canonical form.
    pub(crate) fn new(id: impl Into<String>, value: Signal<String>, takes: Takes, save: Save) -> Self {
        let field = Self {
            id: StoredValue::new(id.into()),
            text: RwSignal::new(EditedText::default()),
            value,
            takes,
            save,
            drafts: None,
            note: StoredValue::new(None),
            begun: StoredValue::new(None),
            reader: Reader::expect(),
            backend: StoredValue::new(backend()),
        };
        Effect::new(move |_| {
            let outside = field.written(&value.get());
            field.text.maybe_update(|text| text.outside_changed(&outside));
        });
        field
    }

    /// Makes the field store what is typed as a draft.
    pub(crate) fn with_drafts(self, drafts: Drafts) -> Self {
        let value = self.value;
        // A draft that equals what everyone sees is not offered.
        Effect::new(move |_| drafts.saved(&value.get()));
        Self { drafts: Some(drafts), ..self }
    }

    /// Makes the field call `begun` before its first change, and store what `note` returns with a draft.
    pub(crate) fn with_note(self, begun: Callback<Option<StoredDraft>>, note: Callback<(), String>) -> Self {
        self.begun.set_value(Some(begun));
        self.note.set_value(Some(note));
        self
    }

    fn read(self, text: &str) -> Result<String, String> {
        match self.takes {
            Takes::Rule(rule) => rule.read(text),
            Takes::Date { today, optional } => {
                date_text::read(text, today.get_untracked(), &self.reader.dates(), optional)
            }
        }
    }

    /// Formats a value for the field, tracking what that depends on.
    fn written(self, value: &str) -> String {
        match self.takes {
            Takes::Rule(rule) => rule.write(value, self.reader.decimal()),
            Takes::Date { today, .. } => date_text::write(value, today.get()),
        }
    }

    fn rule(self) -> Option<Rule> {
        match self.takes {
            Takes::Rule(rule) => Some(rule),
            Takes::Date { .. } => None,
        }
    }

    /// Tracks what the field shows.
    pub(crate) fn shown(self) -> String {
        let outside = self.written(&self.value.get());
        self.text.with(|text| text.shown(&outside).to_owned())
    }

    /// What everyone sees, formatted and untracked. The server's HTML shows it.
    pub(crate) fn outside(self) -> String {
        untrack(|| self.written(&self.value.get()))
    }

    /// Takes what was typed.
    pub(crate) fn write(self, typed: String) {
        self.begin(None);
        if let Some(drafts) = self.drafts {
            let note = self.note.get_value().map(|note| note.run(()));
            drafts.keep(&typed, note);
        }
        let whole = matches!(self.takes, Takes::Date { .. }) && date_text::is_whole(&typed);
        let outside = self.outside();
        self.text.update(|text| text.write(typed.clone(), &outside));
        // A date that cannot be continued is complete: it is saved without a blur.
        if whole
            && let Ok(value) = self.read(&typed)
            && value != self.value.get_untracked()
        {
            self.text.update(EditedText::keep_typing);
            self.send(value);
        }
    }

    fn begin(self, draft: Option<StoredDraft>) {
        if self.text.with_untracked(|text| text.typed().is_none())
            && let Some(begun) = self.begun.get_value()
        {
            begun.run(draft);
        }
    }

    /// Resumes a draft.
    pub(crate) fn resume(self, draft: StoredDraft) {
        self.begin(Some(draft.clone()));
        let outside = self.outside();
        self.text.update(|text| text.write(draft.text, &outside));
        if let Some(element) = self.element() {
            crate::ui::dom::focus(&element);
        }
    }

    /// Takes a value from elsewhere than the keyboard, such as the date picker, and saves it.
    pub(crate) fn choose(self, value: String) {
        self.text.update(|text| {
            text.restore();
        });
        if value != self.value.get_untracked() {
            self.send(value);
        }
    }

    /// Saves what was typed, on blur or Enter, unless it is refused. Returns whether it was not.
    pub(crate) fn leave(self) -> bool {
        // The blur may come from the page going, when its signals are gone.
        if self.text.try_with_untracked(|text| text.typed().is_some()) != Some(true) {
            return true;
        }
        let value = self.value.get_untracked();
        let left = self.text.try_update(|text| text.leave(&value, |typed| self.read(typed)));
        match left {
            None | Some(Left::Refused) => false,
            Some(Left::Unchanged) => {
                self.drafts.iter().for_each(|drafts| drafts.drop_own());
                true
            }
            Some(Left::Save(value)) => {
                self.send(value);
                self.drafts.iter().for_each(|drafts| drafts.drop_own());
                true
            }
        }
    }

    fn send(self, value: String) {
        match self.save {
            Save::Now(save) => save.run(value),
            Save::Request(request) => {
                let before = self.outside();
                let text = untrack(|| self.written(&value));
                self.text.update(|edited| edited.await_change(text.clone(), before.clone()));
                let reply = self.backend.with_value(|backend| backend.send(request.run(value)));
                spawn_local(async move {
                    if let Err(error) = reply.await {
                        let reason = sentence(&error).into_owned();
                        self.text.try_update(|edited| edited.refuse(text, &before, reason));
                    }
                });
            }
        }
    }

    /// Cancels the editing. Returns whether there was any. A text of several lines stays as a draft.
    pub(crate) fn cancel(self) -> bool {
        let was_edited = self.text.try_update(EditedText::restore) == Some(true);
        if let Some(drafts) = self.drafts.filter(|_| was_edited) {
            if matches!(self.takes, Takes::Rule(Rule::Text { .. })) { drafts.release() } else { drafts.drop_own() }
        }
        was_edited
    }

    /// Handles a key: Enter saves, in a field of several lines with Ctrl; Escape cancels.
    pub(crate) fn pressed(self, event: &KeyboardEvent) {
        let several = matches!(self.takes, Takes::Rule(Rule::Text { .. }));
        let key = event.key();
        if key == "Escape" {
            // Escape ends only the editing, and closes nothing around the field.
            if self.cancel() {
                event.prevent_default();
                event.stop_propagation();
            }
        } else if (key == "Enter" && !several) || sends(event) {
            let saved = self.leave();
            // Enter then sends the form around the field, with what was typed.
            if !saved || !is_in_form(event) {
                event.prevent_default();
            }
        }
    }

    /// Tracks whether the field is marked as invalid.
    pub(crate) fn is_invalid(self) -> bool {
        self.text.with(|text| text.reason().is_some() || self.count_of(text).is_some_and(|(count, max)| count > max))
    }

    /// Tracks whether the field has unsaved text.
    pub(crate) fn is_edited(self) -> bool {
        self.text.with(|text| text.typed().is_some())
    }

    fn count_of(self, text: &EditedText) -> Option<(usize, usize)> {
        self.rule()?.nearly_full(text.typed()?)
    }

    /// The ids of the field's notes.
    pub(crate) fn described_by(self) -> String {
        self.id.with_value(|id| format!("{id}-error {id}-count"))
    }

    fn element(self) -> Option<Element> {
        document().get_element_by_id(&self.id.get_value())
    }
}

fn is_in_form(event: &KeyboardEvent) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest("form").ok().flatten().is_some())
}

/// The first field of a form that is marked as invalid. It gets the focus, and the form is not sent.
pub(crate) fn first_invalid(event: &leptos::ev::SubmitEvent) -> bool {
    let form = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let wrong = form.and_then(|form| form.query_selector("[aria-invalid=true]").ok().flatten());
    if let Some(field) = &wrong {
        crate::ui::dom::focus(field);
    }
    wrong.is_some()
}
