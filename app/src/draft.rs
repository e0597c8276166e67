//! What is being typed, apart from what everybody sees.

use leptos::prelude::*;

/// A text that is being edited. Until it is left, what others change does not touch it.
#[derive(Clone, Copy)]
pub struct Draft {
    typed: RwSignal<Option<String>>,
    view: Signal<String>,
}

impl Draft {
    /// Nothing typed: shows `view`.
    pub fn new(view: Signal<String>) -> Self {
        Self { typed: RwSignal::new(None), view }
    }

    /// Tracks what the field shows.
    pub fn shown(self) -> String {
        self.typed.get().unwrap_or_else(|| self.view.get())
    }

    /// Takes what was typed.
    pub fn write(self, text: String) {
        self.typed.set(Some(text));
    }

    /// Ends the editing, and tells what was typed where it differs from the view.
    pub fn take(self) -> Option<String> {
        // The field may be left because its panel is gone, and its signals with it.
        let typed = self.typed.try_get_untracked().flatten()?;
        self.typed.set(None);
        (typed != self.view.get_untracked()).then_some(typed)
    }
}

/// An input that is saved when it is left, or on Enter.
#[component]
pub fn DraftInput(
    /// The id of the input.
    #[prop(into)]
    id: String,
    /// What it is.
    #[prop(into)]
    label: String,
    /// Whether the label is only for assistive technology.
    #[prop(optional)]
    bare: bool,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What an empty input says.
    #[prop(default = "")]
    placeholder: &'static str,
    /// What everybody sees.
    value: Signal<String>,
    /// Whether it cannot be changed.
    locked: Signal<bool>,
    /// The smallest steps of a number.
    #[prop(default = "1")]
    step: &'static str,
    /// The greatest number of characters.
    #[prop(optional)]
    maxlength: Option<usize>,
    /// Takes a text that differs from the view.
    on_save: Callback<String>,
) -> impl IntoView {
    let draft = Draft::new(value);
    let save = move || {
        if let Some(text) = draft.take() {
            on_save.run(text);
        }
    };
    let (min, step) = if kind == "number" { (Some("0"), Some(step)) } else { (None, None) };
    view! {
        <label class=if bare { "visually-hidden" } else { "label" } for=id.clone()>
            {label}
        </label>
        <input
            class="input"
            id=id
            type=kind
            // Before the properties are there, the server's HTML has to show it.
            value=value.get_untracked()
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
