use super::*;

fn day(text: &str) -> Day {
    text.parse().expect("a date")
}

/// A Saturday.
const TODAY: &str = "2026-11-21";

fn typed(text: &str) -> Result<String, String> {
    read(text, day(TODAY), &DateSpelling::default(), true)
}

#[test]
fn dates_are_read_as_people_type_them() {
    for (text, value) in [
        ("2026-12-01", "2026-12-01"),
        ("2026/12/1", "2026-12-01"),
        ("1.12.2026", "2026-12-01"),
        ("1.12.27", "2027-12-01"),
        ("1.12.", "2026-12-01"),
        ("3/1", "2027-01-03"),
        ("1 Dec", "2026-12-01"),
        ("Dec 1", "2026-12-01"),
        ("December 1, 2027", "2027-12-01"),
        ("2027 dec 1", "2027-12-01"),
        ("Today", TODAY),
        ("tomorrow", "2026-11-22"),
        ("Yesterday", "2026-11-20"),
        ("Mon", "2026-11-23"),
        ("next monday", "2026-11-23"),
        ("saturday", "2026-11-28"),
        ("+3", "2026-11-24"),
        ("in 3 days", "2026-11-24"),
        ("6 days ago", "2026-11-15"),
        ("", ""),
    ] {
        assert_eq!(typed(text).as_deref(), Ok(value), "{text}");
    }
}

#[test]
fn day_order_and_month_names_follow_the_reader() {
    let months = ["januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober"];
    let months = months.into_iter().chain(["november", "dezember"]).map(str::to_owned).collect();
    let spelling = DateSpelling { months, month_first: true };
    for (text, value) in
        [("12/1", "2026-12-01"), ("1.12.", "2026-12-01"), ("1. Dez", "2026-12-01"), ("4 märz", "2027-03-04")]
    {
        assert_eq!(read(text, day(TODAY), &spelling, true).as_deref(), Ok(value), "{text}");
    }
}

#[test]
fn text_that_is_not_a_date_is_refused_with_a_reason() {
    for text in
        ["2026-02-30", "31.4.", "soon", "12", "1.2.3.4", "nov", "-1.2.", "in x days", "next", "1.13.2026", "m 3"]
    {
        assert_eq!(typed(text), Err(EXAMPLE.to_owned()), "{text}");
    }
    for text in ["0002-01-01", "0202-11-24", "1.1.3000", "31.12.1969"] {
        assert_eq!(typed(text), Err("Enter a date from 1970 to 2999.".to_owned()), "{text}");
    }
    assert!(read("", day(TODAY), &DateSpelling::default(), false).is_err());
}

#[test]
fn a_date_is_complete_when_nothing_can_follow() {
    for text in ["2", "2026", "2026-11-2", "0002-11-24", "1.12.2026", "24 Nov", "2026-02-30"] {
        assert!(!is_whole(text), "{text}");
    }
    assert!(is_whole("2026-11-24"));
}

#[test]
fn displayed_dates_round_trip() {
    for today in ["2026-11-21", "2024-02-29", "1970-01-01", "2999-12-31", "2027-01-01"].map(day) {
        let near = (-900..900).map(|days| today.plus(days));
        for date in near.filter(|date| (Day::EARLIEST..=Day::LATEST).contains(date)) {
            let shown = write(&date.to_string(), today);
            let read = read(&shown, today, &DateSpelling::default(), true);
            assert_eq!(read, Ok(date.to_string()), "{shown}");
        }
    }
}
