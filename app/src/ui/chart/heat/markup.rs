//! A heatmap as markup.

use std::fmt::Write as _;

use super::{Heat, HeatRow};

/// The width of the column of names, in CSS pixels.
pub(super) const NAMES: usize = 148;
/// The characters of a name that fit there.
const LETTERS: usize = 20;
/// The height of the row of dates.
pub(super) const HEAD: usize = 40;
/// The height of a row, and the gap below it.
pub(super) const ROW: usize = 34;
const GAP: usize = 3;

/// The pattern of cells over the capacity.
pub(super) const HATCH: &str = "<pattern id=\"heat-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
     patternTransform=\"rotate(45)\"><rect class=\"heat-hatch\" width=\"2\" height=\"6\"/></pattern>";

/// The row of dates.
pub(super) fn head(data: &Heat) -> String {
    let mut html =
        String::from("<g role=\"columnheader\" class=\"heat-corner\"><text x=\"0\" y=\"29\">Person</text></g>");
    for (index, column) in data.columns.iter().enumerate() {
        let x = NAMES + index * data.width + (data.width - GAP) / 2;
        let now = if column.now { " heat-now" } else { "" };
        let [above, below] = &column.lines;
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<g role=\"columnheader\" aria-label=\"{}\" class=\"heat-date{now}\"><text x=\"{x}\" y=\"14\">{above}</text>\
             <text x=\"{x}\" y=\"29\">{below}</text></g>",
            column.name
        );
    }
    html
}

/// A row as markup: hundreds of rows of dozens of cells are too many for components.
pub(super) fn line(person: &HeatRow, row: usize, width: usize) -> String {
    let mut html = String::new();
    let (wide, high) = (width - GAP, ROW - GAP);
    for (column, cell) in person.cells.iter().enumerate() {
        let x = NAMES + column * width;
        let tab = if (row, column) == (0, 0) { 0 } else { -1 };
        let _ = write!(
            html,
            "<g role=\"gridcell\" tabindex=\"{tab}\" data-heat=\"{row} {column}\" class=\"heat-cell {}\" aria-label=\"{}\" \
             transform=\"translate({x} 0)\"><rect width=\"{wide}\" height=\"{high}\" rx=\"4\"/>\
             <rect class=\"heat-mark\" width=\"{wide}\" height=\"{high}\" rx=\"4\" fill=\"url(#heat-hatch)\"/>\
             <text x=\"{}\" y=\"{}\">{}</text></g>",
            cell.level.class(),
            escaped(&cell.label),
            wide / 2,
            high / 2 + 4,
            cell.text,
        );
    }
    let (name, short) = (escaped(&person.name), escaped(&shortened(&person.name)));
    let _ = write!(
        html,
        "<g role=\"rowheader\" aria-label=\"{name}\" class=\"heat-name\"><title>{name}</title>\
         <rect width=\"{}\" height=\"{ROW}\" y=\"-1\"/><text x=\"0\" y=\"{}\">{short}</text></g>",
        NAMES - GAP,
        high / 2 + 4,
    );
    html
}

/// A name, shortened to the room.
fn shortened(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.to_owned();
    }
    let start = name.chars().take(LETTERS - 1).collect::<String>();
    format!("{}…", start.trim_end())
}

/// Text escaped for markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_and_shortened() {
        assert_eq!(shortened("Ada Lovelace"), "Ada Lovelace");
        assert_eq!(shortened("Wolfeschlegelsteinhausenbergerdorff"), "Wolfeschlegelsteinh…");
        assert_eq!(escaped("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;&gt;");
    }
}
