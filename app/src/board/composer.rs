//! Adding a card in place, at the foot of a column.

mod titles;

use engine::{StatusId, TaskId, limit};
use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

use super::{desk::Desk, page, refusal::quoted};
use crate::{
    field::{Rule, StoredDraft, WriteArea, too_long},
    filter::Filter,
    focus::give_back,
};
use titles::{checked, joined, lines, split};

const TITLE: Rule = Rule::Line { max: limit::TITLE, optional: false };

/// A new card as it is typed.
#[derive(Clone, Copy)]
struct NewCard {
    desk: Desk,
    filter: Option<Filter>,
    status: StatusId,
    text: RwSignal<String>,
    /// Why it was not added.
    refused: RwSignal<Option<String>>,
    /// The button that makes one card of several lines.
    one: NodeRef<html::Button>,
    field: NodeRef<html::Textarea>,
}

impl NewCard {
    fn write(self, text: String) {
        self.refused.set(None);
        self.desk.drafts.keep(&text, Some(self.status.to_string()));
        self.text.set(text);
    }

    /// Goes on with a draft.
    fn resume(self, draft: StoredDraft) {
        self.text.set(draft.text);
        self.desk.composing.set(Some(self.status));
    }

    /// Enter: adds a card, or asks whether several lines are one.
    fn enter(self) {
        let text = self.text.get_untracked();
        match lines(&text).len() {
            0 => {}
            1 => self.add(Ok(vec![text])),
            _ => {
                if let Some(one) = self.one.get_untracked() {
                    let _ = one.focus();
                }
            }
        }
    }

    /// Adds the cards with these titles, all of them or none.
    fn add(self, titles: Result<Vec<String>, String>) {
        match titles.and_then(|titles| checked(&titles)) {
            Ok(titles) => {
                self.say_added(&titles);
                for title in titles {
                    if let Some(id) = page::fresh_id().map(TaskId::new) {
                        self.desk.store.create(self.status, title, id);
                        self.filter.iter().for_each(|filter| filter.add(id));
                    }
                }
                // In the queue first, and then no longer a draft.
                self.desk.drafts.drop_own();
                self.text.set(String::new());
                self.refused.set(None);
                // It was in the question, which is answered.
                if let Some(field) = self.field.get_untracked() {
                    let _ = field.focus();
                }
                let status = self.status;
                page::next_frame(move || page::scroll_to_foot(status));
            }
            Err(reason) => self.refused.set(Some(reason)),
        }
    }

    /// Reads out what is added: it appears out of sight of the field.
    fn say_added(self, titles: &[String]) {
        let column = untrack(|| self.desk.store.status(self.status)).map(|status| status.name).unwrap_or_default();
        self.desk.say(match titles {
            [title] => format!("Added {} to {column}.", quoted(title)),
            _ => format!("Added {} cards to {column}.", titles.len()),
        });
    }

    /// Closes the field. What was typed stays as a draft.
    fn close(self) {
        if self.desk.composing.try_get_untracked() == Some(Some(self.status)) {
            self.desk.composing.set(None);
        }
    }

    /// Tracks what is wrong with the text, or how much of it fits.
    fn problem(self) -> Option<String> {
        let full = || {
            let nearly = self.text.with(|text| if lines(text).len() > 1 { None } else { TITLE.nearly_full(text) });
            nearly.filter(|(count, max)| count > max).map(|(count, max)| too_long(count, max))
        };
        self.refused.get().or_else(full)
    }
}

/// A button that becomes a field: Enter adds a card and waits for the next, Esc closes.
pub(super) fn composer(desk: Desk, status: StatusId) -> AnyView {
    let open = Memo::new(move |_| desk.composing.get() == Some(status));
    let card = NewCard {
        desk,
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
            // What was typed and not added is offered again.
            desk.drafts.release();
            card.refused.set(None);
            card.text.set(String::new());
        }
        open
    });
    let back = move || {
        card.close();
        give_back(move || {
            if let Some(button) = button.try_get_untracked().flatten() {
                let _ = button.focus();
            }
        });
    };
    // At the foot of the column that it was meant for, or of the first one where that is gone.
    let home = Memo::new(move |_| {
        let note = desk.drafts.offered("")?.note.and_then(|note| note.parse::<StatusId>().ok());
        desk.store.statuses().with(|all| {
            let meant = all.iter().find(|column| Some(column.id) == note);
            meant.or_else(|| all.first()).map(|column| column.id)
        })
    });
    let draft = move || {
        let resume = Callback::new(move |draft| card.resume(draft));
        (home.get() == Some(status)).then(|| desk.drafts.offer(Signal::stored(String::new()), resume))
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

/// The question what several lines are to be.
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
