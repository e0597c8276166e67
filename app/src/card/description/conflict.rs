//! A description that the server refused: both texts, and the choice between them.

use leptos::prelude::*;

use super::{Editor, ReadDescription};
use crate::{card::unsaved::RefusedDescription, ui::icon::Icon};

#[component]
pub(super) fn Conflict(editor: Editor, refused: RefusedDescription) -> impl IntoView {
    let RefusedDescription { mine, theirs, reason } = refused;
    let id = editor.open.id;
    let keep = mine.clone();
    let over = theirs.clone();
    let keep_mine = move |_| {
        let known = editor.read.with_untracked(|read| read.version);
        let version = over.as_ref().map_or(known, |(_, version)| *version);
        editor.read.set(ReadDescription::local(keep.clone(), version));
        editor.unsaved.save(id, keep.clone(), version);
    };
    let other = theirs.clone();
    let drop_mine = move |_| {
        if let Some((text, version)) = other.clone() {
            editor.read.set(ReadDescription::local(text, version));
        }
        editor.unsaved.forget(id);
    };
    let (keep_label, drop_label) =
        if theirs.is_some() { ("Keep mine", "Take theirs") } else { ("Try again", "Discard") };
    view! {
        <div class="conflict" role="alert">
            <p class="conflict-reason"><Icon name="alert" />{reason}</p>
            <div class="conflict-texts">
                <div>
                    <h4 class="label">"Yours, not saved"</h4>
                    <p class="description-text" dir="auto">{mine}</p>
                </div>
                {theirs
                    .map(|(text, _)| {
                        view! {
                            <div>
                                <h4 class="label">"Theirs"</h4>
                                <p class="description-text" dir="auto">{text}</p>
                            </div>
                        }
                    })}
            </div>
            <div class="form-actions">
                <button class="button primary small" type="button" on:click=keep_mine>{keep_label}</button>
                <button class="button small" type="button" on:click=drop_mine>{drop_label}</button>
            </div>
        </div>
    }
    .into_any()
}
