//! The lists of a report.

use std::sync::Arc;

use engine::{
    Day, Timestamp,
    oversight::{
        Report,
        report::{Counts, ReportTask},
    },
};
use leptos::prelude::*;

use super::compared;
use crate::{
    date::DayWords as _,
    oversight::{filter::OversightFilter, live_query::LiveQuery, words::count},
    ui::{avatar::Avatar, icon::Icon},
};

/// A list of the report.
#[derive(Clone, Copy)]
pub(super) struct ReportList {
    /// Its id in the page.
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    icon: &'static str,
    /// The words for an empty list.
    empty: &'static str,
    tasks: fn(&Report) -> &[ReportTask],
    pub(super) count: fn(&Counts) -> u32,
    /// The columns of facts about each task: a heading, and the text.
    fact: (&'static str, fn(&ReportTask, Dates) -> Fact),
}

pub(super) const CATEGORIES: [ReportList; 6] = [
    ReportList {
        id: "completed",
        name: "Completed",
        icon: "check",
        empty: "Nothing was completed this week.",
        tasks: |report| &report.completed,
        count: |counts| counts.completed,
        fact: ("Finished", |task, dates| dates.day(task.completed_on)),
    },
    ReportList {
        id: "in-progress",
        name: "In progress",
        icon: "flow",
        empty: "Nothing is in progress.",
        tasks: |report| &report.in_progress,
        count: |counts| counts.in_progress,
        fact: ("Due", |task, dates| dates.date(task.due_at)),
    },
    ReportList {
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
    ReportList {
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
    ReportList {
        id: "due-next-week",
        name: "Due next week",
        icon: "calendar",
        empty: "Nothing is due next week.",
        tasks: |report| &report.due_next_week,
        count: |counts| counts.due_next_week,
        fact: ("Due", |task, dates| dates.date(task.due_at)),
    },
    ReportList {
        id: "new",
        name: "New",
        icon: "plus",
        empty: "Nothing was added this week.",
        tasks: |report| &report.created,
        count: |counts| counts.created,
        fact: ("Added", |task, dates| dates.day(Some(task.created_on))),
    },
];

/// A fact, with its long form if there is one.
struct Fact {
    text: String,
    title: String,
}

/// The date in words, relative to today.
#[derive(Clone, Copy)]
struct Dates {
    today: Day,
}

impl Dates {
    fn date(self, date: Option<Timestamp>) -> Fact {
        self.day(date.map(Day::utc))
    }

    fn day(self, day: Option<Day>) -> Fact {
        // With its weekday, which readers look for within a week.
        let text = |day: Day| format!("{} {}", &day.weekday_name()[..3], day.plain(self.today));
        Fact { text: day.map(text).unwrap_or_default(), title: day.map(Day::long).unwrap_or_default() }
    }
}

/// A list under its heading, which collapses it.
pub(super) fn section(report: LiveQuery<Report>, category: ReportList, filter: OversightFilter) -> AnyView {
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

fn list(category: ReportList, tasks: &[ReportTask], dates: Dates, of_all: bool) -> AnyView {
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
                <td class="report-person"><span>{person.unwrap_or_else(|| "Unassigned".into_any())}</span></td>
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
