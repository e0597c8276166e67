//! What a field accepts: parses a typed text to a value, and formats a value for its reader.

use engine::line;

/// What a field accepts. A value is a text in canonical form: `1.5` for a number, `22:05` for a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Rule {
    /// One line of at most `max` characters.
    Line {
        /// Counted as on the server: in Unicode scalar values, after trimming.
        max: usize,
        /// Whether it may be empty.
        optional: bool,
    },
    /// Lines of at most `max` characters, which may be empty.
    Text {
        /// Counted as on the server.
        max: usize,
    },
    /// A number.
    Number {
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
        /// Whether it has no decimals. Others have at most two.
        whole: bool,
        /// Whether it may be missing.
        optional: bool,
    },
    /// A time of day.
    Time,
}

impl Rule {
    /// Parses a typed text to a value.
    ///
    /// # Errors
    /// The reason to show beside the field, when the text is refused.
    pub(crate) fn read(self, text: &str) -> Result<String, String> {
        match self {
            Self::Line { max, optional } => one_line(text, max, optional),
            Self::Text { max } => match text.chars().count() {
                count if count > max => Err(too_long(count, max)),
                _ => Ok(text.to_owned()),
            },
            Self::Number { min, max, whole, optional } => {
                let text = text.trim();
                if text.is_empty() && optional {
                    return Ok(String::new());
                }
                let number = number(text, whole)?;
                if (min..=max).contains(&number) {
                    return Ok(number.to_string());
                }
                let kind = if whole { "a whole number" } else { "a number" };
                let or = if optional { ", or leave it empty" } else { "" };
                Err(format!("Enter {kind} from {min} to {max}{or}."))
            }
            Self::Time => time(text).ok_or_else(|| "Enter a time, like 22:05.".to_owned()),
        }
    }

    /// Formats a value with the reader's decimal sign.
    pub(crate) fn write(self, value: &str, decimal: char) -> String {
        match self {
            Self::Number { .. } => value.replace('.', decimal.encode_utf8(&mut [0; 4])),
            _ => value.to_owned(),
        }
    }

    /// The length of a text and the limit, once the text is near the limit or beyond it.
    pub(crate) fn nearly_full(self, text: &str) -> Option<(usize, usize)> {
        let (count, max) = match self {
            Self::Line { max, .. } => (typed_line(text).map_or(0, |line| line.chars().count()), max),
            Self::Text { max } => (text.chars().count(), max),
            Self::Number { .. } | Self::Time => return None,
        };
        (count * 10 > max * 9).then_some((count, max))
    }

    /// The `inputmode`, which selects a phone's keyboard.
    pub(crate) const fn input_mode(self) -> Option<&'static str> {
        match self {
            Self::Number { whole: true, .. } => Some("numeric"),
            Self::Number { .. } => Some("decimal"),
            _ => None,
        }
    }

    /// Whether the text is prose, in whatever script.
    pub(crate) const fn is_prose(self) -> bool {
        matches!(self, Self::Line { .. } | Self::Text { .. })
    }
}

/// Reduces a typed text to one line of at most `max` characters.
///
/// # Errors
/// The reason to show beside the field.
pub(crate) fn one_line(text: &str, max: usize, optional: bool) -> Result<String, String> {
    match typed_line(text) {
        None if optional => Ok(String::new()),
        None => Err("This can't be empty.".to_owned()),
        Some(line) => match line.chars().count() {
            count if count > max => Err(too_long(count, max)),
            _ => Ok(line),
        },
    }
}

fn typed_line(text: &str) -> Option<String> {
    line::from_typed(text, usize::MAX)
}

/// The reason for a text that is too long.
pub(crate) fn too_long(count: usize, max: usize) -> String {
    format!("{count} characters. At most {max} fit.")
}

/// Parses a number with a decimal comma or point, in the digits of most keyboards.
fn number(text: &str, whole: bool) -> Result<f64, String> {
    let example = if whole { "Enter a whole number, like 5." } else { "Enter a number, like 1.5." };
    let mut plain = String::new();
    for c in text.chars() {
        plain.push(match c {
            '0'..='9' => c,
            '.' | ',' | '．' | '，' | '٫' => '.',
            '-' | '−' | '－' if plain.is_empty() => '-',
            _ => digit(c).ok_or_else(|| example.to_owned())?,
        });
    }
    let (before, after) = plain.split_once('.').unwrap_or((&plain, ""));
    if after.contains('.') {
        return Err("Enter it without thousands separators.".to_owned());
    }
    let decimals = after.trim_end_matches('0');
    // Three digits after a sign are thousands to some readers.
    if after.len() > 2 {
        return Err("At most two decimals, and no thousands separators.".to_owned());
    }
    if whole && !decimals.is_empty() {
        return Err(example.to_owned());
    }
    if !before.chars().chain(after.chars()).any(|c| c.is_ascii_digit()) {
        return Err(example.to_owned());
    }
    format!("{before}.{after}0").parse().map_err(|_| example.to_owned())
}

/// The digits of other scripts: full-width, Arabic, Persian, Devanagari.
fn digit(c: char) -> Option<char> {
    let zeros = ['\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}'];
    let value = |zero: char| u32::from(c).checked_sub(u32::from(zero)).filter(|value| *value < 10);
    zeros.into_iter().find_map(value).and_then(|value| char::from_digit(value, 10))
}

/// Parses a time: `22:05` from `22.05`, `2205`, `22` and `10:05 pm`.
fn time(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let (clock, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(clock), _) => (clock.trim_end(), Some(0)),
        (_, Some(clock)) => (clock.trim_end(), Some(12)),
        _ => (text.as_str(), None),
    };
    let (hours, minutes) = match clock.split_once([':', '.']) {
        // With seconds, as some browsers fill it in.
        Some((hours, rest)) => (hours, rest.strip_suffix(":00").unwrap_or(rest)),
        None if clock.is_ascii() && (3..=4).contains(&clock.len()) => clock.split_at(clock.len() - 2),
        None => (clock, "00"),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = digits(hours) && digits(minutes) && (1..=2).contains(&hours.len()) && minutes.len() == 2;
    let (hour, minute): (u16, u16) = fits.then(|| Some((hours.parse().ok()?, minutes.parse().ok()?)))??;
    let hour = match half {
        Some(half) => (1..=12).contains(&hour).then_some(hour % 12 + half)?,
        None => hour,
    };
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

#[cfg(test)]
mod tests;
