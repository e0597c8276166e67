//! The heatmap: people × days or weeks, as colours or as a table.

use std::sync::Arc;

use engine::{
    Day,
    oversight::{
        Workload,
        query::WorkloadQuery,
        workload::{LoadCell, Unit},
    },
};
use leptos::prelude::*;

use super::{
    filter::OversightFilter,
    live_query::{LiveQuery, Projects, live_query},
    toolbar::{self, toolbar},
    words::{count, hours},
};
use crate::{
    date::{DayWords as _, span},
    ui::{
        chart::{
            heat::{self, Heat, HeatCell, HeatColumn, HeatRow, Level, heat},
            picture,
            table::{self, figures},
        },
        field::segments,
        icon::Icon,
        toast::{Toast, use_toasts},
    },
};

const DAYS: [(u32, &str); 3] = [(14, "14 days"), (28, "28 days"), (56, "56 days")];
const WEEKS: [(u32, &str); 3] = [(8, "8 weeks"), (13, "13 weeks"), (26, "26 weeks")];
/// The width of a column, in CSS pixels.
const DAY_WIDTH: usize = 34;
const WEEK_WIDTH: usize = 62;

/// The query, and its parts that the toolbar shows.
#[derive(Clone, Copy)]
struct HeatmapOptions {
    filter: OversightFilter,
    unit: Memo<Unit>,
    count: Memo<u32>,
    query: Memo<WorkloadQuery>,
}

/// `/oversight/heatmap`
pub(super) fn heatmap(filter: OversightFilter) -> AnyView {
    let unit = Memo::new(move |_| if filter.get("unit").as_deref() == Some("week") { Unit::Week } else { Unit::Day });
    let count = Memo::new(move |_| match unit.get() {
        Unit::Day => filter.number("count", &DAYS.map(|(days, _)| days), 28),
        Unit::Week => filter.number("count", &WEEKS.map(|(weeks, _)| weeks), 13),
    });
    let query = Memo::new(move |_| WorkloadQuery {
        project: filter.project(),
        unit: unit.get(),
        from: filter.day("from"),
        count: Some(count.get()),
    });
    let options = HeatmapOptions { filter, unit, count, query };
    live_query(query, move |load, projects| view(load, options, projects))
}

fn view(load: LiveQuery<Workload>, options: HeatmapOptions, projects: Projects) -> AnyView {
    let HeatmapOptions { filter, query, .. } = options;
    let data = Memo::new(move |_| Arc::new(load.shown.with(|load| colours(load))));
    let as_table = Memo::new(move |_| filter.get("as").as_deref() == Some("table"));
    let toasts = use_toasts();
    let failed = Callback::new(move |()| toasts.show(Toast::problem("Couldn't create the image.")));
    let png = move |_| match heat::picture() {
        Some(chart) => picture::save(&chart, "heatmap.png".to_owned(), failed),
        None => failed.run(()),
    };
    let named = super::download();
    let csv = move || named(query.get().address("workload.csv"));
    let actions = view! {
        <button class="button" type="button" disabled=move || as_table.get() on:click=png>
            <Icon name="download" />
            "PNG"
        </button>
        <a class="button" href=csv rel="external" download="">
            <Icon name="download" />
            "CSV"
        </a>
    };
    let picked = move || if as_table.get() { "table" } else { "colours" };
    let choose = Callback::new(move |picked: &'static str| {
        filter.set(&[("as", (picked == "table").then(|| picked.to_owned()))]);
    });
    let shown = move || {
        if as_table.get() {
            return as_text(load);
        }
        view! {
            {heat(data, "Hover a cell or use the arrow keys.")}
            {legend()}
        }
        .into_any()
    };
    view! {
        {toolbar(filter, projects, choices(load, options), actions.into_any())}
        <section class="panel heat-panel" aria-label="Heatmap">
            <div class="heat-as">
                {segments(
                    "Shown as",
                    "heat-as",
                    &[("colours", "Colours", None), ("table", "Table", None)],
                    Signal::derive(picked),
                    choose,
                )}
            </div>
            {shown}
        </section>
    }
    .into_any()
}

/// The toolbar's choices: days or weeks, how many, and from when.
fn choices(load: LiveQuery<Workload>, options: HeatmapOptions) -> AnyView {
    let HeatmapOptions { filter, unit, count, .. } = options;
    let first = load.read(|load| load.periods.first().copied());
    let length = move || if unit.get() == Unit::Day { 1 } else { 7 };
    // A step moves by half the heatmap, in whole weeks.
    let step = move |sign: i64| {
        let days = sign * (length() * i64::from(count.get()) / 2 / 7).max(1) * 7;
        filter.with(&[("from", first.get().map(|day| day.plus(days).to_string()))])
    };
    let picked = Signal::derive(move || if unit.get() == Unit::Day { "day" } else { "week" });
    let choose = Callback::new(move |unit: &'static str| {
        filter.set(&[("unit", Some(unit.to_owned())), ("count", None)]);
    });
    view! {
        {segments("Columns", "heat-unit", &[("day", "Days", None), ("week", "Weeks", None)], picked, choose)}
        {move || {
            let counts: &'static [(u32, &'static str)] = if unit.get() == Unit::Day { &DAYS } else { &WEEKS };
            toolbar::number(filter, "count", "How many", counts, count)
        }}
        {toolbar::steps(
            ["Earlier", "Today", "Later"],
            move || step(-1),
            move || filter.with(&[("from", None)]),
            move || Some(step(1)),
        )}
    }
    .into_any()
}

/// The load as colours.
fn colours(load: &Workload) -> Heat {
    let (today, week) = (load.today, load.unit == Unit::Week);
    let name = |first: Day| if week { span(first, first.plus(6), today) } else { first.long() };
    let column = |first: &Day| {
        let last = if week { first.plus(6) } else { *first };
        let (_, _, number) = first.civil();
        let lines = if week {
            [first.plain(first.plus(0)), format!("– {}", last.civil().2)]
        } else {
            [first.weekday_name()[..2].to_owned(), number.to_string()]
        };
        HeatColumn { lines, name: name(*first), now: *first <= today && today <= last }
    };
    // Overdue work has a column before all days, if there is any.
    let late = load.people.iter().any(|person| person.late.tasks > 0);
    let late_column = late.then(|| HeatColumn {
        lines: ["Over-".to_owned(), "due".to_owned()],
        name: "Overdue".to_owned(),
        now: false,
    });
    let person = |person: &engine::oversight::workload::PersonLoad| {
        let who = if person.user_id.is_some() { person.name.clone() } else { "Unassigned".to_owned() };
        let cells = person.cells.iter().zip(&load.periods);
        let late_cell = late.then(|| late_cell(&person.late, &who));
        let cells = cells.map(|(of, first)| cell(of, person.user_id.is_some(), &format!("{who}, {}", name(*first))));
        HeatRow {
            key: person.user_id.map_or_else(|| "none".to_owned(), |user| user.to_string()),
            cells: late_cell.into_iter().chain(cells).collect(),
            name: who,
        }
    };
    Heat {
        label: if week { "Load of each person and week" } else { "Load of each person and day" }.to_owned(),
        width: if week { WEEK_WIDTH } else { DAY_WIDTH },
        columns: late_column.into_iter().chain(load.periods.iter().map(column)).collect(),
        people: load.people.iter().map(person).collect(),
    }
}

/// The cell of overdue work. Any amount of it is too much.
fn late_cell(cell: &LoadCell, who: &str) -> HeatCell {
    let (level, text, of) = match cell.tasks {
        0 => (Level::Past, String::new(), "nothing overdue".to_owned()),
        _ => (Level::Over, hours(cell.hours), format!("{} hours overdue", hours(cell.hours))),
    };
    HeatCell {
        level,
        text,
        label: format!("{who}: {of}"),
        more: format!("{}{}", count(cell.tasks, "card"), unsure(cell)),
    }
}

fn unsure(cell: &LoadCell) -> String {
    if cell.unestimated > 0 { format!(", {} without estimate", cell.unestimated) } else { String::new() }
}

fn cell(cell: &LoadCell, named: bool, place: &str) -> HeatCell {
    let level = level(cell, named);
    let text = if cell.ahead < 0.05 { String::new() } else { hours(cell.ahead) };
    let of = match (named, level) {
        (true, Level::Off) => "off".to_owned(),
        (_, Level::Past) => "past".to_owned(),
        (true, _) => {
            let over = if level == Level::Over { ", over capacity" } else { "" };
            format!("{} of {} hours{over}", hours(cell.ahead), hours(cell.left))
        }
        (false, _) => format!("{} hours", hours(cell.ahead)),
    };
    HeatCell {
        level,
        text,
        label: format!("{place}: {of}"),
        more: format!("{}{}", count(cell.tasks, "card"), unsure(cell)),
    }
}

/// The level of a load against its capacity, rather than against a day of eight hours.
fn level(cell: &LoadCell, named: bool) -> Level {
    let room = if named { cell.left } else { 8.0 };
    if cell.ahead < 0.05 {
        return match cell.capacity {
            _ if room > 0.0 => Level::Quarters(0),
            some if some > 0.0 => Level::Past,
            _ => Level::Off,
        };
    }
    if named && cell.ahead > room + 0.05 {
        return Level::Over;
    }
    Level::Quarters((cell.ahead / room.max(0.05) * 4.0 - 0.001).ceil().clamp(1.0, 4.0) as u8)
}

/// What each colour means.
fn legend() -> AnyView {
    let swatch = |level: Level, text: &'static str| {
        let hatch =
            (level == Level::Over).then(|| view! { <rect width="18" height="18" rx="4" fill="url(#heat-hatch)" /> });
        view! {
            <li>
                <svg class=format!("heat-swatch {}", level.class()) viewBox="0 0 18 18" aria-hidden="true">
                    <rect width="18" height="18" rx="4" />
                    {hatch}
                </svg>
                {text}
            </li>
        }
        .into_any()
    };
    view! {
        <ul class="heat-legend" aria-label="Colours">
            {swatch(Level::Off, "off")}
            {swatch(Level::Quarters(0), "nothing")}
            {swatch(Level::Quarters(1), "up to 25 %")}
            {swatch(Level::Quarters(2), "up to 50 %")}
            {swatch(Level::Quarters(3), "up to 75 %")}
            {swatch(Level::Quarters(4), "up to 100 %")}
            {swatch(Level::Over, "over capacity")}
        </ul>
    }
    .into_any()
}

/// The same figures as a table of text.
fn as_text(load: LiveQuery<Workload>) -> AnyView {
    (move || {
        load.shown.with(|load| {
            let heat = colours(load);
            let heads = [String::from("Person")].into_iter().chain(heat.columns.into_iter().map(|column| column.name));
            let late = load.people.iter().any(|person| person.late.tasks > 0);
            let row = |person: &engine::oversight::workload::PersonLoad| {
                let who = if person.user_id.is_some() { person.name.clone() } else { "Unassigned".to_owned() };
                let cell = |cell: &LoadCell| match (person.user_id, level(cell, true)) {
                    (None, _) => format!("{} h", hours(cell.ahead)),
                    (_, Level::Off) => "off".to_owned(),
                    (_, Level::Past) => "past".to_owned(),
                    (_, Level::Over) => format!("{} / {} h, over", hours(cell.ahead), hours(cell.left)),
                    _ => format!("{} / {} h", hours(cell.ahead), hours(cell.left)),
                };
                let cells = person.cells.iter().map(|of| table::TableCell::Text(cell(of)));
                let late = late.then(|| table::TableCell::Text(format!("{} h", hours(person.late.hours))));
                [table::TableCell::Text(who)].into_iter().chain(late).chain(cells).collect()
            };
            figures("Load of each person", &heads.collect::<Vec<_>>(), load.people.iter().map(row).collect())
        })
    })
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_the_quarter_rounded_up() {
        let of = |hours, capacity| {
            let cell = LoadCell { hours, capacity, left: capacity, ahead: hours, tasks: 1, unestimated: 0 };
            level(&cell, true)
        };
        assert_eq!(of(0.0, 0.0), Level::Off);
        assert_eq!(of(0.0, 8.0), Level::Quarters(0));
        assert_eq!(of(0.5, 8.0), Level::Quarters(1));
        assert_eq!(of(2.0, 8.0), Level::Quarters(1));
        assert_eq!(of(2.1, 8.0), Level::Quarters(2));
        assert_eq!(of(8.0, 8.0), Level::Quarters(4));
        assert_eq!(of(8.2, 8.0), Level::Over);
        assert_eq!(of(1.0, 0.0), Level::Over);
        // A past day is neither free nor off.
        assert_eq!(level(&LoadCell { hours: 4.0, capacity: 8.0, ..LoadCell::default() }, true), Level::Past);
    }
}
