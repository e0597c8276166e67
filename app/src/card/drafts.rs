//! Unsaved drafts of the fields of a card that is gone.

use engine::mention;
use leptos::prelude::*;

use super::OpenCard;
use crate::ui::field::{clear, orphaned_draft};

pub(super) const TITLE: &str = "title";
pub(super) const DESCRIPTION: &str = "description";
pub(super) const BLOCKED: &str = "blocked";
pub(super) const COMMENT: &str = "comment";

const FIELDS: [(&str, &str); 4] =
    [(TITLE, "Title"), (DESCRIPTION, "Description"), (BLOCKED, "Blocked by"), (COMMENT, "Comment")];

/// The drafts of a card that is not on the board, to copy or to discard.
#[component]
pub(super) fn OrphanedDrafts(open: OpenCard) -> impl IntoView {
    let me = open.store.me();
    let found = RwSignal::new(Vec::<(&'static str, String)>::new());
    let newest = move || {
        let text = |field| Some(mention::plain(&orphaned_draft(me, field, open.id)?));
        FIELDS.into_iter().filter_map(|(field, label)| Some((label, text(field)?))).collect::<Vec<_>>()
    };
    // Effects run in the browser only, where the drafts are stored.
    Effect::new(move |_| found.set(newest()));
    let discard = move |_| {
        FIELDS.iter().for_each(|(field, _)| clear(me, field, open.id));
        found.set(Vec::new());
    };
    let row = move |(label, text): (&'static str, String)| {
        let copied = text.clone();
        view! {
            <li class="left-behind">
                <p class="label">{label}</p>
                <p class="description-text" dir="auto">{text}</p>
                <button class="button small" type="button" on:click=move |_| open.store.copy(copied.clone())>"Copy"</button>
            </li>
        }
        .into_any()
    };
    move || {
        let all = found.get();
        (!all.is_empty()).then(|| {
            view! {
                <section class="conflict" aria-labelledby="left-behind-heading" data-testid="left-behind">
                    <h3 class="conflict-reason" id="left-behind-heading">"You typed this, and it wasn't saved"</h3>
                    <ul>{all.into_iter().map(row).collect_view()}</ul>
                    <div class="form-actions">
                        <button class="button small" type="button" on:click=discard>"Discard"</button>
                    </div>
                </section>
            }
            .into_any()
        })
    }
}
