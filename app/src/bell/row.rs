//! One notification in the list.

use engine::Notification;
use leptos::prelude::*;
use web_sys::MouseEvent;

use super::{BellState, kind};
use crate::{
    date::{ago, clock_time, full},
    ui::{avatar::Avatar, icon::Icon},
};

/// An older row shows the time of day, because its heading shows the day. In milliseconds.
const RECENT: i64 = 12 * 3_600_000;

/// The avatar of the actor with the kind as a mark, or the kind alone for notifications without an actor.
fn avatar(one: &Notification) -> AnyView {
    let (icon, class) = (kind::icon(one.kind), kind::class(one.kind));
    let Some((user, name)) = one.actor_id.zip(one.actor_name.clone()) else {
        return view! { <span class=class><Icon name=icon /></span> }.into_any();
    };
    view! {
        <span class="bell-face">
            <Avatar user name decorative=true />
            <span class=format!("{class} bell-mark")><Icon name=icon /></span>
        </span>
    }
    .into_any()
}

/// A link to the notification's task. A click opens the task and marks the notification as read.
pub(super) fn row(state: BellState, one: Notification, choose: Callback<Notification>) -> AnyView {
    let (id, at) = (one.id, one.created_at);
    let unread = Memo::new(move |_| {
        state.shown().with(|shown| shown.notifications.iter().any(|one| one.id == id && one.read_at.is_none()))
    });
    let when = move || {
        let now = state.now.get();
        if now.millis() - at.millis() < RECENT { ago(at, now) } else { clock_time(at) }
    };
    let href = one.address();
    let avatar = avatar(&one);
    let (title, message) = (one.title.clone(), one.message.clone());
    let click = move |event: MouseEvent| {
        let plain = !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if plain {
            event.prevent_default();
            choose.run(one.clone());
        } else {
            // The browser opens the link elsewhere.
            state.read(id);
        }
    };
    view! {
        <li>
            <a
                class="bell-row"
                class:bell-unread=move || unread.get()
                href=href
                data-testid="notification"
                data-unread=move || unread.get().then_some("")
                on:click=click
            >
                {avatar}
                <span class="bell-text">
                    <span class="bell-title">{title}</span>
                    <span class="bell-message">{message}</span>
                </span>
                <time class="bell-time" datetime=at.to_string() title=full(at)>{move || when()}</time>
                {move || {
                    let dot = || view! { <span class="bell-dot"><span class="visually-hidden">"Unread"</span></span> };
                    unread.get().then(|| dot().into_any())
                }}
            </a>
        </li>
    }
    .into_any()
}
