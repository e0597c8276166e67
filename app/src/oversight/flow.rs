//! Flow metrics: tasks per column by day, cycle times, throughput, and stuck work.
//!
//! ```text
//! charts  cumulative flow, throughput     times  cycle and lead times     lists  ageing and blocked work
//! ```

mod charts;
mod lists;
mod times;

use engine::oversight::{Flow, query::FlowQuery};
use leptos::prelude::*;

use super::{
    filter::OversightFilter,
    live_query::{LiveQuery, Projects, live_query},
    toolbar::{self, toolbar},
    words::lasted,
};

const DAYS: [(u32, &str); 5] =
    [(28, "4 weeks"), (56, "8 weeks"), (91, "13 weeks"), (182, "26 weeks"), (364, "52 weeks")];

/// `/oversight/flow`
pub(super) fn flow(filter: OversightFilter) -> AnyView {
    let days = Memo::new(move |_| filter.number("days", &DAYS.map(|(days, _)| days), 56));
    // The first day follows from today, which only the server knows.
    let query =
        Memo::new(move |_| FlowQuery { project: filter.project(), days: Some(days.get()), ..FlowQuery::default() });
    live_query(query, move |flow, projects| {
        let choices = toolbar::number(filter, "days", "How far back", &DAYS, days);
        view(flow, filter, projects, choices)
    })
}

fn view(flow: LiveQuery<Flow>, filter: OversightFilter, projects: Projects, choices: AnyView) -> AnyView {
    view! {
        {toolbar(filter, projects, choices, ().into_any())}
        {move || flow.shown.with(|flow| numbers(flow))}
        <div class="flow">
            {section(
                "cumulative",
                "Cumulative flow",
                "Cards per stage, by day. A band that widens is where work piles up.",
                move || flow.shown.with(|flow| charts::cumulative(flow)),
            )}
            {times::times(flow)}
            {section(
                "throughput",
                "Throughput",
                "Cards finished each week.",
                move || flow.shown.with(|flow| charts::throughput(flow)),
            )}
            {section(
                "ageing",
                "Ageing",
                "Cards in progress, oldest first.",
                move || flow.shown.with(|flow| lists::ageing(flow)),
            )}
            {section(
                "blocked-time",
                "Time blocked",
                "How long cards were blocked in this period.",
                move || flow.shown.with(|flow| lists::blocked(flow)),
            )}
        </div>
    }
    .into_any()
}

/// A part of the page with its heading.
fn section(
    id: &'static str,
    title: &'static str,
    about: &'static str,
    content: impl Fn() -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let title_id = format!("{id}-title");
    let labelled = title_id.clone();
    view! {
        <section class="panel flow-section" aria-labelledby=labelled data-testid=format!("flow-{id}")>
            <h2 id=title_id>{title}</h2>
            <p class="quiet">{about}</p>
            {content}
        </section>
    }
    .into_any()
}

/// The key figures.
fn numbers(flow: &Flow) -> AnyView {
    let finished = flow.finished.len();
    let time = |span: f64| if finished == 0 { "–".to_owned() } else { lasted(span) };
    let all = [
        (finished.to_string(), "Finished"),
        (time(flow.cycle.p50), "Median cycle time"),
        (time(flow.lead.p50), "Median lead time"),
        (flow.ageing.len().to_string(), "In progress"),
        (lasted(flow.blocked.iter().map(|task| task.hours).sum()), "Total blocked"),
    ];
    let all = all.map(|(number, word)| {
        view! {
            <li>
                <span class="report-count">{number}</span>
                <span class="report-name">{word}</span>
            </li>
        }
        .into_any()
    });
    view! { <ul class="flow-numbers">{all.into_iter().collect_view()}</ul> }.into_any()
}
