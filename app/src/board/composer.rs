//! Adding a card in place, at the foot of a column.

use engine::{StatusId, TaskId, limit};
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;

use super::{desk::Desk, page};

/// A button that becomes a field: Enter adds a card and waits for the next, Esc closes.
pub(super) fn composer(desk: Desk, status: StatusId) -> AnyView {
    let open = Memo::new(move |_| desk.composing.get() == Some(status));
    let draft = RwSignal::new(String::new());
    let field = NodeRef::<html::Textarea>::new();
    let button = NodeRef::<html::Button>::new();
    let add = move || {
        let text = draft.get_untracked().split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(title) = limit::text(&text, limit::TITLE)
            && let Some(id) = page::fresh_id().map(TaskId::new)
        {
            desk.store.create(status, title, id);
            draft.set(String::new());
            page::next_frame(move || page::scroll_to_foot(status));
        }
    };
    let close = move || {
        if desk.composing.get_untracked() == Some(status) {
            desk.composing.set(None);
        }
    };
    Effect::new(move |_| {
        if open.get()
            && let Some(field) = field.get()
        {
            let _ = field.focus();
        }
    });
    view! {
        <div class="composer">
            {move || {
                if open.get() {
                    view! {
                        <textarea
                            class="composer-field"
                            node_ref=field
                            rows="1"
                            maxlength=limit::TITLE.to_string()
                            placeholder="What has to be done?"
                            aria-label="Title of the new card. Enter adds it, Escape closes."
                            data-testid="add-task"
                            enterkeyhint="done"
                            prop:value=draft
                            on:input=move |event| draft.set(event_target_value(&event))
                            on:keydown=move |event| {
                                match event.key().as_str() {
                                    "Enter" if !event.is_composing() => {
                                        event.prevent_default();
                                        add();
                                    }
                                    "Escape" => {
                                        event.stop_propagation();
                                        close();
                                        page::next_frame(move || {
                                            if let Some(button) = button.get_untracked() {
                                                let _ = button.focus();
                                            }
                                        });
                                    }
                                    _ => {}
                                }
                            }
                            on:blur=move |_| {
                                if draft.with_untracked(|draft| draft.trim().is_empty()) {
                                    close();
                                }
                            }
                        ></textarea>
                        <p class="composer-hint" aria-hidden="true">
                            <kbd>"Enter"</kbd>
                            " adds · "
                            <kbd>"Esc"</kbd>
                            " closes"
                        </p>
                    }
                    .into_any()
                } else {
                    view! {
                        <button
                            class="composer-button"
                            type="button"
                            node_ref=button
                            data-testid="add-task"
                            on:click=move |_| desk.composing.set(Some(status))
                        >
                            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                                <path d="M8 3.5v9M3.5 8h9"/>
                            </svg>
                            "Add card"
                        </button>
                    }
                    .into_any()
                }
            }}
        </div>
    }
    .into_any()
}

/// Whether a key press is meant for a text field.
pub(super) fn is_typing(target: Option<web_sys::EventTarget>) -> bool {
    target
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| element.closest("input, textarea, select, [contenteditable]").ok().flatten().is_some())
}
