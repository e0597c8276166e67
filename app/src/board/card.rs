//! A card on the board.

use engine::{Day, Priority, Task, TaskId, wire::PresenceMode};
use leptos::prelude::*;

use super::{
    board_state::BoardState,
    due::{Nearness, age},
    filter::BoardFilter,
    roving::tab_index,
    store::Card,
};
use crate::{
    date::DayWords as _,
    ui::{
        avatar::{Avatar, member_label},
        priority::PriorityMark,
    },
};

/// The id of the sentence that describes the keys to assistive technology.
pub(super) const HELP: &str = "board-card-help";

/// One card in its slot. The board handles clicks and keys, once for all cards.
pub(super) fn card(state: BoardState, id: TaskId) -> AnyView {
    let Some(card) = state.store.card(id) else { return ().into_any() };
    let filter = use_context::<BoardFilter>();
    let shown = {
        let card = card.clone();
        move |filter: BoardFilter| card.with(|card| filter.shows(&card.task))
    };
    let pending = {
        let card = card.clone();
        move || card.with(|card| card.pending)
    };
    let slow = {
        let card = card.clone();
        move || card.with(|card| card.slow)
    };
    let marked = slow.clone();
    let blocked = {
        let card = card.clone();
        move || card.with(|card| card.task.blocked_reason.is_some())
    };
    let title = {
        let card = card.clone();
        move || card.with(|card| card.task.title.clone())
    };
    let menu_label = {
        let card = card.clone();
        move || card.with(|card| format!("Actions for {}", card.task.title))
    };
    view! {
        <li class="slot" hidden=move || filter.is_some_and(|filter| !shown(filter))>
            <a
                class="card"
                class:card-blocked=move || blocked()
                href=state.address.run(id)
                draggable="false"
                tabindex=tab_index(state, id)
                aria-describedby=HELP
                data-testid="task-card"
                data-task-id=id.to_string()
                data-pending=move || pending().then_some("")
                data-slow=move || marked().then_some("")
            >
                <span class="card-line">
                    {
                        let card = card.clone();
                        move || card.with(|card| lone_priority(state, &card.task))
                    }
                    <span class="card-title" dir="auto">{move || title()}</span>
                </span>
                {
                    let card = card.clone();
                    move || card.with(|card| facts(state, &card.task))
                }
                {
                    let card = card.clone();
                    move || filter.filter(|filter| card.with(|card| filter.shows_as_added(&card.task))).map(|_| added_note())
                }
                {move || card.with(|card| busy(state, card))}
                {move || slow().then(unsaved)}
            </a>
            {move || {
                state.can_edit
                    .get()
                    .then(|| view! {
                        <button class="card-menu-button" type="button" tabindex=tab_index(state, id) data-menu-of=id.to_string() aria-haspopup="menu" aria-label=menu_label.clone()>
                            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                                <path d="M3.5 8h.01M8 8h.01M12.5 8h.01"/>
                            </svg>
                        </button>
                    }.into_any())
            }}
        </li>
    }
    .into_any()
}

/// Whether a card has facts beside its priority.
fn has_facts(state: BoardState, task: &Task) -> bool {
    let assignee = || task.assignee_id.and_then(|id| state.store.member(id));
    task.due_at.is_some() || task.comment_count > 0 || task.blocked_reason.is_some() || assignee().is_some()
}

/// The priority beside the title, for a card without other facts: it needs no extra row.
fn lone_priority(state: BoardState, task: &Task) -> Option<AnyView> {
    (task.priority != Priority::None && !has_facts(state, task))
        .then(|| view! { <PriorityMark priority=task.priority/> }.into_any())
}

/// The row of facts. Empty for a card without any.
fn facts(state: BoardState, task: &Task) -> Option<AnyView> {
    if !has_facts(state, task) {
        return None;
    }
    let today = state.store.today();
    let due = task.due_at.map(|due| (Day::utc(due), Nearness::of(task, today.get())));
    let assignee = task.assignee_id.and_then(|id| state.store.member(id));
    let blocked = task.blocked_reason.clone().map(|reason| (reason, task.blocked_since));
    let blocked = blocked.map(|(reason, since)| {
        let lasted = since.map(|since| age(since, state.store.now().get()));
        view! {
            <span class="card-fact card-stop" title=reason>
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                    <circle cx="8" cy="8" r="5.5"/>
                    <path d="M4.2 4.2l7.6 7.6"/>
                </svg>
                <span class="visually-hidden">"Blocked "</span>
                {lasted}
            </span>
        }
        .into_any()
    });
    let view = view! {
        <span class="card-facts">
            <PriorityMark priority=task.priority/>
            {blocked}
            {due.map(|(due, nearness)| due_date(due, nearness, today.get()))}
            {(task.comment_count > 0).then(|| comments(task.comment_count))}
            {assignee.map(|member| {
                let class = if member.former { "avatar-small card-face avatar-former" } else { "avatar-small card-face" };
                view! { <Avatar user=member.user_id name=member_label(&member) class/> }
            })}
        </span>
    };
    Some(view.into_any())
}

/// A ring in the colour of another user who edits or drags the card, with their name.
fn busy(state: BoardState, card: &Card) -> Option<AnyView> {
    let person = card.busy.as_ref()?;
    let does = if person.mode == PresenceMode::Drag { "is moving" } else { "is editing" };
    let view = view! {
        <span class=format!("card-busy {}", state.store.hue(person.user_id))>
            <span class="card-busy-name">{format!("{} {does}", person.name)}</span>
        </span>
    };
    Some(view.into_any())
}

/// Shown while the server is slow to confirm the reader's change.
fn unsaved() -> AnyView {
    view! { <span class="card-unsaved" data-testid="card-unsaved">"Not saved yet"</span> }.into_any()
}

/// Why a card is shown although the filter does not match it.
fn added_note() -> AnyView {
    view! { <span class="card-added">"Just added. It doesn't match the filter."</span> }.into_any()
}

fn comments(count: u32) -> AnyView {
    let unit = if count == 1 { " comment" } else { " comments" };
    view! {
        <span class="card-fact" data-testid="comment-count">
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d="M2.5 4.5a1.5 1.5 0 0 1 1.5-1.5h8a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 12 11H7.5L4.5 13.5V11H4a1.5 1.5 0 0 1-1.5-1.5Z"/>
            </svg>
            {count}
            <span class="visually-hidden">{unit}</span>
        </span>
    }
    .into_any()
}

fn due_date(due: Day, nearness: Nearness, today: Day) -> AnyView {
    let class = match nearness {
        Nearness::Later => "card-fact card-due",
        Nearness::Near => "card-fact card-due card-due-near",
        Nearness::Late => "card-fact card-due card-due-late",
    };
    let spoken = if nearness == Nearness::Late { "Overdue: " } else { "Due " };
    view! {
        <time class=class datetime=due.to_string() title=due.long()>
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <rect x="2.5" y="3.5" width="11" height="10" rx="2"/>
                <path d="M2.5 7h11M5.5 2v3M10.5 2v3"/>
            </svg>
            <span class="visually-hidden">{spoken}</span>
            {due.short(today)}
        </time>
    }
    .into_any()
}
