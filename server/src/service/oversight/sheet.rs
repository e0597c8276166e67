//! A workload as a spreadsheet.

use engine::oversight::{Workload, workload::LoadCell};

use super::csv::Csv;

/// A row per person and period, suitable for pivot tables.
pub(crate) fn of(workload: &Workload) -> String {
    let mut csv = Csv::new(&["person", "period", "hours", "capacity", "tasks", "unestimated"]);
    for person in &workload.people {
        let name = if person.user_id.is_some() { &person.name } else { "(nobody)" };
        let mut row = |period: &str, cell: &LoadCell| {
            let hours = |hours: f64| ((hours * 100.0).round() / 100.0).to_string();
            let LoadCell { tasks, unestimated, .. } = cell;
            let counts = (tasks.to_string(), unestimated.to_string());
            csv.row(&[name, period, &hours(cell.hours), &hours(cell.capacity), &counts.0, &counts.1]);
        };
        row("late", &person.late);
        for (day, cell) in workload.periods.iter().zip(&person.cells) {
            row(&day.to_string(), cell);
        }
        row("later", &person.later);
        row("undated", &person.undated);
    }
    csv.text()
}
