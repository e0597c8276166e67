//! The title: a text area of one line that grows, saved on blur.

use engine::{Op, TaskPatch, limit, wire::PresenceMode};
use leptos::prelude::*;

use super::{OpenCard, drafts::TITLE};
use crate::ui::field::{Drafts, Rule, Save, SavedField, Takes, TextArea};

#[component]
pub(super) fn TitleField(open: OpenCard) -> impl IntoView {
    let title = open.read(|task| task.title.clone());
    let save = Callback::new(move |title: String| {
        let patch = TaskPatch { title: Some(title), ..TaskPatch::default() };
        open.store.submit(Op::UpdateTask { task_id: open.id, patch });
    });
    let takes = Takes::Rule(Rule::Line { max: limit::TITLE, optional: false });
    let field = SavedField::new("task-title", title, takes, Save::Now(save)).with_drafts(Drafts::new(
        open.store.me(),
        TITLE,
        open.id,
    ));
    let locked = open.locked();
    let focused = Callback::new(move |focused: bool| {
        if !locked.try_get_untracked().unwrap_or(true) {
            open.send_presence(if focused { PresenceMode::Edit } else { PresenceMode::View });
        }
    });
    view! {
        <h2 class="visually-hidden" id="task-heading">{move || title.get()}</h2>
        // For the server's HTML, which has no properties, and for a field that was emptied and left.
        <TextArea id="task-title" field class="title-input" rows="1" label="Title" placeholder=title locked on_focus=focused />
    }
    .into_any()
}
