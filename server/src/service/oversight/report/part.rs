//! One project's part of a report.

use std::collections::HashMap;

use engine::{
    Category, ProjectId, Timestamp, UserId,
    day::Day,
    oversight::report::{Report, ReportTask},
};

use crate::{
    service::oversight::scope::Scope,
    store::{ReportedTask, Week},
};

/// One project's part of a report.
pub(super) struct Part<'a> {
    pub(super) scope: &'a Scope,
    pub(super) week: &'a Week,
    pub(super) project: (ProjectId, &'a str),
    pub(super) names: &'a HashMap<UserId, String>,
}

impl Part<'_> {
    /// Adds a task to each of its categories.
    pub(super) fn add(&self, task: &ReportedTask, report: &mut Report) {
        let within = |at: Timestamp| at >= self.week.from && self.week.to.is_none_or(|to| at < to);
        let open = task.completed_at.is_none();
        if task.completed_at.is_some_and(within) {
            let completed_on = task.completed_at.map(|at| self.scope.zone.day(at));
            report.completed.push(ReportTask { completed_at: task.completed_at, completed_on, ..self.plain(task) });
        }
        if task.category == Category::Doing {
            report.in_progress.push(ReportTask { due_at: task.due_at, ..self.plain(task) });
        }
        if open && task.blocked_reason.is_some() {
            let end = Day::utc(self.week.overdue);
            let blocked_on = task.blocked_since.map(|at| self.scope.zone.day(at));
            report.blocked.push(ReportTask {
                blocked_reason: task.blocked_reason.clone(),
                blocked_since: task.blocked_since,
                blocked_on,
                days_blocked: blocked_on.map(|since| u32::try_from(end.since(since)).unwrap_or(0)),
                ..self.plain(task)
            });
        }
        if let (true, Some(due_at)) = (open, task.due_at) {
            if due_at < self.week.overdue {
                let days = Day::utc(self.week.overdue).since(Day::utc(due_at));
                let days_overdue = Some(u32::try_from(days).unwrap_or(u32::MAX));
                report.overdue.push(ReportTask { due_at: Some(due_at), days_overdue, ..self.plain(task) });
            }
            if due_at >= self.week.due_from && due_at < self.week.due_to {
                report.due_next_week.push(ReportTask { due_at: Some(due_at), ..self.plain(task) });
            }
        }
        if within(task.created_at) {
            report.created.push(self.plain(task));
        }
    }

    fn plain(&self, task: &ReportedTask) -> ReportTask {
        let (project_id, project) = self.project;
        ReportTask {
            id: task.id,
            project_id,
            project: project.to_owned(),
            title: task.title.clone(),
            status: task.status.clone().unwrap_or_else(|| task.category.name().to_owned()),
            assignee_id: task.assignee,
            assignee: task.assignee.and_then(|user| self.names.get(&user).cloned()),
            created_at: task.created_at,
            created_on: self.scope.zone.day(task.created_at),
            due_at: None,
            completed_at: None,
            completed_on: None,
            blocked_reason: None,
            blocked_since: None,
            blocked_on: None,
            days_blocked: None,
            days_overdue: None,
        }
    }
}
