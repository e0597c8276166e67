//! The list that the bell opens: notifications by day, newest first.

use engine::{Day, Notification, session::Link};
use leptos::{html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, KeyboardEvent};

use super::{BellState, LIST, alerts::offer, row::row};
use crate::{
    date::{local_date, local_day},
    message::sentence,
    ui::{
        field::segments,
        icon::Icon,
        rows::{KeyedRow, rows},
    },
};

/// Distance from the end of the list at which the next page is fetched, in CSS pixels.
const NEAR_END: i32 = 400;

/// The list, in a popover: Escape and a press elsewhere close it, and return the focus to the bell.
pub(super) fn list(state: BellState) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let scroller = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let navigate = use_navigate();
    let choose = Callback::new(move |one: Notification| {
        if let Some(list) = node.get_untracked() {
            // Fails when it is already closed.
            let _ = list.hide_popover();
        }
        state.read(one.id);
        navigate(&one.address(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    // The page may have changed by then: a click on a row closes the list and follows the link.
    let list = move || node.try_get_untracked().flatten();
    let is_open = move || list().is_some_and(|list| list.matches(":popover-open").unwrap_or_default());
    // A memo, because the rows are rebuilt on each notification of the signal.
    let show = move |shown: bool| {
        open.try_maybe_update(|open| (std::mem::replace(open, shown) != shown, ()));
    };
    // Whether the next focus event is the one that opening causes.
    let opening = StoredValue::new(false);
    // The rows exist before the list is shown, because effects run after this listener: the first key after the one
    // that opened the list acts on them.
    let toggling = move |_: Event| {
        if !is_open() {
            state.tick();
            show(true);
            opening.try_set_value(true);
        }
    };
    // The list itself has the focus until there is a row.
    let begin = move || {
        let frame = scroller.try_get_untracked().flatten();
        if opening.try_get_value() == Some(true)
            && let Some(frame) = frame.filter(|frame| document().active_element().as_ref() == Some(frame.as_ref()))
        {
            opening.set_value(!step(&frame, Way::First));
        }
    };
    let toggled = move |_: Event| show(is_open());
    // A list that does not fill its frame cannot be scrolled, so more is fetched until it does.
    let fill = move || {
        let scroller = scroller.try_get_untracked().flatten();
        if open.try_get_untracked() == Some(true) && scroller.is_some_and(|list| near_end(&list)) {
            state.load();
        }
    };
    Effect::new(move || {
        open.track();
        state.shown().track();
        request_animation_frame(move || {
            begin();
            fill();
        });
    });
    view! {
        <div
            class="menu notifications"
            id=LIST
            popover="auto"
            role="group"
            aria-label="Notifications"
            node_ref=node
            on:beforetoggle=toggling
            on:toggle=toggled
            on:keydown=move |event| pressed(&event)
        >
            <div class="bell-head">
                <p class="bell-heading">"Notifications"</p>
                <ReadFilter state />
                <button
                    class="icon-button"
                    type="button"
                    aria-label="Mark all as read"
                    title="Mark all as read"
                    disabled=move || state.unread() == 0
                    on:click=move |_| state.read_all()
                >
                    <Icon name="check-all" />
                </button>
                <a class="icon-button" href="/account#notifications-title" aria-label="Notification settings" title="Notification settings">
                    <Icon name="gear" />
                </a>
            </div>
            <div class="bell-list" node_ref=scroller tabindex="-1" autofocus on:focus=move |_| begin() on:scroll=move |_| fill()>
                {move || open.get().then(|| view! { <Days state choose /> })}
            </div>
            {move || offer(state)}
        </div>
    }
    .into_any()
}

/// The choice between all and unread notifications.
#[component]
fn ReadFilter(state: BellState) -> impl IntoView {
    let value = Signal::derive(move || if state.unread_only.get() { "unread" } else { "all" });
    let choose = Callback::new(move |value: &'static str| state.unread_only.set(value == "unread"));
    segments("Show", "bell-filter", &[("all", "All", None), ("unread", "Unread", None)], value, choose)
}

/// One list per day, and what is shown without notifications or while some are missing.
#[component]
fn Days(state: BellState, choose: Callback<Notification>) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let all = state.shown().with(|shown| shown.notifications.clone());
        let mut days: Vec<(Day, Vec<Notification>)> = Vec::new();
        for one in all {
            let day = local_day(one.created_at);
            match days.last_mut().filter(|(last, _)| *last == day) {
                Some((_, of_day)) => of_day.push(one),
                None => days.push((day, vec![one])),
            }
        }
        days
    });
    let of_day = move |day: Day| {
        shown.with(|days| days.iter().find(|(of, _)| *of == day).map(|(_, all)| all.clone()).unwrap_or_default())
    };
    let section = move |day: Day| {
        let of_day = move || {
            let of_day = of_day(day).into_iter();
            // Editing a comment changes the notifications that quote it.
            let key = |one: &Notification| format!("{} {} {}", one.id, one.title, one.message);
            of_day.map(|one| KeyedRow::new(key(&one), move || row(state, one, choose))).collect()
        };
        let id = format!("bell-{}", day);
        view! {
            <section class="bell-day">
                <p class="bell-date" id=id.clone()>{move || heading(day, local_day(state.now.get()))}</p>
                <ul aria-labelledby=id>{rows(of_day)}</ul>
            </section>
        }
        .into_any()
    };
    let days = move || {
        let days = shown.with(|days| days.iter().map(|(day, _)| *day).collect::<Vec<_>>());
        days.into_iter().map(|day| KeyedRow::new(day, move || section(day))).collect()
    };
    view! {
        {rows(days)}
        {move || rest(state, shown.with(Vec::is_empty))}
    }
    .into_any()
}

/// The end of the list: a loading row, an error, or the empty state.
fn rest(state: BellState, empty: bool) -> AnyView {
    let (loaded, more) = (state.loaded.get(), state.shown().with(|shown| shown.more));
    let away = !loaded && !matches!(state.link.get(), Link::Connecting | Link::Live | Link::Polling);
    let failed = state.failed.with(|error| error.as_ref().map(sentence));
    let problem = failed.or_else(|| away.then(|| "Can't reach the server.".into()));
    if let Some(text) = problem {
        return view! {
            <div class="bell-problem" role="alert">
                <p>{text}</p>
                <button class="button small" type="button" on:click=move |_| state.retry()>"Retry"</button>
            </div>
        }
        .into_any();
    }
    if !loaded || more {
        let row = || view! { <span class="skeleton bell-skeleton"></span> };
        return view! { <div aria-busy="true" aria-label="Loading">{[row(), row(), row()]}</div> }.into_any();
    }
    if !empty {
        return ().into_any();
    }
    let text = if state.unread_only.get() {
        "You're all caught up."
    } else {
        "No notifications yet. Mentions, assignments and changes to cards you follow appear here."
    };
    view! {
        <div class="empty small">
            <Icon name="bell" />
            <p>{text}</p>
        </div>
    }
    .into_any()
}

fn heading(day: Day, today: Day) -> String {
    match today.since(day) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ => local_date(day),
    }
}

/// Whether the reader is near the end. A list without a layout (hidden, or not drawn yet) has no end.
fn near_end(list: &HtmlElement) -> bool {
    let height = list.client_height();
    height > 0 && list.scroll_height() - list.scroll_top() - height < NEAR_END
}

/// The row that a key leads to.
#[derive(Clone, Copy)]
enum Way {
    First,
    Last,
    Next,
    Before,
}

/// Arrows, Home and End move between rows. Enter is handled by the link, Escape by the popover.
fn pressed(event: &KeyboardEvent) {
    let way = match event.key().as_str() {
        "ArrowDown" => Way::Next,
        "ArrowUp" => Way::Before,
        "Home" => Way::First,
        "End" => Way::Last,
        _ => return,
    };
    // The filter above handles left and right itself.
    let list = event.current_target().and_then(|list| list.dyn_into::<HtmlElement>().ok());
    if let Some(list) = list {
        event.prevent_default();
        step(&list, way);
    }
}

/// Focuses a row. Returns whether it exists.
fn step(list: &HtmlElement, way: Way) -> bool {
    let Ok(all) = list.query_selector_all(".bell-row") else { return false };
    let count = all.length();
    let focused = document().active_element();
    let at = (0..count).find(|index| all.item(*index).as_ref() == focused.as_ref().map(AsRef::as_ref));
    let to = match (way, at) {
        (Way::First, _) | (Way::Next, None) => 0,
        (Way::Last, _) | (Way::Before, None) => count.saturating_sub(1),
        (Way::Next, Some(at)) => (at + 1).min(count.saturating_sub(1)),
        (Way::Before, Some(at)) => at.saturating_sub(1),
    };
    let row = all.item(to).and_then(|row| row.dyn_into::<HtmlElement>().ok());
    // Fails only for an element that cannot be focused.
    row.is_some_and(|row| row.focus().is_ok())
}
