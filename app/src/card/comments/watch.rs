//! The button that watches the open card, or stops watching it.

use engine::{Method, Request, session::ThreadInput};
use leptos::prelude::*;
use serde_json::Value;

use super::Comments;
use crate::{
    message::sentence,
    ui::{
        form::Submission,
        icon::Icon,
        toast::{Toast, use_toasts},
    },
};

/// Watches the card or stops watching it: at once, and back when the server refuses.
pub(super) fn watch_button(all: Comments) -> AnyView {
    let submission = Submission::idle();
    let toasts = use_toasts();
    // The requested state, until it is confirmed or refused.
    let requested = RwSignal::new(None::<bool>);
    let watching = Memo::new(move |_| requested.get().unwrap_or_else(|| all.thread.with(|thread| thread.watching)));
    let done = Callback::new(move |answer: Value| {
        all.open.store.send_thread_input(ThreadInput::Watching(answer["watching"] == true));
        requested.set(None);
    });
    let toggle = move |_| {
        let to = !watching.get_untracked();
        let method = if to { Method::Put } else { Method::Delete };
        requested.set(Some(to));
        submission.send(Request::new(method, format!("/api/tasks/{}/watch", all.task())), done);
    };
    Effect::new(move || {
        if let Some(reason) = submission.failed() {
            requested.set(None);
            toasts.show(Toast::problem(sentence(&reason)));
        }
    });
    view! {
        <button
            class="button small watch"
            type="button"
            aria-pressed=move || watching.get().to_string()
            title="Be notified of comments, blockers and moves"
            disabled=move || submission.blocked()
            on:click=toggle
        >
            <Icon name="eye" />
            {move || if watching.get() { "Watching" } else { "Watch" }}
        </button>
    }
    .into_any()
}
