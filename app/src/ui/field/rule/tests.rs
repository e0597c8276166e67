use super::*;

const HOURS: Rule = Rule::Number { min: 0.0, max: 10_000.0, whole: false, optional: true };
const LIMIT: Rule = Rule::Number { min: 1.0, max: 999.0, whole: true, optional: true };

#[test]
fn numbers_have_a_decimal_comma_or_point() {
    for (text, value) in [
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        (" 8 ", "8"),
        (".25", "0.25"),
        ("8.", "8"),
        ("8,00", "8"),
        ("007", "7"),
        ("１．５", "1.5"),
        ("٣٫٥", "3.5"),
        ("", ""),
    ] {
        assert_eq!(HOURS.read(text).as_deref(), Ok(value), "{text}");
    }
}

#[test]
fn an_invalid_number_is_refused_with_a_reason_and_never_cut() {
    for text in ["8e", "8e2", "--3", "1-2", "abc", "1 h", ".", "-", "0x10", "inf", "NaN", "1.5.2", "1,234,567"] {
        assert!(HOURS.read(text).is_err(), "{text}");
    }
    assert_eq!(HOURS.read("8e"), Err("Enter a number, like 1.5.".to_owned()));
    let bounds = Err("Enter a number from 0 to 10000, or leave it empty.".to_owned());
    for text in ["-3", "−3", "99999", "10000.01"] {
        assert_eq!(HOURS.read(text), bounds, "{text}");
    }
    // 1500 to one reader, one and a half to another.
    for text in ["1.500", "1,500", "0.125"] {
        assert!(HOURS.read(text).is_err(), "{text}");
    }
}

#[test]
fn whole_numbers_have_no_decimals() {
    assert_eq!(LIMIT.read("5").as_deref(), Ok("5"));
    assert_eq!(LIMIT.read("5.0").as_deref(), Ok("5"));
    assert_eq!(LIMIT.read("").as_deref(), Ok(""));
    for text in ["5.5", "0", "1000", "-1", "x"] {
        assert!(LIMIT.read(text).is_err(), "{text}");
    }
    let needed = Rule::Number { min: 0.0, max: 24.0, whole: false, optional: false };
    assert!(needed.read("").is_err() && needed.read("25").is_err() && needed.read("24").is_ok());
}

#[test]
fn numbers_round_trip_in_the_readers_format() {
    assert_eq!(HOURS.write("1.5", ','), "1,5");
    assert_eq!(HOURS.write("1.5", '.'), "1.5");
    for decimal in ['.', ',', '٫'] {
        assert_eq!(HOURS.read(&HOURS.write("12.25", decimal)).as_deref(), Ok("12.25"));
    }
    assert_eq!(Rule::Line { max: 9, optional: false }.write("a.b", ','), "a.b");
}

#[test]
fn lines_are_counted_as_on_the_server() {
    let name = Rule::Line { max: 3, optional: false };
    assert_eq!(name.read(" ab\nc "), Err("4 characters. At most 3 fit.".to_owned()));
    assert_eq!(name.read(" 🂡🂡🂡 ").as_deref(), Ok("🂡🂡🂡"));
    assert!(name.read(" \u{200b} ").is_err());
    assert_eq!(Rule::Line { max: 3, optional: true }.read(" ").as_deref(), Ok(""));
    assert_eq!(name.nearly_full("ab"), None);
    assert_eq!(name.nearly_full(" abc "), Some((3, 3)));
    assert_eq!(name.nearly_full("abcd"), Some((4, 3)));
}

#[test]
fn times_have_one_canonical_form() {
    for (text, value) in [
        ("22:05", "22:05"),
        ("7.30", "07:30"),
        ("730", "07:30"),
        ("2205", "22:05"),
        ("7", "07:00"),
        ("07:30:00", "07:30"),
        ("10 pm", "22:00"),
        ("12:15am", "00:15"),
        ("12pm", "12:00"),
    ] {
        assert_eq!(Rule::Time.read(text).as_deref(), Ok(value), "{text}");
    }
    for text in ["", "24:00", "12:60", "noon", "7:5", "13pm", "0am", "-1:00", "+1:00", "1234567", "é:00"] {
        assert!(Rule::Time.read(text).is_err(), "{text}");
    }
}
