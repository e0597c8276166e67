//! Validation of task fields, in drafts and patches.

use engine::{ApiError, TaskDraft, TaskPatch, limit};

use super::field::{self, invalid};

/// One function per plain field, named after it: returns the value as stored, or `invalid` with the field.
mod rule {
    use engine::{ApiError, Priority, Timestamp};

    use super::{estimate, field};

    type Checked<T> = Result<T, ApiError>;

    pub(super) fn priority(priority: Priority) -> Checked<Priority> {
        Ok(priority)
    }

    pub(super) fn start_at(date: Option<Timestamp>) -> Checked<Option<Timestamp>> {
        date.map(|date| field::date("start_at", date)).transpose()
    }

    pub(super) fn due_at(date: Option<Timestamp>) -> Checked<Option<Timestamp>> {
        date.map(|date| field::date("due_at", date)).transpose()
    }

    pub(super) fn estimate_hours(hours: Option<f64>) -> Checked<Option<f64>> {
        hours.map(estimate).transpose()
    }
}

/// Checks the plain fields of drafts and patches by their rules.
macro_rules! checks {
    ($($(#[$attribute:meta])* $name:ident: $type:ty,)*) => {
        /// Checks and normalises the plain fields of a draft.
        ///
        /// # Errors
        /// `invalid` with the first invalid field.
        pub(super) fn check_draft(draft: &mut TaskDraft) -> Result<(), ApiError> {
            $(draft.$name = rule::$name(std::mem::take(&mut draft.$name))?;)*
            Ok(())
        }

        fn check_plain(patch: &mut TaskPatch) -> Result<(), ApiError> {
            $(patch.$name = patch.$name.take().map(rule::$name).transpose()?;)*
            Ok(())
        }
    };
}
engine::task_fields!(checks);

/// Checks and normalises the fields of a patch, except the description.
///
/// # Errors
/// `invalid` with the first invalid field.
pub(super) fn check(patch: &mut TaskPatch) -> Result<(), ApiError> {
    check_plain(patch)?;
    if let Some(Some(reason)) = &mut patch.blocked_reason {
        *reason = field::text("blocked_reason", reason, limit::REASON)?;
    }
    if let Some(title) = &mut patch.title {
        *title = field::text("title", title, limit::TITLE)?;
    }
    Ok(())
}

/// A number of hours, to a millionth: not all JSON readers keep more digits.
fn estimate(hours: f64) -> Result<f64, ApiError> {
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
