//! What a field may hold. The page checks the same before it sends; here it counts.

use engine::{ApiError, limit};

/// A refusal of one field.
pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(422, "invalid", message.into()).on(field)
}

/// A line of text of 1 to `max` characters, trimmed.
pub(super) fn text(field: &'static str, value: &str, max: usize) -> Result<String, ApiError> {
    let text = limit::text(value, max).ok_or_else(|| invalid(field, format!("1 to {max} characters are needed.")))?;
    storable(field, text)?;
    Ok(text.to_owned())
}

/// A text of 1 to `max` characters that are not all white space, as it is.
pub(super) fn prose(field: &'static str, value: String, max: usize) -> Result<String, ApiError> {
    if value.trim().is_empty() || value.chars().count() > max {
        return Err(invalid(field, format!("1 to {max} characters are needed.")));
    }
    storable(field, &value)?;
    Ok(value)
}

/// A text of at most `max` characters, as it is.
pub(super) fn long_text(field: &'static str, value: String, max: usize) -> Result<String, ApiError> {
    if value.chars().count() > max {
        return Err(invalid(field, format!("At most {max} characters.")));
    }
    storable(field, &value)?;
    Ok(value)
}

/// An e-mail address in the form in which it is stored.
pub(super) fn email(value: &str) -> Result<String, ApiError> {
    let email = value.trim().to_lowercase();
    let parts = email.split_once('@');
    let plausible = parts
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && email.chars().count() <= limit::EMAIL
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    plausible.then_some(email).ok_or_else(|| invalid("email", "An e-mail address is needed."))
}

/// A new password.
pub(super) fn password(value: String) -> Result<String, ApiError> {
    let (min, max) = (limit::PASSWORD_MIN, limit::PASSWORD_MAX);
    if !(min..=max).contains(&value.chars().count()) {
        return Err(invalid("password", format!("{min} to {max} characters are needed.")));
    }
    Ok(value)
}

/// A colour, as `#rrggbb`.
pub(super) fn color(value: &str) -> Result<String, ApiError> {
    let digits = value.strip_prefix('#').filter(|digits| digits.len() == 6);
    if digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())) {
        return Ok(value.to_ascii_lowercase());
    }
    Err(invalid("color", "A colour like #4f6bed is needed."))
}

/// PostgreSQL stores no NUL, so SQLite is not given one either.
fn storable(field: &'static str, value: &str) -> Result<(), ApiError> {
    if value.contains('\0') {
        return Err(invalid(field, "A NUL character cannot be stored."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_lowercased_and_looks_like_one() {
        assert_eq!(email(" Ada@Example.Org "), Ok("ada@example.org".into()));
        for bad in ["", "ada", "@example.org", "ada@", "a@b@c", "a b@c", &format!("{}@b.org", "a".repeat(260))] {
            assert!(email(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_colour_has_six_digits() {
        assert_eq!(color("#AbCdEf"), Ok("#abcdef".into()));
        for bad in ["", "#fff", "red", "#12345g", "#1234567", "#ééé"] {
            assert!(color(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_nul_is_refused() {
        assert_eq!(text("title", "a\0b", 10).map_err(|error| error.field), Err(Some("title".into())));
    }
}
