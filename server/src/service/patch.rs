//! What the fields of a task may hold, in drafts and in patches.

use engine::{ApiError, TaskDraft, TaskPatch, limit};

use super::field::{self, invalid};

/// What each plain field may hold: a function of its name gives the value as it is stored, or `invalid` with the field.
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
        /// Checks the plain fields of a draft, and brings them into the form in which they are stored.
        ///
        /// # Errors
        /// `invalid` with the first field whose value is refused.
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

/// Checks the fields of a patch, but for the description, and brings them into the form in which they are stored.
///
/// # Errors
/// `invalid` with the first field whose value is refused.
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

/// A number of hours that can be expected, to a millionth: more digits than every reader of JSON keeps are noise.
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
