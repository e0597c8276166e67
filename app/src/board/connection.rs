//! How the connection stands, in the header.

use std::time::Duration;

use engine::session::Link;
use leptos::prelude::*;

use super::store::BoardStore;
use crate::{
    date::{ago, full},
    icon::Icon,
};

/// A break that is over sooner than this is nobody's business.
const QUIET: Duration = Duration::from_secs(3);
/// Attempts before the page calls itself offline.
const ATTEMPTS: u8 = 5;

/// For who runs the server, who can mend it.
const BLOCKED: &str = "Live updates are blocked. Checking every few seconds. \
                       A proxy between this browser and the server does not pass WebSocket upgrades.";

/// Live, Reconnecting n/5, or Offline with Retry, and how many changes are unsent.
#[component]
pub fn ConnectionPill(
    /// The board whose connection it is.
    store: BoardStore,
) -> impl IntoView {
    let link = store.link();
    let unsent = store.unconfirmed();
    let live = Memo::new(move |_| link.get() == Link::Live);
    // Whether the break has lasted long enough to be spoken of.
    let loud = RwSignal::new(false);
    Effect::new(move |_| {
        if live.get() {
            loud.set(false);
        } else if let Ok(handle) = set_timeout_with_handle(move || loud.set(true), QUIET) {
            on_cleanup(move || handle.clear());
        }
    });
    let said = Memo::new(move |said: Option<&&'static str>| sentence(link.get(), loud.get(), said.copied()));
    view! {
        <div
            class="connection"
            class:connection-quiet=move || !loud.get() && matches!(link.get(), Link::Connecting | Link::Reconnecting { .. })
            data-testid="connection"
            data-state=move || state(link.get())
            data-pending=move || unsent.get().to_string()
        >
            {move || pill(store, link.get(), move || unsent.get())}
        </div>
        <span class="visually-hidden" role="status">{move || said.get()}</span>
    }
}

/// The four states of the mark.
fn state(link: Link) -> &'static str {
    match link {
        Link::Live => "live",
        Link::Connecting | Link::Reconnecting { .. } => "connecting",
        Link::Polling => "polling",
        Link::Offline | Link::SignedOut | Link::NoAccess | Link::Outdated | Link::OtherUser => "offline",
    }
}

/// What is read out: once when the connection is lost, and once when it is back.
fn sentence(link: Link, loud: bool, said: Option<&'static str>) -> &'static str {
    match link {
        Link::Live if said.is_some_and(|said| !said.is_empty()) => "Connected again. The board is up to date.",
        Link::Live | Link::Connecting => "",
        Link::Reconnecting { .. } if loud => "The connection is lost. Connecting again.",
        Link::Reconnecting { .. } => said.unwrap_or_default(),
        Link::Polling => "Live updates are blocked. Checking every few seconds.",
        // The page says it, whole.
        Link::OtherUser => "",
        Link::Offline => "You are offline. Your changes are kept until the server can be reached.",
        Link::SignedOut => "You are signed out.",
        Link::NoAccess => "You no longer have access to this project.",
        Link::Outdated => "There is a newer version of this page.",
    }
}

/// What stands in the pill. On a narrow page the mark stands for the words, which are there for those who listen.
fn pill(store: BoardStore, link: Link, unsent: impl Fn() -> usize + Copy + Send + 'static) -> AnyView {
    let dot = || view! { <span class="connection-dot"></span> };
    let mark = |icon| view! { <span class="connection-mark">{dot()} <Icon name=icon /></span> };
    match link {
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
                {unsent_words(unsent)}
                <span class="connection-word connection-try">" · " <span class="connection-do">"Retry"</span></span>
            </button>
        }
        .into_any(),
        Link::Offline => view! {
            <button class="connection-action" type="button" on:click=move |_| store.retry()>
                {mark("offline")}
                <span class="connection-word">"Offline"</span>
                {unsent_words(unsent)}
                {move || store.as_of().get().map(|at| {
                    let words = format!(" · as of {}", ago(at, store.now().get()));
                    view! { <time class="connection-as-of" datetime=at.to_string() title=full(at)>{words}</time> }.into_any()
                })}
                <span class="connection-word">" · " <span class="connection-do">"Retry"</span></span>
            </button>
        }
        .into_any(),
        Link::SignedOut => view! {
            // A whole new page: everything in this one belongs to a session that is gone.
            <a class="connection-action" href="/login" rel="external">
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
                <span class="connection-word">"New version · " <span class="connection-do">"Reload"</span></span>
            </button>
        }
        .into_any(),
    }
}

/// How many changes are unsent. A narrow page has room for the number.
fn unsent_words(unsent: impl Fn() -> usize + Send + 'static) -> impl IntoView {
    move || {
        Some(unsent()).filter(|unsent| *unsent > 0).map(|unsent| {
            view! {
                <span class="connection-word">" · "</span>
                <span class="connection-unsent">{unsent}</span>
                <span class="connection-word">" unsent"</span>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_break_is_not_spoken_of() {
        let said = sentence(Link::Live, false, None);
        let said = sentence(Link::Reconnecting { attempt: 1 }, false, Some(said));
        assert_eq!(said, "");
        assert_eq!(sentence(Link::Live, false, Some(said)), "");
    }

    #[test]
    fn a_long_break_is_spoken_of_at_both_ends() {
        let lost = sentence(Link::Reconnecting { attempt: 2 }, true, Some(""));
        assert_eq!(lost, "The connection is lost. Connecting again.");
        assert_eq!(sentence(Link::Reconnecting { attempt: 3 }, true, Some(lost)), lost);
        assert_eq!(sentence(Link::Live, true, Some(lost)), "Connected again. The board is up to date.");
    }

    #[test]
    fn the_mark_tells_the_truth() {
        assert_eq!(state(Link::Live), "live");
        assert_eq!(state(Link::Reconnecting { attempt: 1 }), "connecting");
        assert_eq!(state(Link::Polling), "polling");
        for link in [Link::Offline, Link::SignedOut, Link::NoAccess, Link::Outdated, Link::OtherUser] {
            assert_eq!(state(link), "offline");
        }
    }
}
