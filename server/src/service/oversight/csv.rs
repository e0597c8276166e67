//! Tables for spreadsheets, as RFC 4180 has them.

use std::borrow::Cow;

/// A table that grows row by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Csv(String);

impl Csv {
    /// A table that begins with its columns' names.
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

/// A text that no spreadsheet takes for a formula, as OWASP advises.
fn harmless(field: &str) -> Cow<'_, str> {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { Cow::Owned(format!("'{field}")) } else { Cow::Borrowed(field) }
}

fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains(['"', ',', '\r', '\n']) {
        Cow::Owned(format!("\"{}\"", field.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_cells_and_are_no_formulas() {
        let mut csv = Csv::new(&["plain", "a, b", "say \"hi\"", "two\nlines", ""]);
        csv.row(&["=1+1", "+1", "-x", "@SUM(A1)", "a=1", "\t=1"]);
        let expected = "plain,\"a, b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\n'=1+1,'+1,'-x,'@SUM(A1),a=1,'\t=1\r\n";
        assert_eq!(csv.text(), expected);
    }
}
