//! The state of the connection, in the header.

mod words;

use std::time::Duration;

use engine::session::Link;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::store::BoardStore;
use crate::{date::full, page::sign_in_address, ui::icon::Icon};
use words::{announcement, state, waiting};

/// A shorter break is not shown.
const QUIET: Duration = Duration::from_secs(3);
/// Attempts to reconnect before the page shows "Offline".
const ATTEMPTS: u8 = 5;

/// A hint for the operator of the server, who can fix the cause.
const BLOCKED: &str = "Live updates are blocked. Checking every few seconds. \
                       A proxy between this browser and the server does not pass WebSocket upgrades.";

/// Live, Saving…, Reconnecting n/5, or Offline with Retry, and how many changes wait. The pill takes all the room left
/// in the header, so that nothing beside it moves when its text changes.
#[component]
pub fn ConnectionPill(
    /// The board whose connection is shown.
    store: BoardStore,
) -> impl IntoView {
    let (link, saving) = (store.link(), store.saving());
    let waits = store.unconfirmed();
    let live = Memo::new(move |_| link.get() == Link::Live);
    // Whether the break has lasted long enough to be shown.
    let loud = RwSignal::new(false);
    Effect::new(move |_| {
        if live.get() {
            loud.set(false);
        } else if let Ok(handle) = set_timeout_with_handle(move || loud.set(true), QUIET) {
            on_cleanup(move || handle.clear());
        }
    });
    let spoken = Memo::new(move |spoken: Option<&&'static str>| {
        announcement(link.get(), loud.get(), saving.get(), spoken.copied())
    });
    let location = use_location();
    let sign_in = Memo::new(move |_| sign_in_address(&location.pathname.get(), &location.search.get()));
    let shown = Memo::new(move |_| (link.get(), saving.get()));
    view! {
        <div class="connection-room">
            <div
                class="connection"
                class:connection-quiet=move || !loud.get() && matches!(link.get(), Link::Connecting | Link::Reconnecting { .. })
                data-testid="connection"
                data-state=move || state(link.get())
                data-saving=move || saving.get().then_some("")
                data-pending=move || waits.get().to_string()
            >
                {move || {
                    let (link, saving) = shown.get();
                    pill(store, link, saving, move || waits.get(), sign_in)
                }}
            </div>
        </div>
        <span class="visually-hidden" role="status">{move || spoken.get()}</span>
    }
}

/// The content of the pill. Where room is short only the mark is visible, and the words are for screen readers.
fn pill(
    store: BoardStore,
    link: Link,
    saving: bool,
    waits: impl Fn() -> usize + Copy + Send + 'static,
    sign_in: Memo<String>,
) -> AnyView {
    let dot = || view! { <span class="connection-dot"></span> };
    let mark = |icon| view! { <span class="connection-mark">{dot()} <Icon name=icon /></span> };
    match link {
        Link::Live if saving => view! {
            {mark("cloud-up")}
            <span class="connection-word">"Saving…"</span>
        }
        .into_any(),
        Link::Live => view! { {dot()} <span class="connection-word">"Live"</span> }.into_any(),
        Link::Connecting => view! { {dot()} <span class="connection-word">"Connecting"</span> }.into_any(),
        Link::Reconnecting { attempt } => view! {
            <svg class="connection-ring" viewBox="0 0 14 14" aria-hidden="true">
                <circle class="connection-track" cx="7" cy="7" r="5.5"/>
                <circle
                    class="connection-arc"
                    cx="7"
                    cy="7"
                    r="5.5"
                    pathLength="5"
                    stroke-dasharray=format!("{} 5", attempt.min(ATTEMPTS))
                    transform="rotate(-90 7 7)"
                />
            </svg>
            <span>
                <span class="connection-word">"Reconnecting "</span>
                <span class="connection-attempt">{attempt}"/"{ATTEMPTS}</span>
            </span>
        }
        .into_any(),
        Link::Polling => view! {
            <button class="connection-action" type="button" title=BLOCKED on:click=move |_| store.retry()>
                {mark("polling")}
                <span class="connection-word">"Live updates blocked"</span>
                {waiting_words(waits)}
                <span class="connection-word connection-try">" · " <span class="connection-do">"Retry"</span></span>
            </button>
        }
        .into_any(),
        Link::Offline => {
            let title = move || store.as_of().get().map(|at| format!("Last updated {}", full(at)));
            view! {
                <button class="connection-action" type="button" title=title on:click=move |_| store.retry()>
                    {mark("offline")}
                    <span class="connection-word">"Offline"</span>
                    {waiting_words(waits)}
                    <span class="connection-word connection-try">" · " <span class="connection-do">"Retry"</span></span>
                </button>
            }
            .into_any()
        }
        Link::SignedOut => view! {
            // A new document: everything in this one belongs to a session that has ended.
            <a class="connection-action" href=move || sign_in.get() rel="external">
                {mark("user")}
                <span class="connection-word">"Signed out · " <span class="connection-do">"Sign in"</span></span>
            </a>
        }
        .into_any(),
        Link::OtherUser => view! { {mark("users")} <span class="connection-word">"Other user"</span> }.into_any(),
        Link::NoAccess => view! { {mark("block")} <span class="connection-word">"No access"</span> }.into_any(),
        Link::Outdated => view! {
            <button
                class="connection-action"
                type="button"
                on:click=move |_| {
                    let _ = window().location().reload();
                }
            >
                {mark("reload")}
                <span class="connection-word">"Update available · " <span class="connection-do">"Reload"</span></span>
            </button>
        }
        .into_any(),
    }
}

/// How many changes wait. Where room is short, only the number.
fn waiting_words(waits: impl Fn() -> usize + Send + 'static) -> impl IntoView {
    move || {
        Some(waits()).filter(|count| *count > 0).map(|count| {
            view! {
                <span class="connection-word">" · "</span>
                <span class="connection-unsent">{count}</span>
                <span class="connection-word">{waiting(count)}</span>
            }
        })
    }
}
