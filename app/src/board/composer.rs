//! Adding a card in place, at the foot of a column.

mod new_card;
mod titles;

use engine::StatusId;
use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use super::board_state::BoardState;
use crate::ui::{field::WriteArea, focus::restore_focus};
use new_card::{NewCard, TITLE};
use titles::{joined, lines, split};

/// A button that becomes a field: Enter adds a card and keeps the field open, Escape closes it.
pub(super) fn composer(state: BoardState, status: StatusId) -> AnyView {
    let open = Memo::new(move |_| state.composing.get() == Some(status));
    let card = NewCard {
        state,
        filter: use_context(),
        status,
        text: RwSignal::new(String::new()),
        refused: RwSignal::new(None),
        one: NodeRef::new(),
        field: NodeRef::new(),
    };
    let button = NodeRef::<html::Button>::new();
    Effect::new(move |before: Option<bool>| {
        let open = open.get();
        if open {
            if let Some(field) = card.field.get() {
                let _ = field.focus();
            }
        } else if before == Some(true) {
            // A draft that was not added is offered again.
            state.drafts.release();
            card.refused.set(None);
            card.text.set(String::new());
        }
        open
    });
    let name = StoredValue::new(String::new());
    Effect::new(move |_| {
        if let Some(status) = state.store.status(status) {
            name.set_value(status.name);
        }
    });
    on_cleanup(move || card.column_removed(&name.try_get_value().unwrap_or_default()));
    let back = move || {
        card.close();
        restore_focus(move || {
            if let Some(button) = button.try_get_untracked().flatten() {
                let _ = button.focus();
            }
        });
    };
    // At the foot of the column it was meant for, or of the first column when that one is gone.
    let home = Memo::new(move |_| {
        let note = state.drafts.offered("")?.note.and_then(|note| note.parse::<StatusId>().ok());
        state.store.statuses().with(|all| {
            let meant = all.iter().find(|column| Some(column.id) == note);
            meant.or_else(|| all.first()).map(|column| column.id)
        })
    });
    let draft = move || {
        let resume = Callback::new(move |draft| card.resume(draft));
        (home.get() == Some(status)).then(|| state.drafts.offer(Signal::stored(String::new()), resume))
    };
    view! {
        <div class="composer">
            {move || {
                if open.get() {
                    field_and_hints(card, Callback::new(move |()| back()))
                } else {
                    view! {
                        <button
                            class="composer-button"
                            type="button"
                            node_ref=button
                            data-testid="add-task"
                            on:click=move |_| state.composing.set(Some(status))
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
            {draft}
        </div>
    }
    .into_any()
}

fn field_and_hints(card: NewCard, back: Callback<()>) -> AnyView {
    let hint = format!("new-card-{}", card.status);
    let pressed = Callback::new(move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            card.enter();
        }
        "Escape" => {
            event.prevent_default();
            event.stop_propagation();
            back.run(());
        }
        _ => {}
    });
    let left = Callback::new(move |()| {
        if card.text.with_untracked(|text| text.trim().is_empty()) {
            card.close();
        }
    });
    let several = move || {
        let count = card.text.with(|text| lines(text).len());
        (count > 1).then(|| several_lines(card, count))
    };
    let counted = move || {
        let nearly = card.text.with(|text| TITLE.nearly_full(text)).filter(|(count, max)| count <= max);
        nearly.map(|(count, max)| format!("{count} / {max}"))
    };
    view! {
        <WriteArea
            class="composer-field"
            rows="1"
            label="Title of the new card. Enter adds it, Escape closes."
            placeholder="Card title"
            described_by=hint.clone()
            value=card.text.into()
            invalid=Signal::derive(move || card.problem().is_some())
            node=card.field
            testid="add-task"
            enter_hint="done"
            on_input=Callback::new(move |text| card.write(text))
            on_key=pressed
            on_blur=left
        />
        <p class="field-error" id=hint role="alert">{move || card.problem()}</p>
        {several}
        <p class="composer-hint" aria-hidden="true">
            <kbd>"Enter"</kbd>
            " adds · "
            <kbd>"Esc"</kbd>
            " closes"
            <span class="composer-count">{counted}</span>
        </p>
    }
    .into_any()
}

/// Asks whether several lines are one card or several.
fn several_lines(card: NewCard, count: usize) -> AnyView {
    let text = move || card.text.get_untracked();
    view! {
        <div class="composer-lines" role="group" aria-label="Several lines" data-testid="several-lines">
            <span role="status">{format!("{count} lines:")}</span>
            <button class="button small" type="button" node_ref=card.one on:click=move |_| card.add(Ok(joined(&text())))>
                "1 card"
            </button>
            <button class="button small" type="button" on:click=move |_| card.add(split(&text()))>
                {format!("{count} cards")}
            </button>
        </div>
    }
    .into_any()
}
