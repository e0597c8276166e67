//! People × weeks.

use engine::{
    Day, UserId,
    oversight::workload::{LoadCell, PersonLoad, TaskFilterKind},
};
use leptos::prelude::*;

use super::{
    cell::{period_cell, side_cell},
    workload_state::{Figure, WorkloadState},
};
use crate::{
    date::span,
    ui::{
        avatar::Avatar,
        icon::Icon,
        rows::{KeyedRow, rows},
    },
};

/// The table. It scrolls within itself; the names stay.
pub(super) fn table(state: WorkloadState) -> AnyView {
    let periods = state.load.read(|load| load.periods.clone());
    let today = state.load.read(|load| load.today);
    let heads = move || {
        let (periods, today) = (periods.get(), today.get());
        periods.into_iter().map(|first| head(first, first.plus(6), today)).collect_view()
    };
    let people = move || {
        let people = state.view.with(|load| load.people.iter().map(|person| person.user_id).collect::<Vec<_>>());
        let key = |user: Option<UserId>| user.map_or_else(|| "none".to_owned(), |user| user.to_string());
        people.into_iter().map(|user| KeyedRow::new(key(user), move || row(state, user, periods))).collect()
    };
    view! {
        // The pattern that bars are hatched with.
        <svg class="visually-hidden" aria-hidden="true">
            <defs>
                <pattern id="load-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                    <rect class="load-hatch-line" width="2" height="5" />
                </pattern>
            </defs>
        </svg>
        <div class="load-scroll" role="region" aria-label="Workload of each person" tabindex="0">
            <table class="load-table" data-testid="workload">
                <thead>
                    <tr>
                        <th class="load-who" scope="col">"Person"</th>
                        <th class="load-side" scope="col">"Overdue"</th>
                        {heads}
                        <th class="load-side" scope="col">"After"</th>
                        <th class="load-side" scope="col">"No date"</th>
                    </tr>
                </thead>
                <tbody>{rows(people)}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn head(first: Day, last: Day, today: Day) -> AnyView {
    let now = first <= today && today <= last;
    view! {
        <th class="load-period" class:load-now=now scope="col">
            {span(first, last, today)}
            {now.then(|| view! { <span class="load-this">"This week"</span> }.into_any())}
        </th>
    }
    .into_any()
}

fn row(state: WorkloadState, user: Option<UserId>, periods: Memo<Vec<Day>>) -> AnyView {
    let person = Memo::new(move |_| state.person(user));
    let part = move |read: fn(&PersonLoad) -> LoadCell| Memo::new(move |_| person.with(|of| of.as_ref().map(read)));
    let cells = move || {
        let cell = |(index, first): (usize, Day)| {
            let own = Memo::new(move |_| person.with(|of| of.as_ref()?.cells.get(index).copied()));
            period_cell(state, user, first, own)
        };
        periods.get().into_iter().enumerate().map(cell).collect_view().into_any()
    };
    let figure = move |which| Figure { user, which, period: None };
    view! {
        <tr class:load-nobody=user.is_none() data-testid="load-row">
            <th class="load-who" scope="row">{who(state, user, person)}</th>
            {side_cell(state, figure(TaskFilterKind::Overdue), "overdue", part(|of| of.late))}
            {cells}
            {side_cell(state, figure(TaskFilterKind::Open), "after these weeks", part(|of| of.later))}
            {side_cell(state, figure(TaskFilterKind::Undated), "without a date", part(|of| of.undated))}
        </tr>
    }
    .into_any()
}

/// The head of a row: the name, all open work, and the button for the capacity.
fn who(state: WorkloadState, user: Option<UserId>, person: Memo<Option<PersonLoad>>) -> AnyView {
    let name = state.name(user);
    let read = move |part: fn(&PersonLoad) -> u32| Memo::new(move |_| person.with(|of| of.as_ref().map_or(0, part)));
    let editable = Memo::new(move |_| person.with(|of| of.as_ref().is_some_and(|of| of.editable)));
    let face = user.map(|user| view! { <Avatar user name=name.clone() decorative=true /> }.into_any());
    let named = name.clone();
    let capacity = move || {
        let user = user.filter(|_| editable.get())?;
        let (name, label) = (named.clone(), format!("Capacity of {named}"));
        let view = view! {
            <button
                class="icon-button load-capacity"
                type="button"
                aria-label=label.clone()
                title=label
                on:click=move |_| state.capacity.set(Some((user, name.clone())))
            >
                <Icon name="clock" />
            </button>
        };
        Some(view.into_any())
    };
    view! {
        <div class="load-person">
            {face.unwrap_or_else(|| view! { <span class="avatar load-face" aria-hidden="true">"–"</span> }.into_any())}
            <span class="load-name" title=name.clone()>{name.clone()}</span>
            {capacity}
        </div>
        <div class="load-facts">
            {fact(state, user, &name, TaskFilterKind::Open, "open", None, read(|of| of.open))}
            {fact(state, user, &name, TaskFilterKind::Overdue, "overdue", Some("clock"), read(|of| of.overdue))}
            {fact(state, user, &name, TaskFilterKind::Blocked, "blocked", Some("block"), read(|of| of.blocked))}
        </div>
    }
    .into_any()
}

fn fact(
    state: WorkloadState,
    user: Option<UserId>,
    name: &str,
    which: TaskFilterKind,
    word: &'static str,
    icon: Option<&'static str>,
    number: Memo<u32>,
) -> AnyView {
    let figure = Figure { user, which, period: None };
    let spoken = name.to_owned();
    let urgent = icon.is_some();
    view! {
        <button
            class="load-fact"
            class:load-urgent=urgent
            type="button"
            hidden=move || urgent && number.get() == 0
            disabled=move || number.get() == 0
            aria-label=move || format!("{spoken}: {} {word}", number.get())
            data-testid=format!("load-{word}")
            on:click=move |_| state.open.set(Some(figure))
        >
            {icon.map(|name| view! { <Icon name /> })}
            {move || number.get()}
            " "
            {word}
        </button>
    }
    .into_any()
}
