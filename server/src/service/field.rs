//! Validation of fields. Pages check the same before they send; the server decides.

use engine::{
    ApiError, Day, Timestamp, limit,
    line::{self, NotALine},
};
use unicode_normalization::UnicodeNormalization as _;

/// The refusal of a field.
pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> ApiError {
    ApiError::new(422, "invalid", message.into()).on(field)
}

/// A line of 1 to `max` characters, trimmed and in normal form C, so that equal-looking texts are equal. Characters
/// are counted as sent, as the page counts them.
pub(super) fn text(field: &'static str, value: &str, max: usize) -> Result<String, ApiError> {
    let line = line::check(value, max).map_err(|why| not_a_line(field, why, max))?;
    Ok(line.nfc().collect())
}

fn not_a_line(field: &'static str, why: NotALine, max: usize) -> ApiError {
    match why {
        NotALine::Empty | NotALine::TooLong => invalid(field, format!("Use 1 to {max} characters.")),
        NotALine::Control => invalid(field, "Line breaks and control characters aren't allowed here."),
        NotALine::Direction => invalid(field, "Characters that change the text direction aren't allowed here."),
    }
}

/// A text of 1 to `max` characters, not all invisible; composed, like the names it may mention.
pub(super) fn prose(field: &'static str, value: String, max: usize) -> Result<String, ApiError> {
    let text = long_text(field, value, max)?;
    if line::is_visible(&text) {
        Ok(text.nfc().collect())
    } else {
        Err(invalid(field, format!("Use 1 to {max} characters.")))
    }
}

/// A text of at most `max` characters. Lines end in `\n`; other control characters except tabs are dropped: they come
/// from pasting and are invisible.
pub(super) fn long_text(field: &'static str, value: String, max: usize) -> Result<String, ApiError> {
    if value.contains('\0') {
        return Err(invalid(field, "NUL characters aren't allowed."));
    }
    let plain = !value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t'));
    let text = if plain {
        value
    } else {
        let lines = value.replace("\r\n", "\n").replace(['\r', '\u{85}'], "\n");
        lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
    };
    if text.chars().count() > max {
        return Err(invalid(field, format!("At most {max} characters.")));
    }
    Ok(text)
}

/// A date of a task: the midnight UTC that begins it.
pub(super) fn date(field: &'static str, date: Timestamp) -> Result<Timestamp, ApiError> {
    day(field, Day::utc(date)).map(Day::timestamp)
}

/// A date that a client may send.
pub(crate) fn day(field: &'static str, day: Day) -> Result<Day, ApiError> {
    if (Day::EARLIEST..=Day::LATEST).contains(&day) {
        return Ok(day);
    }
    Err(invalid(field, format!("Enter a date from {} to {}.", Day::EARLIEST, Day::LATEST)))
}

/// An e-mail address in its stored form.
pub(super) fn email(value: &str) -> Result<String, ApiError> {
    let email = address(value);
    let parts = email.split_once('@');
    let plausible = parts
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && line::check(&email, limit::EMAIL).is_ok()
        && !email.chars().any(|c| c.is_whitespace() || !line::is_visible(c.encode_utf8(&mut [0; 4])));
    plausible.then_some(email).ok_or_else(|| invalid("email", "Enter an e-mail address."))
}

/// The form in which addresses are stored and compared.
pub(super) fn address(value: &str) -> String {
    line::trim(value).nfc().collect::<String>().to_lowercase()
}

/// A colour, as `#rrggbb`.
pub(super) fn color(value: &str) -> Result<String, ApiError> {
    let digits = value.strip_prefix('#').filter(|digits| digits.len() == 6);
    if digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())) {
        return Ok(value.to_ascii_lowercase());
    }
    Err(invalid("color", "Enter a colour, like #4f6bed."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_lowercased_and_checked() {
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
    fn an_address_has_no_invisible_characters() {
        for bad in ["ada\u{200b}@example.org", "a\0da@example.org", "ada\u{202e}@example.org", "ada@exa\u{ad}mple.org"]
        {
            assert!(email(bad).is_err(), "{bad:?}");
        }
        assert_eq!(email("JOSE\u{301}@example.org"), Ok("josé@example.org".into()));
    }

    #[test]
    fn a_line_is_composed_and_invalid_characters_are_refused() {
        assert_eq!(text("title", " Cafe\u{301} ", 5), Ok("Café".into()));
        for bad in ["", " ", "a\0b", "a\nb", "a\tb", "\u{200b}", "\u{2800}", "a\u{202e}b", "abcdef"] {
            let error = text("title", bad, 5).expect_err(bad);
            assert_eq!((error.code.as_ref(), error.field.as_deref()), ("invalid", Some("title")), "{bad:?}");
        }
    }

    #[test]
    fn a_long_text_keeps_its_lines_and_tabs_and_no_other_control_character() {
        let text = |value: &str| long_text("description", value.to_owned(), 20);
        assert_eq!(text("a\r\nb\rc\u{85}d\te\n"), Ok("a\nb\nc\nd\te\n".into()));
        assert_eq!(text("\u{1b}[1mbold\u{7}\u{c}"), Ok("[1mbold".into()));
        assert_eq!(text("👩‍👩‍👧 می\u{200c}خواهم"), Ok("👩‍👩‍👧 می\u{200c}خواهم".into()));
        assert!(text("a\0b").is_err() && text(&"a".repeat(21)).is_err() && text(&"\r\n".repeat(20)).is_ok());
        assert!(prose("body", " \n\u{200b}".into(), 20).is_err());
    }

    #[test]
    fn a_date_has_a_plausible_year() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a moment");
        assert_eq!(date("due_at", at("2026-11-21T23:59:59.999Z")), Ok(at("2026-11-21T00:00:00Z")));
        for good in ["1970-01-01T00:00:00Z", "2999-12-31T23:00:00Z"] {
            assert!(date("due_at", at(good)).is_ok(), "{good}");
        }
        for bad in ["1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "9999-12-31T00:00:00Z", "0000-01-01T00:00:00Z"] {
            let error = date("due_at", at(bad)).expect_err(bad);
            assert_eq!((error.status, error.field.as_deref()), (422, Some("due_at")), "{bad}");
            assert!(error.message.contains("1970") && error.message.contains("2999"), "{error}");
        }
    }
}
