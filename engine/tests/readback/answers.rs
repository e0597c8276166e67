//! Round trips of answers and queries about oversight and preferences.

use engine::{
    Day,
    day::FirstWeekday,
    notification::{Channels, KindChannels, NotificationKind, Preferences, QuietHours},
    oversight::{
        Capacity, DaysOff, Flow, Report, Workload,
        flow::{Ageing, Band, BlockedTime, Finished, Percentiles, Throughput},
        query::{AssigneeFilter, FlowQuery, ReportQuery, TasksQuery, WorkloadQuery},
        report::{Counts, ReportTask},
        workload::{LoadCell, LoadTask, LoadTasks, PersonLoad, TaskFilterKind, Unit},
    },
};
use proptest::{array::uniform7, collection::vec, option, prelude::*, sample::select};

use super::{arbitrary as any_, same};

fn first_weekday() -> impl Strategy<Value = FirstWeekday> {
    select(vec![FirstWeekday::Monday, FirstWeekday::Saturday, FirstWeekday::Sunday])
}

fn preferences() -> impl Strategy<Value = Preferences> {
    let channels = (any::<bool>(), any::<bool>(), any::<bool>());
    let kind = (select(NotificationKind::ALL.to_vec()), channels)
        .prop_map(|(kind, (bell, browser, email))| KindChannels { kind, channels: Channels { bell, browser, email } });
    let quiet = option::of((any::<u16>(), any::<u16>()).prop_map(|(from, to)| QuietHours { from, to }));
    (vec(kind, 0..8), quiet, any_::text(), first_weekday(), vec(any_::project_id(), 0..3), any::<bool>()).prop_map(
        |(kinds, quiet, time_zone, first_weekday, muted, email_available)| Preferences {
            kinds,
            quiet,
            time_zone,
            first_weekday,
            muted,
            email_available,
        },
    )
}

fn report_task() -> impl Strategy<Value = ReportTask> {
    let who = (any_::task_id(), any_::project_id(), any_::text(), option::of(any_::user_id()));
    let moments = (any_::moment(), option::of(any_::moment()), option::of(any_::date()));
    let days = (any_::day(), option::of(any_::day()), option::of(any::<u32>()));
    (who, moments, days).prop_map(|((id, project_id, text, assignee_id), (at, then, due_at), (day, other, count))| {
        ReportTask {
            id,
            project_id,
            project: text.clone(),
            title: text.clone(),
            status: text.clone(),
            assignee_id,
            assignee: assignee_id.map(|_| text.clone()),
            created_at: at,
            created_on: day,
            due_at,
            completed_at: then,
            completed_on: other,
            blocked_reason: then.map(|_| text),
            blocked_since: then,
            blocked_on: other,
            days_blocked: count,
            days_overdue: count,
        }
    })
}

fn cell() -> impl Strategy<Value = LoadCell> {
    let hours = (any_::hours(), any_::hours(), any_::hours(), any_::hours());
    (hours, any::<u32>(), any::<u32>()).prop_map(|((hours, capacity, left, ahead), tasks, unestimated)| LoadCell {
        hours,
        capacity,
        left,
        ahead,
        tasks,
        unestimated,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn preferences_round_trip(preferences in preferences()) {
        same(&preferences);
    }

    #[test]
    fn capacities(hours in uniform7(any_::hours()), days in vec((any_::day(), any_::day()), 0..4)) {
        let days_off = days.into_iter().map(|(first, last)| DaysOff { first, last }).collect();
        same(&Capacity { hours, days_off });
    }

    #[test]
    fn workloads(
        unit in select(vec![Unit::Day, Unit::Week]), today in any_::day(), periods in vec(any_::day(), 0..4),
        cells in vec(cell(), 1..4), user_id in option::of(any_::user_id()), name in any_::text(), count in any::<u32>(),
    ) {
        let (late, later, undated) = (cells[0], cells[0], cells[0]);
        let person = PersonLoad {
            user_id, name: name.clone(), cells, late, later, undated, open: count, overdue: count, blocked: count, editable: true,
        };
        same(&Workload { unit, today, periods, people: vec![person], version: name });
    }

    #[test]
    fn tasks_of_a_workload(task in any_::task(), hours in any_::hours(), next in option::of(any_::text())) {
        let task = LoadTask {
            id: task.id, project_id: task.project_id, project: task.title.clone(), title: task.title.clone(),
            status_id: task.status_id, status: task.title, assignee_id: task.assignee_id, priority: task.priority,
            start_at: task.start_at, due_at: task.due_at, estimate_hours: task.estimate_hours, hours,
            blocked_reason: task.blocked_reason, editable: false,
        };
        same(&LoadTasks { tasks: vec![task], next });
    }

    #[test]
    fn reports(
        days in (any_::day(), any_::day(), any_::day()), project in option::of(any_::text()), count in any::<u32>(),
        tasks in vec(report_task(), 0..3),
    ) {
        let counts = Counts {
            completed: count, in_progress: count, blocked: count, overdue: count, due_next_week: count, created: count,
        };
        same(&Report {
            week: days.0, last: days.1, today: days.2, project, counts, before: Counts::default(),
            completed: tasks.clone(), in_progress: tasks.clone(), blocked: tasks.clone(), overdue: tasks.clone(),
            due_next_week: tasks.clone(), created: tasks, version: String::new(),
        });
    }

    #[test]
    fn flows(
        task in any_::task(), days in vec(any_::day(), 0..4), starts in vec(any_::moment(), 0..4), hours in any_::hours(),
        counts in vec(any::<u32>(), 0..4), status_id in option::of(any_::status_id()), category in any_::category(),
        at in any_::moment(), on in any_::day(),
    ) {
        let (id, project_id, title) = (task.id, task.project_id, task.title);
        let band = Band { status_id, name: title.clone(), color: status_id.map(|_| title.clone()), category, counts };
        let finished = Finished {
            id, project_id, title: title.clone(), completed_at: at, completed_on: on, cycle_hours: hours, lead_hours: hours,
        };
        let ageing = Ageing {
            id, project_id, title: title.clone(), status: title.clone(), assignee_id: task.assignee_id,
            assignee: None, hours, blocked: true,
        };
        let blocked = BlockedTime { id, project_id, title: title.clone(), hours, still: false };
        let cycle = Percentiles { p50: hours, p85: hours, p95: hours };
        same(&Flow {
            today: on, days, starts, bands: vec![band], finished: vec![finished], cycle, lead: Percentiles::default(),
            throughput: vec![Throughput { week: on, finished: 1 }], ageing: vec![ageing], blocked: vec![blocked], version: title,
        });
    }

    #[test]
    fn questions(
        project in option::of(any_::project_id()), days in (option::of(any_::day()), option::of(any_::day())),
        count in option::of(any::<u32>()), seen in option::of(any_::text()), whose in option::of(any_::user_id()),
    ) {
        let (from, to): (Option<Day>, Option<Day>) = days;
        same(&WorkloadQuery { project, unit: Unit::Day, from, count });
        same(&ReportQuery { project, week: from });
        same(&FlowQuery { project, from, days: count, to });
        for which in [TaskFilterKind::Period, TaskFilterKind::Open, TaskFilterKind::Overdue, TaskFilterKind::Blocked, TaskFilterKind::Undated] {
            same(&TasksQuery { project, user: AssigneeFilter(whose), which, from, to, after: seen.clone() });
        }
    }
}
