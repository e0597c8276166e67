//! The past of the demo's cards, so that flow metrics have data.

use engine::{Category, Status, Task, Timestamp};

use crate::store::HistoricState;

/// The states of a card in the columns up to its own, each equally long.
pub(super) fn past(task: &Task, columns: &[Status], now: Timestamp) -> Vec<HistoricState> {
    let (made, last) = (task.created_at.millis(), columns.len().saturating_sub(1));
    let end = task.completed_at.map_or(now.millis(), Timestamp::millis);
    let parts = if task.completed_at.is_some() { last } else { columns.len() };
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let began = |column| made + (end - made) * number(column) / number(parts.max(1));
    let mut stages: Vec<(i64, usize, bool)> = (0..columns.len()).map(|column| (began(column), column, false)).collect();
    if let Some(since) = task.blocked_since {
        let since = since.millis().max(made);
        let column = stages.iter().rposition(|(at, ..)| *at <= since).unwrap_or(0);
        stages.insert(column + 1, (since, column, true));
        stages.iter_mut().skip(column + 1).for_each(|stage| stage.2 = true);
    }
    let stand = |(at, column, blocked): (i64, usize, bool)| {
        let status = &columns[column];
        let mut task = Task { status_id: status.id, ..task.clone() };
        if !blocked {
            (task.blocked_reason, task.blocked_since) = (None, None);
        }
        if status.category != Category::Done {
            task.completed_at = None;
        }
        HistoricState { at: Timestamp::from_millis(at), task, category: status.category }
    };
    stages.into_iter().map(stand).collect()
}
