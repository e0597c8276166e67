//! The bell: how many notifications are unread, live.

use std::sync::Arc;

use engine::{UserId, session::Link};
use leptos::prelude::*;

use crate::{
    backend::{BellSink, Live},
    icon::Icon,
    session::backend,
    toast::{Toast, Toasts, use_toasts},
};

/// The bell's socket and what it brought. Of the whole app: it stays connected from page to page.
#[derive(Clone, Copy)]
pub struct BellState {
    unread: RwSignal<u64>,
    live: StoredValue<Option<Box<dyn Live>>>,
}

impl BellState {
    /// Puts a bell that is not connected yet into the context.
    pub(crate) fn provide() {
        provide_context(Self { unread: RwSignal::new(0), live: StoredValue::new(None) });
    }

    /// Connects, unless it is connected.
    fn connect(self, me: UserId) {
        if self.live.with_value(Option::is_none) {
            let sink = Told { unread: self.unread, toasts: use_toasts() };
            self.live.set_value(Some(backend().listen(me, Arc::new(sink))));
        }
    }
}

struct Told {
    unread: RwSignal<u64>,
    toasts: Toasts,
}

impl BellSink for Told {
    fn link(&self, link: Link) {
        // A board says it itself, and for as long as it is so.
        let on_board = || document().query_selector("[data-board]").is_ok_and(|board| board.is_some());
        if link == Link::Outdated && !on_board() {
            let reload = || {
                let _ = window().location().reload();
            };
            self.toasts.show(Toast::done("There is a new version of Lockstep.").with("Reload", reload));
        }
    }

    fn unread(&self, unread: u64) {
        self.unread.try_set(unread);
    }
}

/// The bell in the header, with its list.
#[component]
pub fn Bell(
    /// Whose it is.
    user: UserId,
) -> impl IntoView {
    let state: BellState = expect_context();
    // Effects run in the browser only.
    Effect::new(move || state.connect(user));
    let unread = state.unread;
    let badge = move || {
        let count = unread.get();
        (count > 0).then(|| {
            let text = if count > 99 { "99+".to_owned() } else { count.to_string() };
            view! { <span class="badge" aria-hidden="true">{text}</span> }.into_any()
        })
    };
    view! {
        <button
            class="icon-button bell"
            type="button"
            popovertarget="notifications"
            data-testid="bell"
            data-unread=move || unread.get().to_string()
            aria-label=move || label(unread.get())
        >
            <Icon name="bell" />
            {move || badge()}
        </button>
        <div class="menu notifications" id="notifications" popover="auto" role="group" aria-label="Notifications">
            <p class="menu-title">"Notifications"</p>
            <div class="empty small">
                <Icon name="bell" />
                <p>"Nothing new. Mentions and assignments will show up here."</p>
            </div>
        </div>
    }
    .into_any()
}

fn label(unread: u64) -> String {
    match unread {
        0 => "Notifications".to_owned(),
        1 => "Notifications, 1 unread".to_owned(),
        n => format!("Notifications, {n} unread"),
    }
}
