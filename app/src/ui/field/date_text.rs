//! Dates as people type them.

use engine::Day;

use super::reader::DateSpelling;
use crate::date::{DayWords as _, MONTHS, WEEKDAYS};

const EXAMPLE: &str = "Enter a date, like 24 Nov or 2026-11-24.";

/// A date as the field shows it: in the words on the card. `value` is `2026-11-24`, or empty.
pub(crate) fn write(value: &str, today: Day) -> String {
    let Ok(day) = value.parse::<Day>() else { return String::new() };
    let words = day.short(today);
    // For dates months ago the card leaves the year out, but typed like that they would be read as next year's.
    let same = read(&words, today, &DateSpelling::default(), true).is_ok_and(|read| read == value);
    if same { words } else { day.plain(today.plus(-400).min(day.plus(-400))) }
}

/// Whether a text is a complete date: year, month and day in digits.
pub(crate) fn is_whole(text: &str) -> bool {
    text.parse::<Day>().is_ok_and(|day| (Day::EARLIEST..=Day::LATEST).contains(&day))
}

/// The value of a typed date: `2026-11-24`, or empty.
///
/// # Errors
/// The reason to show beside the field, when the text is not a date.
pub(crate) fn read(text: &str, today: Day, spelling: &DateSpelling, optional: bool) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    if text.is_empty() && optional {
        return Ok(String::new());
    }
    let day = words(&text, today).or_else(|| numbers(&text, today, spelling)).ok_or(EXAMPLE)?;
    if (Day::EARLIEST..=Day::LATEST).contains(&day) {
        Ok(day.to_string())
    } else {
        Err(format!("Enter a date from {} to {}.", Day::EARLIEST.civil().0, Day::LATEST.civil().0))
    }
}

/// `today`, `tomorrow`, `fri`, `next monday`, `3 days ago`, `in 3 days`, `+3`.
fn words(text: &str, today: Day) -> Option<Day> {
    let weekday = |name: &str| {
        let at = WEEKDAYS.iter().position(|day| name.len() >= 3 && day.to_lowercase().starts_with(name))?;
        // The next one after today: on the card, too, a weekday alone is in the future.
        let ahead = (at + 7 - today.weekday()) % 7;
        Some(today.plus(if ahead == 0 { 7 } else { ahead as i64 }))
    };
    let days = |text: &str| text.split(' ').next()?.parse::<u16>().ok().map(i64::from);
    match text {
        "today" => Some(today),
        "tomorrow" => Some(today.plus(1)),
        "yesterday" => Some(today.plus(-1)),
        _ => {
            if let Some(ahead) = text.strip_prefix('+').or_else(|| text.strip_prefix("in ")) {
                let unit = ahead.split_once(' ').map_or("days", |(_, unit)| unit);
                return days(ahead).filter(|_| matches!(unit, "day" | "days")).map(|days| today.plus(days));
            }
            if let Some(ago) = text.strip_suffix(" days ago") {
                return days(ago).filter(|_| !ago.contains(' ')).map(|days| today.plus(-days));
            }
            weekday(text.strip_prefix("next ").unwrap_or(text))
        }
    }
}

/// `2026-11-24`, `24.11.2026`, `11/24/26`, `24 nov`, `nov 24, 2026`.
fn numbers(text: &str, today: Day, spelling: &DateSpelling) -> Option<Day> {
    // A sign before a number would be lost.
    text.starts_with(char::is_alphanumeric).then_some(())?;
    let parts: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || ",./-".contains(c)).filter(|part| !part.is_empty()).collect();
    let number =
        |at: usize| parts.get(at)?.parse::<i64>().ok().filter(|_| parts[at].bytes().all(|b| b.is_ascii_digit()));
    // `26` is 2026; `0026` is not.
    let year = |at: usize| number(at).map(|year| if parts[at].len() <= 2 { 2000 + year } else { year });
    let named = parts.iter().position(|part| month_number(part, spelling).is_some());
    let (year, month, day) = match (named, parts.len()) {
        // With the name of a month, the other numbers are the day and the year.
        (Some(name), 2 | 3) => {
            let rest: Vec<usize> = (0..parts.len()).filter(|at| *at != name).collect();
            let month = month_number(parts[name], spelling)?;
            match rest[..] {
                [day] => (None, month, number(day)?),
                [first, day] if parts[first].len() == 4 => (Some(year(first)?), month, number(day)?),
                [day, last] => (Some(year(last)?), month, number(day)?),
                _ => return None,
            }
        }
        (Some(_), _) => return None,
        (None, 3) if parts[0].len() == 4 => (Some(year(0)?), number(1)?, number(2)?),
        (None, count @ (2 | 3)) => {
            let year = if count == 3 { Some(year(2)?) } else { None };
            let month_first = text.contains('/') && spelling.month_first;
            let (day, month) = if month_first { (number(1)?, number(0)?) } else { (number(0)?, number(1)?) };
            (year, month, day)
        }
        _ => return None,
    };
    match year {
        Some(year) => civil(year, month, day),
        // The nearest such date.
        None => {
            let this = today.civil().0;
            let near = [this - 1, this, this + 1].into_iter().filter_map(|year| civil(year, month, day));
            near.min_by_key(|day| day.since(today).abs())
        }
    }
}

fn civil(year: i64, month: i64, day: i64) -> Option<Day> {
    format!("{year:04}-{month:02}-{day:02}").parse().ok()
}

/// The month of a name, or of its first three letters or more: 1 to 12.
fn month_number(name: &str, spelling: &DateSpelling) -> Option<i64> {
    let name = name.trim_end_matches('.');
    if name.chars().count() < 3 || name.chars().next().is_some_and(|c| c.is_numeric()) {
        return None;
    }
    let english = MONTHS.iter().position(|month| month.to_lowercase().starts_with(name));
    let own = || spelling.months.iter().position(|month| month.starts_with(name));
    own().or(english).map(|at| at as i64 + 1)
}

#[cfg(test)]
mod tests;
