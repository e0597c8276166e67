//! The field that edits the description, in place of the rendered text until it is blurred.

use std::time::Duration;

use engine::{limit, wire::PresenceMode};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlTextAreaElement};

use super::Editor;
use crate::{
    card::drafts::DESCRIPTION,
    ui::{
        dom::{after_render, find, focus},
        dom_listener::{DomListener, Phase},
        field::{Drafts, Rule, Save, SavedField, Takes, TextArea},
    },
};

const ID: &str = "task-description";

pub(super) fn saved_field(editor: Editor) -> SavedField {
    let (open, value) = (editor.open, Signal::derive(move || editor.read.with(|read| read.text.clone())));
    let save = Save::Now(Callback::new(move |text| editor.save(text)));
    let begun = Callback::new(move |draft| editor.begin(draft));
    let note = Callback::new(move |()| editor.version().to_string());
    SavedField::new(ID, value, Takes::Rule(Rule::Text { max: limit::DESCRIPTION }), save)
        .with_drafts(Drafts::new(open.store.me(), DESCRIPTION, open.id))
        .with_note(begun, note)
}

#[component]
pub(super) fn Field(editor: Editor, field: SavedField) -> impl IntoView {
    let open = editor.open;
    let left = follow_pointer(editor);
    // In the browser only, once the field exists. The caret goes to where the text was pressed, or to the end when the
    // field was opened by key.
    Effect::new(move |_| {
        if let Some(area) = find(&format!("#{ID}")) {
            focus(&area);
            let pressed = editor.pressed_at.try_update_value(Option::take).flatten();
            // The element gets its text a little later.
            after_render(move || {
                if let Some(area) = area.dyn_ref::<HtmlTextAreaElement>() {
                    let at = pressed.map_or(area.text_length(), |at| at.min(area.text_length()));
                    let _ = area.set_selection_range(at, at);
                    reveal_caret(area, at);
                }
            });
        }
    });
    let focused = Callback::new(move |focused: bool| {
        open.send_presence(if focused { PresenceMode::Edit } else { PresenceMode::View });
        // A user who switches to another window comes back to the field.
        if !focused && document().has_focus().unwrap_or(true) {
            left.try_run(());
        }
    });
    view! {
        <TextArea
            id=ID
            field
            class="input description-input"
            rows="5"
            labelled_by="description-label"
            placeholder="Markdown works here: lists, tables, check boxes, code"
            locked=false
            on_focus=focused
            on_done=Callback::new(move |()| editor.leave())
        />
        <div class="description-foot">
            <p class="hint">"Ctrl+Enter saves, Esc cancels"</p>
            // The field keeps the focus: a blur would save it.
            <button
                class="button small"
                type="button"
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| {
                    field.cancel();
                    editor.leave();
                }
            >
                "Cancel"
            </button>
            <button
                class="button small primary"
                type="button"
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| {
                    if field.leave() {
                        editor.leave();
                    }
                }
            >
                "Save"
            </button>
        </div>
    }
    .into_any()
}

/// Scrolls the caret's line into view in a long text: browsers do so only when something is typed.
fn reveal_caret(area: &HtmlTextAreaElement, at: u32) {
    let before = f64::from(at) / f64::from(area.text_length().max(1));
    let (inner, outer) = (f64::from(area.scroll_height()), f64::from(area.client_height()));
    if inner > outer {
        // By the caret's share of the text: wrapped lines cannot be counted, and half the field's height is tolerance.
        area.set_scroll_top((before * inner - outer / 2.0).max(0.0) as i32);
    }
}

/// Ends the editing on blur, but only after the press that caused it has become a click: otherwise its target would
/// move away from under the pointer.
fn follow_pointer(editor: Editor) -> Callback<()> {
    let left = RwSignal::new(false);
    let pressed = RwSignal::new(false);
    let close = move || {
        set_timeout(
            move || {
                editor.opened.try_set(false);
            },
            Duration::ZERO,
        );
    };
    Effect::new(move |_| {
        let on = |event, run: Box<dyn Fn()>| DomListener::on(&window(), event, Phase::Capture, move |_: &Event| run());
        let down = move || {
            pressed.try_set(true);
        };
        let up = move || {
            pressed.try_set(false);
            if left.try_get_untracked() == Some(true) {
                close();
            }
        };
        let ears = SendWrapper::new([
            on("pointerdown", Box::new(down)),
            on("pointerup", Box::new(up)),
            on("pointercancel", Box::new(up)),
        ]);
        on_cleanup(move || drop(ears));
    });
    Callback::new(move |()| {
        left.try_set(true);
        if pressed.try_get_untracked() == Some(false) {
            close();
        }
    })
}
