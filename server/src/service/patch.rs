//! What a patch makes of a task, in the fields where the last writer wins.

use engine::{ApiError, Task, TaskPatch, Timestamp, limit};

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
        task.start_at = start_at.map(|date| field::date("start_at", date)).transpose()?;
    }
    if let Some(due_at) = patch.due_at {
        task.due_at = due_at.map(|date| field::date("due_at", date)).transpose()?;
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

/// A number of hours that can be expected, to a millionth: more digits than every reader of JSON keeps are noise.
pub(super) fn estimate(hours: f64) -> Result<f64, ApiError> {
    if (0.0..=limit::ESTIMATE_HOURS).contains(&hours) {
        return Ok((hours.abs() * 1e6).round() / 1e6);
    }
    Err(invalid("estimate_hours", format!("0 to {} hours.", limit::ESTIMATE_HOURS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_a_number_of_hours() {
        assert!(estimate(0.0).is_ok() && estimate(0.25).is_ok() && estimate(limit::ESTIMATE_HOURS).is_ok());
        assert_eq!((estimate(1.0 / 3.0), estimate(1e-300), estimate(-0.0)), (Ok(0.333_333), Ok(0.0), Ok(0.0)));
        assert!(estimate(-1.0).is_err() && estimate(f64::NAN).is_err() && estimate(1e9).is_err());
    }
}
