//! A cell of the table: a member's load in one period.

use engine::{
    Day, UserId,
    oversight::workload::{LoadCell, TaskFilterKind},
};
use leptos::prelude::*;

use super::workload_state::{Figure, WorkloadState};
use crate::{
    oversight::words::{count, hours},
    ui::icon::Icon,
};

/// How a load compares with the capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CellLevel {
    /// No work, and no capacity.
    Away,
    /// The period's working time is past.
    Past,
    /// Less than the capacity.
    Free,
    /// Within a tenth of the capacity.
    Full,
    /// More than the capacity.
    Over,
}

impl CellLevel {
    fn of(cell: &LoadCell) -> Self {
        // Sums of tenths are not exact: a tiny excess does not count.
        match cell.ahead - cell.left {
            more if more > 0.05 => Self::Over,
            _ if cell.capacity <= 0.0 => Self::Away,
            _ if cell.left <= 0.0 => Self::Past,
            less if -less <= cell.left / 10.0 => Self::Full,
            _ => Self::Free,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Past => "past",
            Self::Free => "free",
            Self::Full => "full",
            Self::Over => "over",
        }
    }
}

/// The load of a member in one period. Tasks can be dropped on it.
pub(super) fn period_cell(
    state: WorkloadState,
    user: Option<UserId>,
    first: Day,
    cell: Memo<Option<LoadCell>>,
) -> AnyView {
    let figure = Figure { user, which: TaskFilterKind::Period, period: Some(first) };
    let cell = Memo::new(move |_| cell.get().unwrap_or_default());
    let level = Memo::new(move |_| CellLevel::of(&cell.get()));
    let place = format!("{}, {}: ", state.name(user), state.period(first));
    let named = user.is_some();
    let bar = move || named.then(|| bar(&cell.get(), level.get()));
    let words = move || {
        let (cell, level) = (cell.get(), level.get());
        let over = named && level == CellLevel::Over;
        let room_left = named.then(|| room_left(&cell, level)).filter(|words| !words.is_empty());
        view! {
            {(cell.tasks > 0).then(|| view! { <span>{count(cell.tasks, "card")}</span> })}
            {room_left.map(|words| view! { <span class="load-room">{over.then(|| view! { <Icon name="alert" /> })}{words}</span> })}
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
            data-state=move || if named { level.get().name() } else { "none" }
            data-empty=move || (cell.get().tasks == 0).then_some("")
            data-put-user=user.map_or_else(|| "none".to_owned(), |user| user.to_string())
            data-put-period=first.to_string()
        >
            <button
                class="load-open"
                type="button"
                aria-expanded=move || (state.open.get() == Some(figure)).to_string()
                on:click=move |_| state.open.set(Some(figure))
            >
                // The name contains the visible text, so that voice control can use it.
                <span class="visually-hidden">{place}</span>
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

/// The load outside the periods. Nothing can be dropped there.
pub(super) fn side_cell(
    state: WorkloadState,
    figure: Figure,
    words: &'static str,
    cell: Memo<Option<LoadCell>>,
) -> AnyView {
    let name = state.name(figure.user);
    let shown = move || {
        let cell = cell.get().unwrap_or_default();
        if cell.tasks == 0 {
            return view! { <td class="load-cell load-none"><span aria-hidden="true">"–"</span></td> }.into_any();
        }
        let place = format!("{name}, {words}: ");
        view! {
            <td class="load-cell load-side">
                <button class="load-open" type="button" on:click=move |_| state.open.set(Some(figure))>
                    <span class="visually-hidden">{place}</span>
                    <span class="load-hours"><b>{hours(cell.hours)}</b>" h"</span>
                    <span class="load-words">{count(cell.tasks, "card")}</span>
                </button>
            </td>
        }
        .into_any()
    };
    shown.into_any()
}

/// A bar, filled up to the capacity. The excess is hatched, so that it is visible without colour.
fn bar(cell: &LoadCell, level: CellLevel) -> AnyView {
    let most = cell.capacity.max(cell.hours);
    let share = |part: f64| if most > 0.0 { (part / most * 100.0).round() as u32 } else { 0 };
    let within = share(cell.hours.min(cell.capacity));
    let over = (level == CellLevel::Over).then(|| {
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

/// The room that is left from today on: `8 h free`, `4 h over`, `full`, `off`.
fn room_left(cell: &LoadCell, level: CellLevel) -> String {
    match level {
        CellLevel::Away => "off".to_owned(),
        CellLevel::Past => String::new(),
        CellLevel::Free => format!("{} h free", hours(cell.left - cell.ahead)),
        CellLevel::Full => "full".to_owned(),
        CellLevel::Over => format!("{} h over", hours(cell.ahead - cell.left)),
    }
}

fn unestimated(cell: &LoadCell) -> String {
    if cell.unestimated == 0 { String::new() } else { format!("{} unestimated", cell.unestimated) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_cell_match_its_colour() {
        let on = |ahead, left| LoadCell { hours: 20.0, capacity: 40.0, ahead, left, tasks: 1, unestimated: 0 };
        let cell = |hours, capacity| LoadCell { hours, capacity, ..on(hours, capacity) };
        let cells = [
            (cell(0.0, 0.0), CellLevel::Away, "off"),
            (cell(32.0, 40.0), CellLevel::Free, "8 h free"),
            (cell(36.0, 40.0), CellLevel::Full, "full"),
            (cell(40.000_000_1, 40.0), CellLevel::Full, "full"),
            (cell(44.5, 40.0), CellLevel::Over, "4.5 h over"),
            (cell(2.0, 0.0), CellLevel::Over, "2 h over"),
            // In the middle of a week, its past days are neither free nor over.
            (on(0.0, 16.0), CellLevel::Free, "16 h free"),
            (on(20.0, 16.0), CellLevel::Over, "4 h over"),
            (on(0.0, 0.0), CellLevel::Past, ""),
        ];
        for (cell, level, words) in cells {
            assert_eq!(CellLevel::of(&cell), level, "{cell:?}");
            assert_eq!(room_left(&cell, level), words);
        }
    }
}
