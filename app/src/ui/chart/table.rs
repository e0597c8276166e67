//! The figures of a chart as a table of text.

use leptos::prelude::*;

/// The content of a cell.
pub(crate) enum TableCell {
    /// A text or a number.
    Text(String),
    /// A link.
    Link(String, String),
}

/// Builds the rows of a table.
pub(crate) type Rows = Box<dyn Fn() -> Vec<Vec<TableCell>> + Send + Sync>;

/// A table that can be opened below a chart. Rendered when it is opened.
pub(crate) fn table(caption: &'static str, heads: Vec<String>, rows: Rows) -> AnyView {
    let open = RwSignal::new(false);
    let (heads, rows) = (StoredValue::new(heads), StoredValue::new(rows));
    let opened =
        move || open.get().then(|| heads.with_value(|heads| rows.with_value(|rows| figures(caption, heads, rows()))));
    view! {
        <div class="as-table">
            <button
                class="button small"
                type="button"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {move || if open.get() { "Hide the table" } else { "Show as a table" }}
            </button>
            {opened}
        </div>
    }
    .into_any()
}

/// A table that scrolls within itself; its first column stays in place.
pub(crate) fn figures(caption: &'static str, heads: &[String], rows: Vec<Vec<TableCell>>) -> AnyView {
    let cell = |cell: TableCell| match cell {
        TableCell::Text(text) => text.into_any(),
        TableCell::Link(text, href) => view! { <a class="link" href=href>{text}</a> }.into_any(),
    };
    let row = |row: Vec<TableCell>| {
        let cells = row.into_iter().enumerate().map(|(at, own)| match at {
            0 => view! { <th scope="row">{cell(own)}</th> }.into_any(),
            _ => view! { <td>{cell(own)}</td> }.into_any(),
        });
        view! { <tr>{cells.collect_view()}</tr> }.into_any()
    };
    let heads = heads.iter().map(|head| view! { <th scope="col">{head.clone()}</th> }.into_any());
    view! {
        <div class="figures-scroll" tabindex="0" role="region" aria-label=format!("{caption}, as a table")>
            <table class="figures">
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
