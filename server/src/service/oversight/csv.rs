//! Tables for spreadsheets, after RFC 4180.

use std::borrow::Cow;

use engine::line;
use unicode_normalization::UnicodeNormalization as _;

/// A table that is built row by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Csv(String);

impl Csv {
    /// A table with a header row.
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut csv = Self::default();
        csv.row(columns);
        csv
    }

    /// Adds a row.
    pub(crate) fn row<T: AsRef<str>>(&mut self, fields: &[T]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            self.0.push_str(&quoted(&harmless(field.as_ref())));
        }
        self.0.push_str("\r\n");
    }

    /// The table.
    pub(crate) fn text(self) -> String {
        self.0
    }
}

/// Keeps spreadsheets from taking a text for a formula, by an apostrophe in front.
///
/// OWASP (*CSV Injection*) and ASVS 1.2.10 name `=`, `+`, `-`, `@`, tab and line breaks, including full-width forms. A
/// spreadsheet may skip blanks before them, and one that separates by `;` or tab begins a cell in the middle of a
/// text. `|` and `%` begin no formula: they work within one, as in `=cmd|…`.
fn harmless(field: &str) -> Cow<'_, str> {
    if !field.contains(begins_formula) && !field.starts_with(['\t', '\r', '\n']) {
        return Cow::Borrowed(field);
    }
    let mut text = String::with_capacity(field.len() + 1);
    for cell in field.split_inclusive([';', '\t', '\r', '\n']) {
        let blank = |c: char| c.is_whitespace() || c.is_control() || line::is_invisible(c);
        let first = cell.trim_start_matches(blank).chars().next();
        if first.is_some_and(begins_formula) || (text.is_empty() && cell.starts_with(['\t', '\r', '\n'])) {
            text.push('\'');
        }
        text.push_str(cell);
    }
    Cow::Owned(text)
}

/// Whether a cell that begins with this character may be a formula, also in a compatibility form such as full width.
fn begins_formula(c: char) -> bool {
    let form = std::iter::once(c).nfkc().next().unwrap_or(c);
    matches!(form, '=' | '+' | '-' | '@' | '\u{2212}')
}

fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains(['"', ',', ';', '\t', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", field.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_separate_and_are_no_formulas() {
        let mut csv = Csv::new(&["plain", "a, b", "say \"hi\"", "two\nlines", ""]);
        csv.row(&["=1+1", "+1", "-x", "@SUM(A1)", "a=1", "\t=1"]);
        let expected =
            "plain,\"a, b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n'=1+1,'+1,'-x,'@SUM(A1),a=1,\"'\t'=1\"\r\n";
        assert_eq!(csv.text(), expected);
    }

    #[test]
    fn lookalike_formulas_are_disarmed() {
        for (field, wanted) in [
            ("=1+1", "'=1+1"),
            ("\u{ff1d}1+1", "'\u{ff1d}1+1"),
            ("\u{ff0b}1", "'\u{ff0b}1"),
            ("\u{ff0d}1", "'\u{ff0d}1"),
            ("\u{ff20}SUM(A1)", "'\u{ff20}SUM(A1)"),
            ("\u{fe66}1", "'\u{fe66}1"),
            ("\u{fe62}1", "'\u{fe62}1"),
            ("\u{fe63}1", "'\u{fe63}1"),
            ("\u{fe6b}A", "'\u{fe6b}A"),
            ("\u{2212}1", "'\u{2212}1"),
            (" =1", "' =1"),
            ("\u{a0}\u{3000}=1", "'\u{a0}\u{3000}=1"),
            ("\u{200b}=1", "'\u{200b}=1"),
            ("\u{feff}\u{2060}\u{ad} \u{ff1d}1", "'\u{feff}\u{2060}\u{ad} \u{ff1d}1"),
            ("\ra", "'\ra"),
            ("\na", "'\na"),
            ("\ta", "'\ta"),
            ("a;=1", "a;'=1"),
            ("a; -1;+1", "a;' -1;'+1"),
            ("a\t=1", "a\t'=1"),
            ("a\n@b", "a\n'@b"),
            ("@cmd|' /C calc'!A0", "'@cmd|' /C calc'!A0"),
        ] {
            assert_eq!(harmless(field), wanted, "{field:?}");
        }
        for field in
            ["", " ", "a", "a=1", "a - b", "ann@example.org", "1 + 1", "|a", "%a", "a\nb", "a; b", "\u{200b}a", "ä-ö"]
        {
            assert!(matches!(harmless(field), Cow::Borrowed(_)) || harmless(field) == field, "{field:?}");
        }
    }

    #[test]
    fn every_field_is_exactly_one_cell() {
        let mut csv = Csv::default();
        csv.row(&["a;b", "c\td", "\",\"=1"]);
        assert_eq!(csv.text(), "\"a;b\",\"c\td\",\"\"\",\"\"=1\"\r\n");
    }
}
