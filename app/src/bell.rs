//! The bell: its user's notifications, on every page.
//!
//! ```text
//! state     its connection and its signals      list, row    the list that the button opens
//! alerts    desktop notifications               title_badge  the unread count in the window's title and icon
//! announce  new ones, for screen readers        kind         the kinds in words and pictures
//! zone      the user's time zone
//! ```

pub(crate) mod alerts;
mod announce;
pub(crate) mod kind;
mod list;
mod row;
mod state;
mod title_badge;
pub(crate) mod zone;

use engine::UserId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::ui::icon::Icon;
use list::list;
pub use state::BellState;
pub(crate) use title_badge::{mark_icon, window_title};

/// The id of the list that the button opens.
const LIST: &str = "notifications";

/// The bell in the header, with its list.
#[component]
pub fn Bell(
    /// The signed-in user.
    user: UserId,
) -> impl IntoView {
    let state: BellState = expect_context();
    let query = use_query_map();
    // Effects run in the browser only.
    Effect::new(move || {
        state.connect(user);
        state.set_open_task(query.with(|query| query.get_str("task").and_then(|id| id.parse().ok())));
    });
    on_cleanup(move || state.set_open_task(None));
    let unread = move || state.unread();
    let badge = move || {
        let count = unread();
        (count > 0).then(|| {
            let text = if count > 99 { "99+".to_owned() } else { count.to_string() };
            view! { <span class="badge" aria-hidden="true">{text}</span> }.into_any()
        })
    };
    view! {
        <button
            class="icon-button bell"
            type="button"
            popovertarget=LIST
            data-testid="bell"
            data-unread=move || unread().to_string()
            aria-label=move || label(unread())
        >
            <Icon name="bell" />
            {move || badge()}
        </button>
        {list(state)}
        <p class="visually-hidden" role="status" aria-live="polite" data-testid="bell-said">
            {move || state.announcer.text()}
        </p>
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
