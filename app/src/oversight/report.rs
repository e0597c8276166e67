//! The report of a week: six lists, each with its number and the difference from the week before.
//!
//! ```text
//! category  a list: its tasks, and how they are shown
//! ```

mod category;

use engine::oversight::{Report, query::ReportQuery};
use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use super::{
    filter::OversightFilter,
    live_query::{LiveQuery, Projects, live_query},
    toolbar::{self, toolbar},
    words::difference,
};
use crate::{
    date::span,
    message::sentence,
    session::backend,
    ui::{
        field::DateField,
        icon::Icon,
        toast::{Toast, use_toasts},
    },
};
use category::{CATEGORIES, section};

/// `/oversight/report`
pub(super) fn report(filter: OversightFilter) -> AnyView {
    let query = Memo::new(move |_| ReportQuery { project: filter.project(), week: filter.day("week") });
    live_query(query, move |report, projects| view(report, filter, projects, query))
}

fn view(report: LiveQuery<Report>, filter: OversightFilter, projects: Projects, query: Memo<ReportQuery>) -> AnyView {
    let week = report.read(|report| report.week);
    let today = report.read(|report| report.today);
    let running = report.read(|report| report.today <= report.last);
    let at = move |days: i64| filter.with(&[("week", Some(week.get().plus(days).to_string()))]);
    let choices = view! {
        {toolbar::steps(
            ["The week before", "This week", "The week after"],
            move || at(-7),
            move || filter.with(&[("week", None)]),
            // A week that has not begun has no report.
            move || (!running.get()).then(|| at(7)),
        )}
        <div class="report-week">
            <DateField
                id="report-week"
                label="Week with this day"
                bare=true
                value=Signal::derive(move || week.get().to_string())
                optional=false
                today=today.into()
                on_save=Callback::new(move |day| filter.set(&[("week", Some(day))]))
            />
        </div>
    };
    open_for_print();
    view! {
        {toolbar(filter, projects, choices.into_any(), actions(query))}
        <article class="report" data-testid="report">
            {move || report.shown.with(|report| heading(report))}
            {CATEGORIES.map(|category| section(report, category, filter)).into_iter().collect_view()}
        </article>
    }
    .into_any()
}

/// The report's actions.
fn actions(query: Memo<ReportQuery>) -> AnyView {
    let (api, toasts) = (backend(), use_toasts());
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let address = query.with_untracked(|query| query.address("report.md"));
        let reply = api.copy(address.clone());
        spawn_local(async move {
            match reply.await {
                Ok(()) => {
                    copied.try_set(true);
                    toasts.show(Toast::done("Report copied as Markdown."));
                    set_timeout(
                        move || {
                            copied.try_set(false);
                        },
                        std::time::Duration::from_secs(3),
                    );
                }
                Err(error) => {
                    let open = move || {
                        let _ = window().open_with_url(&address);
                    };
                    toasts.show(
                        Toast::problem(format!("Couldn't copy the report. {}", sentence(&error)))
                            .with("Download", open),
                    );
                }
            }
        });
    };
    let named = super::download();
    let print = |_| {
        let _ = window().print();
    };
    view! {
        <button class="button" type="button" on:click=copy>
            {move || if copied.get() { view! { <Icon name="check" /> } } else { view! { <Icon name="copy" /> } }}
            {move || if copied.get() { "Copied" } else { "Copy as Markdown" }}
        </button>
        <a class="button" href=move || named(query.get().address("report.csv")) rel="external" download="">
            <Icon name="download" />
            "CSV"
        </a>
        <button class="button" type="button" on:click=print>
            <Icon name="print" />
            "Print"
        </button>
    }
    .into_any()
}

/// Expands every list for printing.
fn open_for_print() {
    Effect::new(move || {
        let handle = window_event_listener(ev::Custom::<web_sys::Event>::new("beforeprint"), |_| {
            let Ok(folded) = document().query_selector_all(".report details:not([open])") else { return };
            for index in 0..folded.length() {
                if let Some(details) = folded.item(index).and_then(|node| node.dyn_into::<web_sys::Element>().ok()) {
                    let _ = details.set_attribute("open", "");
                }
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// The week, and all numbers at a glance.
fn heading(report: &Report) -> AnyView {
    let running = report.week <= report.today && report.today <= report.last;
    let numbers = CATEGORIES.map(|category| {
        let (now, before) = ((category.count)(&report.counts), (category.count)(&report.before));
        view! {
            <li>
                <a class="report-number" href=format!("#{}", category.id) rel="external">
                    <span class="report-count">{now}</span>
                    <span class="report-name">{category.name}</span>
                    {compared(now, before)}
                </a>
            </li>
        }
        .into_any()
    });
    let name = report.project.clone().unwrap_or_else(|| "All projects".to_owned());
    view! {
        <header class="report-head">
            <h2>{span(report.week, report.last, report.week.plus(-400))}</h2>
            <p class="quiet">{name}{running.then_some(" · this week so far")}</p>
        </header>
        <ul class="report-numbers">{numbers.into_iter().collect_view()}</ul>
    }
    .into_any()
}

fn compared(now: u32, before: u32) -> AnyView {
    view! {
        <span class="report-difference" title=format!("{before} in the week before")>
            <span aria-hidden="true">{difference(now, before)}</span>
            <span class="visually-hidden">{format!("{before} in the week before")}</span>
        </span>
    }
    .into_any()
}
