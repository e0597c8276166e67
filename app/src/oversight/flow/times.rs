//! Cycle and lead times: one dot per finished task.

use std::sync::Arc;

use engine::{
    ProjectId, TaskId,
    oversight::{
        Flow,
        flow::{Finished, Percentiles},
    },
    sorted::sort_by_key,
    time::DAY_MS,
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::{charts::days_along, lists::empty};
use crate::{
    date::DayWords as _,
    oversight::{live_query::LiveQuery, words::lasted},
    ui::{
        chart::{
            plot::{AxisMark, Plot, plot},
            scale::Scale,
            series::{dots, level_marks},
            table::{TableCell, table},
        },
        field::segments,
    },
};

/// How long tasks took. The reader chooses from when the time counts.
pub(super) fn times(flow: LiveQuery<Flow>) -> AnyView {
    let lead = RwSignal::new(false);
    let navigate = use_navigate();
    let go = Callback::new(move |(project, task): (ProjectId, TaskId)| {
        navigate(&format!("/projects/{project}?task={task}"), Default::default());
    });
    let choice = segments(
        "Which time",
        "flow-time",
        &[("cycle", "Cycle time", None), ("lead", "Lead time", None)],
        Signal::derive(move || if lead.get() { "lead" } else { "cycle" }),
        Callback::new(move |which| lead.set(which == "lead")),
    );
    let about = move || {
        if lead.get() {
            "Each point is a finished card: when it was finished, and how long after it was created."
        } else {
            "Each point is a finished card: when it was finished, and how long it was in progress."
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
        return empty("Nothing was finished in this period.");
    }
    let took = move |task: &Finished| if lead { task.lead_hours } else { task.cycle_hours };
    let Percentiles { p50, p85, p95 } = if lead { flow.lead } else { flow.cycle };
    let mut finished = flow.finished.clone();
    sort_by_key(&mut finished, |task| task.completed_at);
    let most = finished.iter().map(took).fold(p95, f64::max);
    let (unit, sign) = unit(most);
    // No fractions of a minute.
    let scale = Scale::to(most / unit, sign == "min");
    let points: Vec<(f64, f64)> = finished.iter().map(|task| (across(flow, task), took(task) / unit)).collect();
    let levels = [(p50, "50 %"), (p85, "85 %"), (p95, "95 %")];
    let within = levels.map(|(value, share)| {
        let words = format!("{share} within {}", lasted(value));
        view! {
            <li>
                <svg class="legend-level" aria-hidden="true">
                    <line class="dot-level" x1="0" x2="100%" y1="50%" y2="50%" />
                </svg>
                {words}
            </li>
        }
        .into_any()
    });
    let levels = levels.map(|(value, share)| (value / unit, share));
    let up = scale.marks().map(|mark| AxisMark { at: scale.at(mark), text: along_axis(mark, scale, sign) }).collect();
    let (_, along) = days_along(&flow.days, flow.today);
    let (described, today) = (Arc::new(finished), flow.today);
    let (opened, listed) = (described.clone(), described.clone());
    let describe = move |at: usize| {
        described.get(at).map_or_else(String::new, |task| {
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
        label: if lead { "Lead time of finished cards" } else { "Cycle time of finished cards" },
        up,
        along,
        end: level_marks(&levels, scale),
        content: dots(&points, &levels.map(|(value, _)| value), scale),
        places,
        describe: Arc::new(describe),
        open: Some(open),
        hint: "Hover the chart or use the arrow keys. Enter opens the card.",
    });
    let rows = move || {
        let row = |task: &Finished| {
            let href = format!("/projects/{}?task={}", task.project_id, task.id);
            vec![
                TableCell::Link(task.title.clone(), href),
                TableCell::Text(task.completed_on.plain(today)),
                TableCell::Text(lasted(task.cycle_hours)),
                TableCell::Text(lasted(task.lead_hours)),
            ]
        };
        listed.iter().rev().map(row).collect()
    };
    let heads = ["Card", "Finished", "Cycle time", "Lead time"].map(str::to_owned).to_vec();
    view! {
        {chart}
        <ul class="legend" aria-label="Levels">{within.into_iter().collect_view()}</ul>
        {table("Finished cards", heads, Box::new(rows))}
    }
    .into_any()
}

/// The horizontal position of a task between the first and the last day, by the reader's days, which are not all
/// equally long.
fn across(flow: &Flow, task: &Finished) -> f64 {
    let number = flow.days.first().map_or(0, |first| task.completed_on.since(*first));
    let start = usize::try_from(number).ok().and_then(|number| flow.starts.get(number));
    let since = start.map_or(0, |start| task.completed_at.millis() - start.millis());
    // The last hour of a day of 25 hours stays within the day.
    let part = (since as f64 / DAY_MS as f64).clamp(0.0, 1.0);
    ((number as f64 + part) / flow.days.len().max(1) as f64).clamp(0.0, 1.0)
}

/// The unit of an axis up to so many hours: its length in hours, and its abbreviation.
fn unit(most: f64) -> (f64, &'static str) {
    match most {
        48.0.. => (24.0, "d"),
        2.0.. => (1.0, "h"),
        _ => (1.0 / 60.0, "min"),
    }
}

/// A number on an axis: `2 d`, `0.5 h`.
fn along_axis(number: f64, scale: Scale, sign: &str) -> String {
    if scale.step.fract() == 0.0 {
        return format!("{} {sign}", number.round() as i64);
    }
    let hundredths = (number * 100.0).round() as i64;
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    format!("{} {sign}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use engine::{Day, Timestamp};

    use super::*;

    /// Three days of a reader whose clock is an hour behind UTC on the first, and goes back on the second.
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
    fn a_task_is_drawn_within_its_day() {
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
    fn marks_are_short_and_of_one_unit() {
        let texts = |most: f64| {
            let (unit, sign) = unit(most);
            let scale = Scale::to(most / unit, sign == "min");
            scale.marks().map(|mark| along_axis(mark, scale, sign)).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(texts(0.0), "0 min, 1 min");
        assert_eq!(texts(40.0 / 60.0), "0 min, 10 min, 20 min, 30 min, 40 min");
        assert_eq!(texts(7.0), "0 h, 2 h, 4 h, 6 h, 8 h");
        assert_eq!(texts(72.0), "0 d, 1 d, 2 d, 3 d");
    }
}
