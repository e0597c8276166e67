//! The title: one line that grows, saved when it is left.

use engine::{Op, TaskPatch, limit, wire::PresenceMode};
use leptos::prelude::*;

use super::Open;
use crate::draft::Draft;

#[component]
pub(super) fn TitleField(open: Open) -> impl IntoView {
    let title = open.read(|task| task.title.clone());
    let locked = open.locked();
    let draft = Draft::new(title);
    let save = move || {
        open.tell(PresenceMode::View);
        // A title that is empty or unchanged goes back to what it was.
        if let Some(text) = draft.take()
            && let Some(text) = limit::text(&text, limit::TITLE)
        {
            let patch = TaskPatch { title: Some(text), ..TaskPatch::default() };
            open.store.submit(Op::UpdateTask { task_id: open.id, patch });
        }
    };
    view! {
        <h2 class="visually-hidden" id="task-heading">{move || title.get()}</h2>
        <textarea
            class="title-input"
            rows="1"
            aria-label="Title"
            // What the server's HTML shows, which has no properties; and what an emptied field goes back to.
            placeholder=move || title.get()
            maxlength=limit::TITLE.to_string()
            readonly=move || locked.get()
            // Never as content: Leptos 0.8 does not escape what stands in a textarea.
            prop:value=move || draft.shown()
            on:input=move |event| draft.write(event_target_value(&event).replace('\n', " "))
            on:focus=move |_| {
                if !locked.get_untracked() {
                    open.tell(PresenceMode::Edit);
                }
            }
            on:blur=move |_| save()
            on:keydown=move |event| {
                if event.key() == "Enter" {
                    event.prevent_default();
                    save();
                }
            }
        ></textarea>
    }
    .into_any()
}
