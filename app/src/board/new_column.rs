//! Adding a column, at the end of the board.

use engine::limit;
use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use super::{board_state::BoardState, elements};
use crate::ui::{
    dom,
    field::{Drafts, Rule, WriteArea, next_color},
    focus::restore_focus,
    icon::Icon,
};

const NAME: Rule = Rule::Line { max: limit::NAME, optional: false };
/// The id of the name's error.
const PROBLEM: &str = "new-column-problem";

/// A new column while its name is typed.
#[derive(Clone, Copy)]
struct NewColumn {
    state: BoardState,
    open: RwSignal<bool>,
    text: RwSignal<String>,
    refused: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    drafts: Drafts,
}

impl NewColumn {
    fn write(self, text: String) {
        self.refused.set(None);
        self.drafts.keep(&text, None);
        self.text.set(text);
    }

    /// Handles Enter: adds the column, and keeps the field open. A refused name stays.
    fn add(self) {
        if self.busy.get_untracked() {
            return;
        }
        let name = match NAME.read(&self.text.get_untracked()) {
            Ok(name) => name,
            Err(reason) => return self.refused.set(Some(reason)),
        };
        self.busy.set(true);
        let color = next_color(self.state.store.statuses().with_untracked(Vec::len));
        let done = Callback::new(move |refused: Option<String>| {
            self.busy.set(false);
            if refused.is_none() {
                self.drafts.drop_own();
                self.text.set(String::new());
                dom::next_frame(elements::scroll_to_end);
            }
            self.refused.set(refused);
        });
        self.state.order.add(name, color, done);
    }

    /// Closes the field. Its text stays as a draft.
    fn close(self) {
        self.open.set(false);
        self.drafts.release();
        self.refused.set(None);
        self.text.set(String::new());
    }
}

/// A button that becomes a field: Enter adds a column and keeps the field open, Escape closes it.
pub(super) fn new_column(state: BoardState) -> AnyView {
    let column = NewColumn {
        state,
        open: RwSignal::new(false),
        text: RwSignal::new(String::new()),
        refused: RwSignal::new(None),
        busy: RwSignal::new(false),
        drafts: Drafts::new(state.store.me(), "column", state.store.project_id()),
    };
    let button = NodeRef::<html::Button>::new();
    let back = Callback::new(move |()| {
        column.close();
        restore_focus(move || {
            if let Some(button) = button.try_get_untracked().flatten() {
                let _ = button.focus();
            }
        });
    });
    let resume = Callback::new(move |draft: crate::ui::field::StoredDraft| {
        column.text.set(draft.text);
        column.open.set(true);
    });
    view! {
        <div class="new-column">
            {move || {
                if column.open.get() {
                    field(column, back)
                } else {
                    view! {
                        <button
                            class="new-column-button"
                            type="button"
                            node_ref=button
                            data-testid="add-column"
                            on:click=move |_| column.open.set(true)
                        >
                            <Icon name="plus"/>
                            "Add column"
                        </button>
                    }
                    .into_any()
                }
            }}
            {move || column.drafts.offer(Signal::stored(String::new()), resume)}
        </div>
    }
    .into_any()
}

fn field(column: NewColumn, back: Callback<()>) -> AnyView {
    let node = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        if let Some(field) = node.get() {
            let _ = field.focus();
            elements::scroll_to_end();
        }
    });
    let pressed = Callback::new(move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            column.add();
        }
        "Escape" => {
            event.prevent_default();
            event.stop_propagation();
            back.run(());
        }
        _ => {}
    });
    let left = Callback::new(move |()| {
        if column.text.with_untracked(|text| text.trim().is_empty()) {
            column.close();
        }
    });
    view! {
        <WriteArea
            class="composer-field"
            rows="1"
            label="Name of the new column. Enter adds it, Escape closes."
            placeholder="Column name"
            described_by=PROBLEM.to_owned()
            value=column.text.into()
            invalid=Signal::derive(move || column.refused.with(Option::is_some))
            node
            testid="column-name"
            enter_hint="done"
            on_input=Callback::new(move |text| column.write(text))
            on_key=pressed
            on_blur=left
        />
        <p class="field-error" id=PROBLEM role="alert">{move || column.refused.get()}</p>
        <p class="composer-hint" aria-hidden="true">
            <kbd>"Enter"</kbd>
            " adds · "
            <kbd>"Esc"</kbd>
            " closes"
        </p>
    }
    .into_any()
}
