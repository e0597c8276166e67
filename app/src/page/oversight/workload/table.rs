//! People × weeks.

use engine::{
    Day, UserId,
    oversight::workload::{LoadCell, PersonLoad, Which},
};
use leptos::prelude::*;

use super::{
    super::words::{count, hours},
    desk::{Desk, Figure},
};
use crate::{
    avatar::Avatar,
    date::span,
    icon::Icon,
    rows::{Row, rows},
};

/// How much of somebody's time is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing to do, and nothing that could be done.
    Away,
    /// There is room.
    Free,
    /// Within a tenth of what they can do.
    Full,
    /// More than they can do.
    Over,
}

impl State {
    fn of(cell: &LoadCell) -> Self {
        // Sums of tenths: a hair over is not over.
        match cell.hours - cell.capacity {
            more if more > 0.05 => Self::Over,
            _ if cell.capacity <= 0.0 => Self::Away,
            less if -less <= cell.capacity / 10.0 => Self::Full,
            _ => Self::Free,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Free => "free",
            Self::Full => "full",
            Self::Over => "over",
        }
    }
}

/// The table. It scrolls within itself; the names stay.
pub(super) fn table(desk: Desk) -> AnyView {
    let periods = desk.load.read(|load| load.periods.clone());
    let today = desk.load.read(|load| load.today);
    let heads = move || {
        let (periods, today) = (periods.get(), today.get());
        periods.into_iter().map(|first| head(first, first.plus(6), today)).collect_view()
    };
    let people = move || {
        let people = desk.view.with(|load| load.people.iter().map(|person| person.user_id).collect::<Vec<_>>());
        let key = |user: Option<UserId>| user.map_or_else(|| "none".to_owned(), |user| user.to_string());
        people.into_iter().map(|user| Row::new(key(user), move || row(desk, user, periods))).collect()
    };
    view! {
        // What the bars are hatched with.
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
                        <th class="load-side" scope="col">"Late"</th>
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

fn row(desk: Desk, user: Option<UserId>, periods: Memo<Vec<Day>>) -> AnyView {
    let person = Memo::new(move |_| desk.person(user));
    let part = move |read: fn(&PersonLoad) -> LoadCell| Memo::new(move |_| person.with(|of| of.as_ref().map(read)));
    let cells = move || {
        let cell = |(index, first): (usize, Day)| {
            let own = Memo::new(move |_| person.with(|of| of.as_ref()?.cells.get(index).copied()));
            period_cell(desk, user, first, own)
        };
        periods.get().into_iter().enumerate().map(cell).collect_view().into_any()
    };
    let figure = move |which| Figure { user, which, period: None };
    view! {
        <tr class:load-nobody=user.is_none() data-testid="load-row">
            <th class="load-who" scope="row">{who(desk, user, person)}</th>
            {side_cell(desk, figure(Which::Overdue), "late", part(|of| of.late))}
            {cells}
            {side_cell(desk, figure(Which::Open), "after these weeks", part(|of| of.later))}
            {side_cell(desk, figure(Which::Undated), "without a date", part(|of| of.undated))}
        </tr>
    }
    .into_any()
}

/// The name, what is open in all, and the way to their capacity.
fn who(desk: Desk, user: Option<UserId>, person: Memo<Option<PersonLoad>>) -> AnyView {
    let name = desk.name(user);
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
                on:click=move |_| desk.capacity.set(Some((user, name.clone())))
            >
                <Icon name="gear" />
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
            {fact(desk, user, &name, Which::Open, "open", None, read(|of| of.open))}
            {fact(desk, user, &name, Which::Overdue, "overdue", Some("clock"), read(|of| of.overdue))}
            {fact(desk, user, &name, Which::Blocked, "blocked", Some("block"), read(|of| of.blocked))}
        </div>
    }
    .into_any()
}

fn fact(
    desk: Desk,
    user: Option<UserId>,
    name: &str,
    which: Which,
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
            on:click=move |_| desk.open.set(Some(figure))
        >
            {icon.map(|name| view! { <Icon name /> })}
            {move || number.get()}
            " "
            {word}
        </button>
    }
    .into_any()
}

/// The load of a person in one period: a place to put tasks, too.
fn period_cell(desk: Desk, user: Option<UserId>, first: Day, cell: Memo<Option<LoadCell>>) -> AnyView {
    let figure = Figure { user, which: Which::Period, period: Some(first) };
    let cell = Memo::new(move |_| cell.get().unwrap_or_default());
    let state = Memo::new(move |_| State::of(&cell.get()));
    let (name, when) = (desk.name(user), desk.period(first));
    let named = user.is_some();
    let label = move || {
        let cell = cell.get();
        let words = if named { room(&cell, state.get()) } else { String::new() };
        let hours = if named {
            format!("{} of {} hours", hours(cell.hours), hours(cell.capacity))
        } else {
            format!("{} hours", hours(cell.hours))
        };
        let rest = [words, unestimated(&cell)].into_iter().filter(|words| !words.is_empty());
        let rest = rest.map(|words| format!(", {words}")).collect::<String>();
        format!("{name}, {when}: {hours}, {}{rest}", count(cell.tasks, "task"))
    };
    let bar = move || named.then(|| bar(&cell.get(), state.get()));
    let words = move || {
        let (cell, state) = (cell.get(), state.get());
        let over = named && state == State::Over;
        let room = named.then(|| room(&cell, state)).filter(|words| !words.is_empty());
        view! {
            {(cell.tasks > 0).then(|| count(cell.tasks, "task"))}
            {room.map(|words| view! { <span class="load-room">{over.then(|| view! { <Icon name="alert" /> })}{words}</span> })}
        }
        .into_any()
    };
    let unsure = move || {
        let text = unestimated(&cell.get());
        (!text.is_empty()).then(|| view! { <span class="load-unsure">{text}</span> }.into_any())
    };
    view! {
        <td
            class="load-cell"
            data-testid="load-cell"
            data-state=move || if named { state.get().name() } else { "none" }
            data-put-user=user.map_or_else(|| "none".to_owned(), |user| user.to_string())
            data-put-period=first.to_string()
        >
            <button
                class="load-open"
                type="button"
                aria-label=label
                aria-expanded=move || (desk.open.get() == Some(figure)).to_string()
                on:click=move |_| desk.open.set(Some(figure))
            >
                <span class="load-hours">
                    <b>{move || hours(cell.get().hours)}</b>
                    {named.then(|| view! { <span class="quiet">{move || format!(" / {} h", hours(cell.get().capacity))}</span> })}
                    {(!named).then_some(" h")}
                </span>
                {bar}
                <span class="load-words">{words}</span>
                {unsure}
            </button>
        </td>
    }
    .into_any()
}

/// What lies outside of the periods. Nothing can be put there.
fn side_cell(desk: Desk, figure: Figure, words: &'static str, cell: Memo<Option<LoadCell>>) -> AnyView {
    let name = desk.name(figure.user);
    let shown = move || {
        let cell = cell.get().unwrap_or_default();
        if cell.tasks == 0 {
            return view! { <td class="load-cell load-none"><span aria-hidden="true">"–"</span></td> }.into_any();
        }
        let label = format!("{name}, {words}: {} hours, {}", hours(cell.hours), count(cell.tasks, "task"));
        view! {
            <td class="load-cell">
                <button class="load-open" type="button" aria-label=label on:click=move |_| desk.open.set(Some(figure))>
                    <span class="load-hours"><b>{hours(cell.hours)}</b>" h"</span>
                    <span class="load-words">{count(cell.tasks, "task")}</span>
                </button>
            </td>
        }
        .into_any()
    };
    shown.into_any()
}

/// Filled up to the capacity; what is over is hatched, so that it shows without its colour.
fn bar(cell: &LoadCell, state: State) -> AnyView {
    let most = cell.capacity.max(cell.hours);
    let share = |part: f64| if most > 0.0 { (part / most * 100.0).round() as u32 } else { 0 };
    let within = share(cell.hours.min(cell.capacity));
    let over = (state == State::Over).then(|| {
        let (x, width) = (format!("{within}%"), format!("{}%", 100 - within));
        view! {
            <rect class="load-bar-over" x=x.clone() width=width.clone() height="6" />
            <rect x=x width=width height="6" fill="url(#load-hatch)" />
        }
        .into_any()
    });
    view! {
        <svg class="load-bar" aria-hidden="true" height="6">
            <rect class="load-bar-ground" width="100%" height="6" rx="3" />
            <rect class="load-bar-fill" width=format!("{within}%") height="6" rx="3" />
            {over}
        </svg>
    }
    .into_any()
}

/// `8 h free`, `4 h over`, `full`, `off`.
fn room(cell: &LoadCell, state: State) -> String {
    match state {
        State::Away => "off".to_owned(),
        State::Free => format!("{} h free", hours(cell.capacity - cell.hours)),
        State::Full => "full".to_owned(),
        State::Over => format!("{} h over", hours(cell.hours - cell.capacity)),
    }
}

fn unestimated(cell: &LoadCell) -> String {
    if cell.unestimated == 0 { String::new() } else { format!("{} unestimated", cell.unestimated) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_in_words_what_it_is_in_colour() {
        let cell = |hours, capacity| LoadCell { hours, capacity, tasks: 1, unestimated: 0 };
        let cells = [
            (cell(0.0, 0.0), State::Away, "off"),
            (cell(32.0, 40.0), State::Free, "8 h free"),
            (cell(36.0, 40.0), State::Full, "full"),
            (cell(40.000_000_1, 40.0), State::Full, "full"),
            (cell(44.5, 40.0), State::Over, "4.5 h over"),
            (cell(2.0, 0.0), State::Over, "2 h over"),
        ];
        for (cell, state, words) in cells {
            assert_eq!(State::of(&cell), state, "{cell:?}");
            assert_eq!(room(&cell, state), words);
        }
    }
}
