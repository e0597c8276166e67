//! What a week brought: six lists, each with its number and how it differs from the week before.

use std::sync::Arc;

use engine::{
    Day, Timestamp,
    oversight::{
        Report,
        query::ReportQuery,
        report::{Counts, ReportTask},
    },
};
use leptos::{ev, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;

use super::{
    filter::Filter,
    toolbar::{self, toolbar},
    watched::{Projects, Watched, watched},
    words::{count, difference},
};
use crate::{
    avatar::Avatar,
    date::{DayWords as _, span},
    icon::Icon,
    message::sentence,
    session::backend,
    toast::{Toast, use_toasts},
};

/// A list of the report.
#[derive(Clone, Copy)]
struct Category {
    /// Its id in the page.
    id: &'static str,
    name: &'static str,
    icon: &'static str,
    /// What stands there when nothing does.
    empty: &'static str,
    tasks: fn(&Report) -> &[ReportTask],
    count: fn(&Counts) -> u32,
    /// What is said of each task: a head, and the text.
    fact: (&'static str, fn(&ReportTask, Dates) -> Fact),
}

const CATEGORIES: [Category; 6] = [
    Category {
        id: "completed",
        name: "Completed",
        icon: "check",
        empty: "Nothing was finished in this week.",
        tasks: |report| &report.completed,
        count: |counts| counts.completed,
        fact: ("Finished", |task, dates| dates.day(task.completed_on)),
    },
    Category {
        id: "in-progress",
        name: "In progress",
        icon: "flow",
        empty: "Nobody is at work on anything.",
        tasks: |report| &report.in_progress,
        count: |counts| counts.in_progress,
        fact: ("Due", |task, dates| dates.date(task.due_at)),
    },
    Category {
        id: "blocked",
        name: "Blocked",
        icon: "block",
        empty: "Nothing is blocked.",
        tasks: |report| &report.blocked,
        count: |counts| counts.blocked,
        fact: ("Blocked for", |task, dates| {
            let since = dates.day(task.blocked_on).text;
            if task.days_blocked == Some(0) {
                return Fact { text: "since today".to_owned(), title: String::new() };
            }
            let days = task.days_blocked.map(|days| count(days, "day")).unwrap_or_default();
            Fact { text: if since.is_empty() { days } else { format!("{days}, since {since}") }, title: String::new() }
        }),
    },
    Category {
        id: "overdue",
        name: "Overdue",
        icon: "clock",
        empty: "Nothing is overdue.",
        tasks: |report| &report.overdue,
        count: |counts| counts.overdue,
        fact: ("Overdue by", |task, dates| {
            let days = task.days_overdue.map(|days| count(days, "day")).unwrap_or_default();
            Fact { text: format!("{days}, was due {}", dates.date(task.due_at).text), title: String::new() }
        }),
    },
    Category {
        id: "due-next-week",
        name: "Due next week",
        icon: "calendar",
        empty: "Nothing is due in the week after.",
        tasks: |report| &report.due_next_week,
        count: |counts| counts.due_next_week,
        fact: ("Due", |task, dates| dates.date(task.due_at)),
    },
    Category {
        id: "new",
        name: "New",
        icon: "plus",
        empty: "Nothing was added in this week.",
        tasks: |report| &report.created,
        count: |counts| counts.created,
        fact: ("Added", |task, dates| dates.day(Some(task.created_on))),
    },
];

/// A fact, and its long form where there is one.
struct Fact {
    text: String,
    title: String,
}

/// How dates are written: beside today.
#[derive(Clone, Copy)]
struct Dates {
    today: Day,
}

impl Dates {
    fn date(self, date: Option<Timestamp>) -> Fact {
        self.day(date.map(Day::utc))
    }

    fn day(self, day: Option<Day>) -> Fact {
        // With its weekday: within a week that is what one looks for.
        let text = |day: Day| format!("{} {}", &day.weekday_name()[..3], day.plain(self.today));
        Fact { text: day.map(text).unwrap_or_default(), title: day.map(Day::long).unwrap_or_default() }
    }
}

/// `/oversight/report`
pub(super) fn report(filter: Filter) -> AnyView {
    let query = Memo::new(move |_| ReportQuery { project: filter.project(), week: filter.day("week"), seen: None });
    watched(query, move |report, projects| view(report, filter, projects, query))
}

fn view(report: Watched<Report>, filter: Filter, projects: Projects, query: Memo<ReportQuery>) -> AnyView {
    let week = report.read(|report| report.week);
    let today = report.read(|report| report.today);
    let running = report.read(|report| report.today <= report.last);
    let at = move |days: i64| filter.with(&[("week", Some(week.get().plus(days).to_string()))]);
    let choices = view! {
        {toolbar::steps(
            ["The week before", "This week", "The week after"],
            move || at(-7),
            move || filter.with(&[("week", None)]),
            // A week that has not begun has brought nothing.
            move || (!running.get()).then(|| at(7)),
        )}
        <label class="visually-hidden" for="report-week">"Week with this day"</label>
        <input
            class="input report-week"
            id="report-week"
            type="date"
            max=move || today.get().to_string()
            value=week.get_untracked().to_string()
            prop:value=move || week.get().to_string()
            on:change=move |event| {
                if let Ok(day) = event_target_value(&event).parse::<Day>() {
                    filter.set(&[("week", Some(day.to_string()))]);
                }
            }
        />
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

/// What can be done with the report.
fn actions(query: Memo<ReportQuery>) -> AnyView {
    let (asked, toasts) = (backend(), use_toasts());
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let address = query.with_untracked(|query| query.address("report.md"));
        let reply = asked.copy(address.clone());
        spawn_local(async move {
            match reply.await {
                Ok(()) => {
                    copied.try_set(true);
                    toasts.show(Toast::done("The report is on the clipboard, as Markdown."));
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
                        Toast::problem(format!("It was not copied. {}", sentence(&error))).with("Download", open),
                    );
                }
            }
        });
    };
    let print = |_| {
        let _ = window().print();
    };
    view! {
        <button class="button" type="button" on:click=copy>
            {move || if copied.get() { view! { <Icon name="check" /> } } else { view! { <Icon name="copy" /> } }}
            {move || if copied.get() { "Copied" } else { "Copy as Markdown" }}
        </button>
        <a class="button" href=move || query.get().address("report.csv") rel="external" download="">
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

/// Nothing is left out on paper: what is folded is unfolded before it is printed.
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

fn section(report: Watched<Report>, category: Category, filter: Filter) -> AnyView {
    let numbers = report.read(move |report| ((category.count)(&report.counts), (category.count)(&report.before)));
    let tasks = report.read(move |report| Arc::new((category.tasks)(report).to_vec()));
    let today = report.read(|report| report.today);
    let list = move || {
        let dates = Dates { today: today.get() };
        let of_all = filter.project().is_none();
        tasks.with(|tasks| list(category, tasks, dates, of_all))
    };
    view! {
        <details class="panel report-section" id=category.id open data-testid=format!("report-{}", category.id)>
            <summary>
                <Icon name="chevron-right" />
                <h3><Icon name=category.icon />{category.name}</h3>
                <span class="report-section-count num">{move || numbers.get().0}</span>
                {move || compared(numbers.get().0, numbers.get().1)}
            </summary>
            {list}
        </details>
    }
    .into_any()
}

fn list(category: Category, tasks: &[ReportTask], dates: Dates, of_all: bool) -> AnyView {
    if tasks.is_empty() {
        return view! { <p class="report-empty quiet">{category.empty}</p> }.into_any();
    }
    let row = |task: &ReportTask| {
        let href = format!("/projects/{}?task={}", task.project_id, task.id);
        let person = task.assignee.clone().map(|name| {
            let face = task
                .assignee_id
                .map(|user| view! { <Avatar user name=name.clone() decorative=true class="avatar-small" /> });
            view! { {face}<span>{name}</span> }.into_any()
        });
        let reason = task.blocked_reason.clone().map(|reason| {
            view! {
                <span class="report-reason">
                    <Icon name="block" />
                    <span class="visually-hidden">"Blocked: "</span>
                    {reason}
                </span>
            }
            .into_any()
        });
        let Fact { text, title } = (category.fact.1)(task, dates);
        view! {
            <tr>
                <td class="report-task">
                    <a class="link" href=href>{task.title.clone()}</a>
                    {reason}
                </td>
                {of_all.then(|| view! { <td class="report-project">{task.project.clone()}</td> }.into_any())}
                <td class="report-status">{task.status.clone()}</td>
                <td class="report-person"><span>{person.unwrap_or_else(|| "Nobody".into_any())}</span></td>
                <td class="report-fact num" title=title>{text}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <div class="report-scroll">
            <table class="report-tasks">
                <caption class="visually-hidden">{category.name}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Card"</th>
                        {of_all.then(|| view! { <th scope="col" class="report-project">"Project"</th> }.into_any())}
                        <th scope="col" class="report-status">"Column"</th>
                        <th scope="col" class="report-person">"Assignee"</th>
                        <th scope="col" class="report-fact">{category.fact.0}</th>
                    </tr>
                </thead>
                <tbody>{tasks.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
