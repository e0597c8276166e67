//! Cumulative flow and throughput as charts.

use std::sync::Arc;

use engine::{
    Category, Day,
    oversight::{
        Flow,
        flow::{Band, Throughput},
    },
};
use leptos::prelude::*;

use super::lists::empty;
use crate::{
    date::DayWords as _,
    oversight::words::count,
    ui::chart::{
        plot::{AxisMark, Plot, plot},
        scale::{Scale, named},
        series::{self, bars, middles},
        table::{TableCell, table},
    },
};

/// How many dates are named under a chart.
const DATES: usize = 7;
const HINT: &str = "Hover the chart or use the arrow keys.";

/// The colour of a band: its column's, or that of its column's category.
fn color(band: &Band) -> String {
    let own = match band.category {
        Category::Todo => "var(--line-strong)",
        Category::Doing => "var(--accent)",
        Category::Done => "var(--live)",
    };
    band.color.clone().unwrap_or_else(|| own.to_owned())
}

fn counts_up(scale: Scale) -> Vec<AxisMark> {
    scale.marks().map(|mark| AxisMark { at: scale.at(mark), text: (mark.round() as i64).to_string() }).collect()
}

/// The positions of days along a chart, and their labels.
pub(super) fn days_along(days: &[Day], today: Day) -> (Vec<f64>, Vec<AxisMark>) {
    let last = days.len().saturating_sub(1).max(1) as f64;
    let places: Vec<f64> = (0..days.len()).map(|at| at as f64 / last).collect();
    let marks = named(days.len(), DATES).map(|at| AxisMark { at: places[at], text: days[at].plain(today) }).collect();
    (places, marks)
}

/// Cumulative flow: the number of tasks per column at the end of each day.
pub(super) fn cumulative(flow: &Flow) -> AnyView {
    if flow.bands.iter().all(|band| band.counts.iter().all(|count| *count == 0)) {
        return empty("There were no cards in this period. Look further back, or choose another project.");
    }
    // Finished work is at the bottom, work not started on top.
    let drawn = flow.bands.iter().rev();
    let drawn: Vec<_> =
        drawn.map(|band| series::AreaBand { color: color(band), counts: band.counts.clone() }).collect();
    let scale = series::scale(&drawn);
    let today = flow.today;
    let (places, along) = days_along(&flow.days, today);
    let (days, bands) = (flow.days.clone(), Arc::new(flow.bands.clone()));
    let described = bands.clone();
    let describe = move |at: usize| {
        let of = |band: &Band| format!("{} {}", band.counts.get(at).copied().unwrap_or_default(), band.name);
        let day = days.get(at).map(|day| day.long()).unwrap_or_default();
        format!("{day}: {}", described.iter().map(of).collect::<Vec<_>>().join(", "))
    };
    let chart = plot(Plot {
        label: "Cumulative flow, by day",
        up: counts_up(scale),
        along,
        end: Vec::new(),
        content: series::area(&drawn, scale),
        places,
        describe: Arc::new(describe),
        open: None,
        hint: HINT,
    });
    let key = flow.bands.iter().map(|band| {
        let now = band.counts.last().copied().unwrap_or_default();
        view! {
            <li>
                <span class="legend-color" style=format!("background:{}", color(band))></span>
                {band.name.clone()}
                <span class="quiet num">{now}</span>
            </li>
        }
        .into_any()
    });
    let heads = [String::from("Day")].into_iter().chain(flow.bands.iter().map(|band| band.name.clone())).collect();
    let days = flow.days.clone();
    let rows = move || {
        let row = |(at, day): (usize, &Day)| {
            let of = |band: &Band| TableCell::Text(band.counts.get(at).copied().unwrap_or_default().to_string());
            [TableCell::Text(day.plain(today))].into_iter().chain(bands.iter().map(of)).collect()
        };
        days.iter().enumerate().rev().map(row).collect()
    };
    view! {
        {chart}
        <ul class="legend" aria-label="Bands, from above, with today's number">{key.collect_view()}</ul>
        {table("Cumulative flow", heads, Box::new(rows))}
    }
    .into_any()
}

/// Throughput: finished tasks by week.
pub(super) fn throughput(flow: &Flow) -> AnyView {
    let values: Vec<u32> = flow.throughput.iter().map(|week| week.finished).collect();
    if values.iter().all(|value| *value == 0) {
        return empty("Nothing was finished in this period.");
    }
    let scale = Scale::to(f64::from(values.iter().copied().max().unwrap_or_default()), true);
    let (places, today) = (middles(values.len()), flow.today);
    let along = named(values.len(), DATES);
    let along = along.map(|at| AxisMark { at: places[at], text: flow.throughput[at].week.plain(today) }).collect();
    let weeks = Arc::new(flow.throughput.clone());
    let listed = weeks.clone();
    let describe = move |at: usize| {
        weeks.get(at).map_or_else(String::new, |week| {
            format!("Week of {}: {} finished", week.week.long(), count(week.finished, "card"))
        })
    };
    let chart = plot(Plot {
        label: "Finished cards, by week",
        up: counts_up(scale),
        along,
        end: Vec::new(),
        content: bars(&values, scale),
        places,
        describe: Arc::new(describe),
        open: None,
        hint: HINT,
    });
    let rows = move || {
        let row = |week: &Throughput| {
            vec![TableCell::Text(week.week.plain(today)), TableCell::Text(week.finished.to_string())]
        };
        listed.iter().rev().map(row).collect()
    };
    view! {
        {chart}
        {table("Throughput", ["Week of", "Finished"].map(str::to_owned).to_vec(), Box::new(rows))}
    }
    .into_any()
}
