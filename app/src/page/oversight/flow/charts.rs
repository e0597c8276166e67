//! Cumulative flow, times, and throughput as charts.

use std::sync::Arc;

use engine::{
    Category, Day, ProjectId, TaskId,
    oversight::{
        Flow,
        flow::{Band, Finished, Percentiles, Throughput},
    },
    time::DAY_MS,
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::{
    super::{
        toolbar,
        watched::Watched,
        words::{count, lasted},
    },
    lists::empty,
};
use crate::{
    chart::{
        area,
        bars::{bars, middles},
        dots::{Level, dots},
        plot::{Mark, Plot, plot},
        scale::{Scale, named},
        table::{Cell, table},
    },
    date::DayWords as _,
};

/// So many dates are named under a chart.
const DATES: usize = 7;
const HINT: &str = "Point at the chart, or walk through it with the arrow keys.";

/// The colour of a band: its column's, or that of what its column is for.
fn color(band: &Band) -> String {
    let own = match band.category {
        Category::Todo => "var(--line-strong)",
        Category::Doing => "var(--accent)",
        Category::Done => "var(--live)",
    };
    band.color.clone().unwrap_or_else(|| own.to_owned())
}

fn counts_up(scale: Scale) -> Vec<Mark> {
    scale.marks().map(|mark| Mark { at: scale.at(mark), text: (mark.round() as i64).to_string() }).collect()
}

/// Where the places of days are, and what stands under them.
fn days_along(days: &[Day], today: Day) -> (Vec<f64>, Vec<Mark>) {
    let last = days.len().saturating_sub(1).max(1) as f64;
    let places: Vec<f64> = (0..days.len()).map(|at| at as f64 / last).collect();
    let marks = named(days.len(), DATES).map(|at| Mark { at: places[at], text: days[at].plain(today) }).collect();
    (places, marks)
}

/// How many tasks lay where.
pub(super) fn cumulative(flow: &Flow) -> AnyView {
    if flow.bands.iter().all(|band| band.counts.iter().all(|count| *count == 0)) {
        return empty("There was no task in these days. Look further back, or at another project.");
    }
    // What is done lies below, what is still to be done on top.
    let drawn = flow.bands.iter().rev();
    let drawn: Vec<_> = drawn.map(|band| area::Band { color: color(band), counts: band.counts.clone() }).collect();
    let scale = area::scale(&drawn);
    let (places, along) = days_along(&flow.days, flow.today);
    let (days, bands) = (flow.days.clone(), Arc::new(flow.bands.clone()));
    let said = bands.clone();
    let say = move |at: usize| {
        let of = |band: &Band| format!("{} {}", band.counts.get(at).copied().unwrap_or_default(), band.name);
        let day = days.get(at).map(|day| day.long()).unwrap_or_default();
        format!("{day}: {}", said.iter().map(of).collect::<Vec<_>>().join(", "))
    };
    let chart = plot(Plot {
        label: "Cumulative flow, by day",
        up: counts_up(scale),
        along,
        content: area::area(&drawn, scale),
        places,
        say: Arc::new(say),
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
            let of = |band: &Band| Cell::Text(band.counts.get(at).copied().unwrap_or_default().to_string());
            [Cell::Text(day.to_string())].into_iter().chain(bands.iter().map(of)).collect()
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

/// How long tasks took; from when on is the reader's choice.
pub(super) fn times(flow: Watched<Flow>) -> AnyView {
    let lead = RwSignal::new(false);
    let navigate = use_navigate();
    let go = Callback::new(move |(project, task): (ProjectId, TaskId)| {
        navigate(&format!("/projects/{project}?task={task}"), Default::default());
    });
    let choice = toolbar::segments(
        "Which time",
        "flow-time",
        &[("cycle", "Cycle time"), ("lead", "Lead time")],
        Signal::derive(move || if lead.get() { "lead" } else { "cycle" }),
        Callback::new(move |which| lead.set(which == "lead")),
    );
    let about = move || {
        if lead.get() {
            "Each point is a finished task: when that was, and how long after it was made."
        } else {
            "Each point is a finished task: when that was, and how long it was worked on."
        }
    };
    view! {
        <section class="panel flow-section" aria-labelledby="times-title" data-testid="flow-times">
            <div class="flow-head">
                <h2 id="times-title">"How long it takes"</h2>
                {choice}
            </div>
            <p class="quiet">{about}</p>
            {move || flow.shown.with(|flow| scatter(flow, lead.get(), go))}
        </section>
    }
    .into_any()
}

fn scatter(flow: &Flow, lead: bool, go: Callback<(ProjectId, TaskId)>) -> AnyView {
    if flow.finished.is_empty() {
        return empty("Nothing was finished in these days. Finished tasks show up here.");
    }
    let took = move |task: &Finished| if lead { task.lead_hours } else { task.cycle_hours };
    let Percentiles { p50, p85, p95 } = if lead { flow.lead } else { flow.cycle };
    let mut finished = flow.finished.clone();
    finished.sort_by_key(|task| task.completed_at);
    let most = finished.iter().map(took).fold(p95, f64::max) / 24.0;
    let scale = Scale::to(most, false);
    let points: Vec<(f64, f64)> = finished.iter().map(|task| (across(flow, task), took(task) / 24.0)).collect();
    let level =
        |value: f64, share: &str| Level { value: value / 24.0, text: format!("{share} % within {}", lasted(value)) };
    let levels = vec![level(p50, "50"), level(p85, "85"), level(p95, "95")];
    let up = scale.marks().map(|mark| Mark { at: scale.at(mark), text: days(mark, scale) }).collect();
    let (_, along) = days_along(&flow.days, flow.today);
    let (said, today) = (Arc::new(finished), flow.today);
    let (opened, listed) = (said.clone(), said.clone());
    let say = move |at: usize| {
        said.get(at).map_or_else(String::new, |task| {
            format!("{}: {}, finished {}", task.title, lasted(took(task)), task.completed_on.plain(today))
        })
    };
    let open = Callback::new(move |at: usize| {
        if let Some(task) = opened.get(at) {
            go.run((task.project_id, task.id));
        }
    });
    let places = points.iter().map(|(along, _)| *along).collect();
    let chart = plot(Plot {
        label: if lead { "Lead time of finished tasks" } else { "Cycle time of finished tasks" },
        up,
        along,
        content: dots(&points, levels, scale),
        places,
        say: Arc::new(say),
        open: Some(open),
        hint: "Point at the chart, or walk through it with the arrow keys. Enter opens the card.",
    });
    let rows = move || {
        let row = |task: &Finished| {
            let href = format!("/projects/{}?task={}", task.project_id, task.id);
            vec![
                Cell::Link(task.title.clone(), href),
                Cell::Text(task.completed_on.plain(today)),
                Cell::Text(lasted(task.cycle_hours)),
                Cell::Text(lasted(task.lead_hours)),
            ]
        };
        listed.iter().rev().map(row).collect()
    };
    let heads = ["Card", "Finished", "Cycle time", "Lead time"].map(str::to_owned).to_vec();
    view! {
        {chart}
        {table("Finished tasks", heads, Box::new(rows))}
    }
    .into_any()
}

/// Where a task stands between the first day and the last, by its reader's days: these are not all of a length.
fn across(flow: &Flow, task: &Finished) -> f64 {
    let number = flow.days.first().map_or(0, |first| task.completed_on.since(*first));
    let start = usize::try_from(number).ok().and_then(|number| flow.starts.get(number));
    let since = start.map_or(0, |start| task.completed_at.millis() - start.millis());
    // The last hour of a day of 25 stays in it.
    let part = (since as f64 / DAY_MS as f64).clamp(0.0, 1.0);
    ((number as f64 + part) / flow.days.len().max(1) as f64).clamp(0.0, 1.0)
}

/// A number of days on an axis: `2 d`, `0.5 d`.
fn days(days: f64, scale: Scale) -> String {
    if scale.step.fract() == 0.0 {
        return format!("{} d", days.round() as i64);
    }
    let hundredths = (days * 100.0).round() as i64;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    format!("{} d", text.trim_end_matches('0').trim_end_matches('.'))
}

/// How much was finished, week by week.
pub(super) fn throughput(flow: &Flow) -> AnyView {
    let values: Vec<u32> = flow.throughput.iter().map(|week| week.finished).collect();
    if values.iter().all(|value| *value == 0) {
        return empty("Nothing was finished in these days. Each finished task counts in its week.");
    }
    let scale = Scale::to(f64::from(values.iter().copied().max().unwrap_or_default()), true);
    let (places, today) = (middles(values.len()), flow.today);
    let along = named(values.len(), DATES);
    let along = along.map(|at| Mark { at: places[at], text: flow.throughput[at].week.plain(today) }).collect();
    let weeks = Arc::new(flow.throughput.clone());
    let listed = weeks.clone();
    let say = move |at: usize| {
        weeks.get(at).map_or_else(String::new, |week| {
            format!("Week of {}: {} finished", week.week.long(), count(week.finished, "task"))
        })
    };
    let chart = plot(Plot {
        label: "Finished tasks, by week",
        up: counts_up(scale),
        along,
        content: bars(&values, scale),
        places,
        say: Arc::new(say),
        open: None,
        hint: HINT,
    });
    let rows = move || {
        let row = |week: &Throughput| vec![Cell::Text(week.week.to_string()), Cell::Text(week.finished.to_string())];
        listed.iter().rev().map(row).collect()
    };
    view! {
        {chart}
        {table("Throughput", ["Week of", "Finished"].map(str::to_owned).to_vec(), Box::new(rows))}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use engine::Timestamp;

    use super::*;

    /// Three days of somebody whose clocks are an hour behind UTC on the first, and go back on the second.
    fn flow() -> Flow {
        let hour = |hour: i64| Timestamp::from_millis(hour * DAY_MS / 24);
        Flow {
            today: Day::from_number(2),
            days: [0, 1, 2].map(Day::from_number).into(),
            starts: [1, 25, 50].map(hour).into(),
            bands: Vec::new(),
            finished: Vec::new(),
            cycle: Percentiles::default(),
            lead: Percentiles::default(),
            throughput: Vec::new(),
            ageing: Vec::new(),
            blocked: Vec::new(),
            version: String::new(),
        }
    }

    #[test]
    fn a_task_stands_within_its_day() {
        let flow = flow();
        let at = |hour: i64, day| {
            let id = TaskId::new(uuid::Uuid::nil());
            let task = Finished {
                id,
                project_id: ProjectId::new(uuid::Uuid::nil()),
                title: String::new(),
                completed_at: Timestamp::from_millis(hour * DAY_MS / 24),
                completed_on: Day::from_number(day),
                cycle_hours: 0.0,
                lead_hours: 0.0,
            };
            (across(&flow, &task) * 72.0).round()
        };
        let places = [at(1, 0), at(24, 0), at(25, 1), at(48, 1), at(49, 1), at(50, 2), at(74, 2)];
        assert_eq!(places, [0.0, 23.0, 24.0, 47.0, 48.0, 48.0, 72.0]);
    }

    #[test]
    fn days_on_an_axis_are_short() {
        let fine = Scale::to(0.9, false);
        let texts = fine.marks().map(|mark| days(mark, fine)).collect::<Vec<_>>();
        assert_eq!(texts, ["0 d", "0.25 d", "0.5 d", "0.75 d", "1 d"]);
        assert_eq!(days(4.0, Scale::to(7.0, false)), "4 d");
    }
}
