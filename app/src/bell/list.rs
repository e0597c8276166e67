//! What the bell opens: notifications by day, newest first, and what can be done with all of them.

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

/// So near to the end of the list the next page is fetched, in CSS pixels.
const NEAR_END: i32 = 400;

/// The list, in a popover: Esc and a press elsewhere close it, and the focus goes back to the bell.
pub(super) fn list(state: BellState) -> AnyView {
    let node = NodeRef::<html::Div>::new();
    let scroller = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let navigate = use_navigate();
    let choose = Callback::new(move |one: Notification| {
        if let Some(list) = node.get_untracked() {
            // Fails where it is closed already.
            let _ = list.hide_popover();
        }
        state.read(one.id);
        navigate(&one.address(), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    // The page may be another one by then: a click on a row closes the list and leads away.
    let list = move || node.try_get_untracked().flatten();
    let is_open = move || list().is_some_and(|list| list.matches(":popover-open").unwrap_or_default());
    // Told of when it is something else: the rows are made anew each time.
    let show = move |shown: bool| {
        open.try_maybe_update(|open| (std::mem::replace(open, shown) != shown, ()));
    };
    // Whether the focus that comes next is the one that opening gives.
    let opening = StoredValue::new(false);
    // The rows are there before the list shows, because effects run when this listener is done: the first key
    // that follows the one that opened it is for them.
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
    // A list that does not fill its frame cannot be scrolled: more is fetched until it does.
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

/// All, or what is unread.
#[component]
fn ReadFilter(state: BellState) -> impl IntoView {
    let value = Signal::derive(move || if state.unread_only.get() { "unread" } else { "all" });
    let choose = Callback::new(move |value: &'static str| state.unread_only.set(value == "unread"));
    segments("Show", "bell-filter", &[("all", "All", None), ("unread", "Unread", None)], value, choose)
}

/// One list a day, and what there is to say where there is none, or not all of them.
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
            // A comment that is edited changes what quotes it.
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

/// What stands below the last one: that there are more, that they cannot be had, or that there are none at all.
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

/// Whether the reader is close to the end. A list without a layout (hidden, or not drawn yet) has no end to be close to.
fn near_end(list: &HtmlElement) -> bool {
    let height = list.client_height();
    height > 0 && list.scroll_height() - list.scroll_top() - height < NEAR_END
}

/// Where a key leads in the list.
#[derive(Clone, Copy)]
enum Way {
    First,
    Last,
    Next,
    Before,
}

/// Arrows, Home and End go from row to row; Enter is the link's own, Esc the popover's.
fn pressed(event: &KeyboardEvent) {
    let way = match event.key().as_str() {
        "ArrowDown" => Way::Next,
        "ArrowUp" => Way::Before,
        "Home" => Way::First,
        "End" => Way::Last,
        _ => return,
    };
    // The filter's own keys are left and right.
    let list = event.current_target().and_then(|list| list.dyn_into::<HtmlElement>().ok());
    if let Some(list) = list {
        event.prevent_default();
        step(&list, way);
    }
}

/// Puts the focus on a row. Returns whether there is one.
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
    // Fails only for an element that cannot have the focus.
    row.is_some_and(|row| row.focus().is_ok())
}
