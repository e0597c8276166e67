//! The workload: people × weeks, the tasks behind each figure, and ways to move them.
//!
//! ```text
//! workload_state  the figures, the open list, pending moves    table     people × weeks
//! panel           the tasks behind a figure                    cell      one figure of the table
//! dragging        dragging a task into a cell                  relocate  "Move to…"
//! plan            the ops of a move (pure)                     capacity  a member's working hours
//! ```

mod capacity;
mod cell;
mod dragging;
mod panel;
mod plan;
mod relocate;
mod table;
mod workload_state;

use std::rc::Rc;

use engine::oversight::{query::WorkloadQuery, workload::Unit};
use leptos::prelude::*;
use send_wrapper::SendWrapper;

use super::{
    filter::OversightFilter,
    live_query::{LiveQuery, Projects, live_query},
    toolbar::{self, toolbar},
};
use crate::ui::icon::Icon;
use workload_state::WorkloadState;

/// The numbers of weeks to choose from.
const WEEKS: [(u32, &str); 3] = [(4, "4 weeks"), (8, "8 weeks"), (13, "13 weeks")];

/// `/oversight/workload`
pub(super) fn workload(filter: OversightFilter) -> AnyView {
    let weeks = Memo::new(move |_| filter.number("weeks", &WEEKS.map(|(weeks, _)| weeks), 8));
    let query = Memo::new(move |_| WorkloadQuery {
        project: filter.project(),
        unit: Unit::Week,
        from: filter.day("from"),
        count: Some(weeks.get()),
    });
    live_query(query, move |load, projects| view(load, filter, projects, query, weeks))
}

fn view(
    load: LiveQuery<engine::oversight::Workload>,
    filter: OversightFilter,
    projects: Projects,
    query: Memo<WorkloadQuery>,
    weeks: Memo<u32>,
) -> AnyView {
    let state = WorkloadState::new(load, query);
    Effect::new(move || {
        let listeners = SendWrapper::new(Rc::new(dragging::listen(state)));
        on_cleanup(move || drop(listeners));
    });
    let first = load.read(|load| load.periods.first().copied());
    // A step moves by all weeks but one, which stays in sight.
    let step = move |sign: i64| {
        let days = sign * 7 * (i64::from(weeks.get()) - 1);
        filter.with(&[("from", first.get().map(|day| day.plus(days).to_string()))])
    };
    let choices = view! {
        {toolbar::number(filter, "weeks", "Weeks shown", &WEEKS, weeks)}
        {toolbar::steps(
            ["Earlier weeks", "This week", "Later weeks"],
            move || step(-1),
            move || filter.with(&[("from", None)]),
            move || Some(step(1)),
        )}
    };
    let named = super::download();
    let csv = move || named(query.get().address("workload.csv"));
    let actions = view! {
        <a class="button" href=csv rel="external" download="">
            <Icon name="download" />
            "CSV"
        </a>
    };
    view! {
        {toolbar(filter, projects, choices.into_any(), actions.into_any())}
        <div class="load" class:load-beside=move || state.open.with(Option::is_some)>
            {table::table(state)}
        </div>
        {panel::panel(state)}
        {relocate::relocate(state)}
        {capacity::editor(state)}
        <p class="visually-hidden" role="status" aria-live="assertive">{move || state.announcement.get()}</p>
    }
    .into_any()
}
