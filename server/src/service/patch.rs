//! What a patch makes of a task, in the fields where the last writer wins.

use engine::{ApiError, Task, TaskPatch, Timestamp, limit, time::DAY_MS};

use super::field::{self, invalid};

/// Changes the fields that a patch has, but for title and description.
///
/// # Errors
/// `invalid` with the field.
pub(super) fn apply(task: &mut Task, patch: &TaskPatch, at: Timestamp) -> Result<(), ApiError> {
    if let Some(priority) = patch.priority {
        task.priority = priority;
    }
    if let Some(start_at) = patch.start_at {
        task.start_at = start_at.map(date);
    }
    if let Some(due_at) = patch.due_at {
        task.due_at = due_at.map(date);
    }
    if let Some(hours) = patch.estimate_hours {
        task.estimate_hours = hours.map(estimate).transpose()?;
    }
    if let Some(reason) = &patch.blocked_reason {
        let reason = reason.as_deref().map(|reason| field::text("blocked_reason", reason, limit::REASON));
        task.blocked_reason = reason.transpose()?;
        // Another reason does not make it blocked for a shorter time.
        task.blocked_since = task.blocked_reason.as_ref().map(|_| task.blocked_since.unwrap_or(at));
    }
    Ok(())
}

/// A number of hours that can be expected.
pub(super) fn estimate(hours: f64) -> Result<f64, ApiError> {
    if (0.0..=limit::ESTIMATE_HOURS).contains(&hours) {
        return Ok(hours);
    }
    Err(invalid("estimate_hours", format!("0 to {} hours.", limit::ESTIMATE_HOURS)))
}

/// A date is the midnight in UTC that begins it.
pub(super) fn date(moment: Timestamp) -> Timestamp {
    moment.plus(-moment.millis().rem_euclid(DAY_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_of_a_day_stands_for_the_day() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(date(at("2026-11-21T23:59:59.999Z")), at("2026-11-21T00:00:00Z"));
        assert_eq!(date(at("2026-11-21T00:00:00Z")), at("2026-11-21T00:00:00Z"));
        assert_eq!(date(at("1969-12-31T12:00:00Z")), at("1969-12-31T00:00:00Z"));
    }

    #[test]
    fn an_estimate_is_a_number_of_hours() {
        assert!(estimate(0.0).is_ok() && estimate(0.25).is_ok() && estimate(limit::ESTIMATE_HOURS).is_ok());
        assert!(estimate(-1.0).is_err() && estimate(f64::NAN).is_err() && estimate(1e9).is_err());
    }
}
