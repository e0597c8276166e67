//! What is being typed, apart from what the board shows.

use leptos::prelude::*;

/// A text that is being edited. Until it is left, what others change does not touch it.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    typed: RwSignal<Option<String>>,
    view: Signal<String>,
}

impl Draft {
    /// Nothing typed: shows `view`.
    pub(super) fn new(view: Signal<String>) -> Self {
        Self { typed: RwSignal::new(None), view }
    }

    /// Tracks what the field shows.
    pub(super) fn shown(self) -> String {
        self.typed.get().unwrap_or_else(|| self.view.get())
    }

    /// Takes what was typed.
    pub(super) fn write(self, text: String) {
        self.typed.set(Some(text));
    }

    /// Ends the editing, and tells what was typed where it differs from the view.
    pub(super) fn take(self) -> Option<String> {
        // The field may be left because its panel is gone, and its signals with it.
        let typed = self.typed.try_get_untracked().flatten()?;
        self.typed.set(None);
        (typed != self.view.get_untracked()).then_some(typed)
    }
}

/// An input that is saved when it is left, or on Enter.
#[component]
pub(super) fn DraftInput(
    id: &'static str,
    label: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "")] placeholder: &'static str,
    value: Signal<String>,
    locked: Signal<bool>,
    #[prop(optional)] maxlength: Option<usize>,
    on_save: Callback<String>,
) -> impl IntoView {
    let draft = Draft::new(value);
    let save = move || {
        if let Some(text) = draft.take() {
            on_save.run(text);
        }
    };
    // `step` is for the browser's own check: a quarter of an hour is the finest anybody estimates.
    let (min, step) = if kind == "number" { (Some("0"), Some("0.25")) } else { (None, None) };
    view! {
        <label class="label" for=id>{label}</label>
        <input
            class="input"
            id=id
            type=kind
            min=min
            step=step
            placeholder=placeholder
            autocomplete="off"
            maxlength=maxlength.map(|n| n.to_string())
            readonly=move || locked.get()
            prop:value=move || draft.shown()
            on:input=move |event| draft.write(event_target_value(&event))
            on:blur=move |_| save()
            on:keydown=move |event| {
                if event.key() == "Enter" {
                    event.prevent_default();
                    save();
                }
            }
        />
    }
    .into_any()
}
