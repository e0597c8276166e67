//! Figures in words.

/// Hours with at most one decimal: `7.5`, `40`.
pub(super) fn hours(hours: f64) -> String {
    // By whole tenths: formatting a float would be downloaded for this alone.
    let tenths = (hours * 10.0).round() as i64;
    let (whole, rest) = (tenths / 10, (tenths % 10).abs());
    let minus = if tenths < 0 && whole == 0 { "-" } else { "" };
    if rest == 0 { format!("{whole}") } else { format!("{minus}{whole}.{rest}") }
}

/// `1 task`, `5 tasks`.
pub(super) fn count(number: u32, one: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {one}{end}")
}

/// A duration: `40 min`, `5.5 h`, `3.2 d`, `25 d`.
pub(super) fn lasted(span: f64) -> String {
    match span {
        ..1.0 => format!("{} min", (span * 60.0).round() as i64),
        1.0..24.0 => format!("{} h", hours(span)),
        24.0..480.0 => format!("{} d", hours(span / 24.0)),
        _ => format!("{} d", (span / 24.0).round() as i64),
    }
}

/// A difference from the week before: `+3`, `−2`, `±0`.
pub(super) fn difference(now: u32, before: u32) -> String {
    match i64::from(now) - i64::from(before) {
        0 => "±0".to_owned(),
        more @ 1.. => format!("+{more}"),
        less => format!("−{}", -less),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        let words = [(0.0, "0"), (7.5, "7.5"), (40.0, "40"), (6.666, "6.7"), (0.04, "0"), (-0.5, "-0.5"), (-8.0, "-8")];
        for (figure, word) in words {
            assert_eq!(hours(figure), word);
        }
        assert_eq!(count(1, "task"), "1 task");
        assert_eq!(count(0, "task"), "0 tasks");
    }

    #[test]
    fn a_span_has_one_unit() {
        let spans = [(0.0, "0 min"), (0.66, "40 min"), (5.5, "5.5 h"), (76.8, "3.2 d"), (600.0, "25 d")];
        for (span, word) in spans {
            assert_eq!(lasted(span), word);
        }
    }

    #[test]
    fn a_difference_has_its_sign() {
        assert_eq!(difference(5, 2), "+3");
        assert_eq!(difference(2, 5), "−3");
        assert_eq!(difference(4, 4), "±0");
    }
}
