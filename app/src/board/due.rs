//! How near a due date is, and how old a block is.
//!
//! A due date is stored as midnight UTC and means that date wherever the reader is. Today is the reader's own date.

use engine::{Day, Task, Timestamp};

/// How near a due date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nearness {
    /// More than two days away, or the task is finished.
    Later,
    /// Today or within two days.
    Near,
    /// Overdue.
    Late,
}

impl Nearness {
    /// How near a task's due date is on `today`. A task without one is never late.
    pub fn of(task: &Task, today: Day) -> Self {
        match task.due_at.map(|due| Day::utc(due).since(today)) {
            Some(_) if task.completed_at.is_some() => Self::Later,
            Some(..0) => Self::Late,
            Some(0..=2) => Self::Near,
            _ => Self::Later,
        }
    }
}

/// How long ago a time was, in one unit: `now`, `5 min`, `3 h`, `2 d`, `6 wk`.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let minutes = (now.millis() - since.millis()).max(0) / 60_000;
    match minutes {
        0 => "now".to_owned(),
        1..=59 => format!("{minutes} min"),
        60..=1_439 => format!("{} h", minutes / 60),
        1_440..=20_159 => format!("{} d", minutes / 1_440),
        _ => format!("{} wk", minutes / 10_080),
    }
}

#[cfg(test)]
mod tests {
    use engine::time::DAY_MS;

    use super::*;

    #[test]
    fn an_age_has_one_unit() {
        let now = Timestamp::from_millis(100 * DAY_MS);
        let ages = [
            (0, "now"),
            (59_999, "now"),
            (60_000, "1 min"),
            (7_200_000, "2 h"),
            (DAY_MS, "1 d"),
            (30 * DAY_MS, "4 wk"),
        ];
        for (millis, said) in ages {
            assert_eq!(age(now.plus(-millis), now), said);
        }
        assert_eq!(age(now.plus(5_000), now), "now");
    }
}
