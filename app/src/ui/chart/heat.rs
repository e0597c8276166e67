//! A heatmap, people × time: one hue, darker for more. Too much is hatched and marked as well, so that it is visible
//! without colours. The arrow keys move between cells, one of which is in the tab order.

mod fit;
mod markup;

use std::sync::Arc;

use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

use crate::ui::{
    dom::{closest, find, focus},
    rows::{KeyedRow, rows},
};
use fit::{fitting, measure, rem, unit};
use markup::{HATCH, HEAD, NAMES, ROW, head, line};

/// A heatmap.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heat {
    /// The accessible name.
    pub(crate) label: String,
    /// The least width of a column, in sixteenths of a rem. Columns grow where there is room.
    pub(crate) width: usize,
    /// The columns of dates.
    pub(crate) columns: Vec<HeatColumn>,
    /// The rows of people.
    pub(crate) people: Vec<HeatRow>,
}

/// A day or a week.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeatColumn {
    /// Two short lines.
    pub(crate) lines: [String; 2],
    /// The accessible name.
    pub(crate) name: String,
    /// Whether it is the current one.
    pub(crate) now: bool,
}

/// One person's row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeatRow {
    /// The id.
    pub(crate) key: String,
    /// Their name.
    pub(crate) name: String,
    /// One per column.
    pub(crate) cells: Vec<HeatCell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeatCell {
    /// The colour.
    pub(crate) level: Level,
    /// The text in it.
    pub(crate) text: String,
    /// The accessible name, a sentence.
    pub(crate) label: String,
    /// The details.
    pub(crate) more: String,
}

/// How full a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// No work and no capacity.
    Off,
    /// Past, with no work left.
    Past,
    /// Quarters of the capacity, rounded up: 0 to 4.
    Quarters(u8),
    /// More than the capacity.
    Over,
}

impl Level {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Off => "heat-off",
            Self::Past => "heat-past",
            Self::Quarters(0) => "heat-0",
            Self::Quarters(1) => "heat-1",
            Self::Quarters(2) => "heat-2",
            Self::Quarters(3) => "heat-3",
            Self::Quarters(_) => "heat-4",
            Self::Over => "heat-over",
        }
    }
}

/// The heatmap, and below it the details of the cell under the pointer or the focus.
pub(crate) fn heat(data: Memo<Arc<Heat>>, hint: &'static str) -> AnyView {
    // The cell in the tab order.
    let at = RwSignal::new((0_usize, 0_usize));
    // The cell whose details are shown.
    let chosen = RwSignal::new(None::<(usize, usize)>);
    let scroller = NodeRef::<html::Div>::new();
    let room = RwSignal::new(0);
    measure(scroller, room);
    let data = Memo::new(move |_| {
        let (heat, room) = (data.get(), room.get());
        let width = fitting(room, heat.columns.len(), heat.width);
        if width == heat.width { heat } else { Arc::new(Heat { width, ..(*heat).clone() }) }
    });
    Effect::new(move |before: Option<Arc<Heat>>| {
        let now = data.get();
        // New rows are rendered; the others are patched in place, and keep the focus.
        if let Some(before) = before.filter(|before| same_shape(before, &now)) {
            patch(&before, &now);
        }
        now
    });
    Effect::new(move |before: Option<(usize, usize)>| {
        data.track();
        let now = at.get();
        request_animation_frame(move || {
            if let Some(old) = before.filter(|before| *before != now).and_then(element) {
                let _ = old.set_attribute("tabindex", "-1");
            }
            if let Some(new) = element(now) {
                let _ = new.set_attribute("tabindex", "0");
            }
        });
        now
    });
    let choose = move |event: &Event| {
        let cell = closest(event.target(), "[data-heat]").and_then(|cell| place(&cell));
        if chosen.get_untracked() != cell {
            chosen.set(cell);
        }
        cell
    };
    let keys = move |event: KeyboardEvent| {
        let (row, column) = at.get_untracked();
        let (rows, columns) = data.with_untracked(|data| (data.people.len(), data.columns.len()));
        let to = match event.key().as_str() {
            "ArrowRight" => (row, (column + 1).min(columns.saturating_sub(1))),
            "ArrowLeft" => (row, column.saturating_sub(1)),
            "ArrowDown" => ((row + 1).min(rows.saturating_sub(1)), column),
            "ArrowUp" => (row.saturating_sub(1), column),
            "Home" => (row, 0),
            "End" => (row, columns.saturating_sub(1)),
            _ => return,
        };
        event.prevent_default();
        at.set(to);
        if let Some(cell) = element(to) {
            focus(&cell);
            reveal(scroller, &cell);
        }
    };
    // The names stay in place while the rest scrolls below them.
    let scrolled = move |_: Event| {
        if let Some(scroller) = scroller.get_untracked() {
            let style = AsRef::<web_sys::HtmlElement>::as_ref(&scroller).style();
            let scrolled = (f64::from(scroller.scroll_left()) / unit()).round() as i32;
            let _ = style.set_property("--scrolled", &format!("{scrolled}px"));
        }
    };
    let size = move || data.with(|data| (NAMES + data.columns.len() * data.width, HEAD + data.people.len() * ROW));
    let head = move || data.with(|data| head(data));
    let people = move || {
        data.with(|data| {
            let shape = format!("{} {}", data.width, data.columns.first().map_or("", |column| column.name.as_str()));
            let row = |(index, person): (usize, &HeatRow)| {
                let key = format!("{index} {} {shape} {} {}", person.key, data.columns.len(), person.name);
                let (html, y) = (line(person, index, data.width), HEAD + index * ROW);
                KeyedRow::new(key, move || {
                    view! { <g role="row" transform=format!("translate(0 {y})") inner_html=html></g> }.into_any()
                })
            };
            data.people.iter().enumerate().map(row).collect()
        })
    };
    let label = move || {
        let (row, column) = chosen.get()?;
        data.with(|data| {
            let cell = data.people.get(row)?.cells.get(column)?;
            Some((cell.label.clone(), cell.more.clone()))
        })
    };
    view! {
        <div class="heat-scroll" node_ref=scroller on:scroll=scrolled>
            <svg
                class="heat"
                role="grid"
                aria-label=move || data.with(|data| data.label.clone())
                width=move || rem(size().0)
                height=move || rem(size().1)
                viewBox=move || format!("0 0 {} {}", size().0, size().1)
                data-testid="heatmap"
                on:pointerover=move |event| { choose(&event); }
                on:pointerleave=move |_| chosen.set(None)
                on:focusin=move |event| {
                    if let Some(cell) = choose(&event) {
                        at.set(cell);
                    }
                }
                on:focusout=move |_| chosen.set(None)
                on:keydown=keys
            >
                <defs inner_html=HATCH></defs>
                <g role="row" inner_html=head></g>
                {rows(people)}
            </svg>
        </div>
        <p class="heat-said" role="status" data-testid="heat-said">
            {move || match label() {
                Some((label, more)) => view! { <b>{label}</b> <span>{more}</span> }.into_any(),
                None => view! { <span class="plot-hint">{hint}</span> }.into_any(),
            }}
        </p>
    }
    .into_any()
}

/// Whether two heatmaps have the same rows and columns.
fn same_shape(before: &Heat, now: &Heat) -> bool {
    let keys =
        |heat: &Heat| heat.people.iter().map(|person| (person.key.clone(), person.name.clone())).collect::<Vec<_>>();
    before.columns.first().map(|column| &column.name) == now.columns.first().map(|column| &column.name)
        && before.columns.len() == now.columns.len()
        && before.width == now.width
        && keys(before) == keys(now)
}

/// Updates the cells that have changed.
fn patch(before: &Heat, now: &Heat) {
    for (row, (old, new)) in before.people.iter().zip(&now.people).enumerate() {
        for (column, (old, new)) in old.cells.iter().zip(&new.cells).enumerate() {
            let Some(cell) = (old != new).then(|| element((row, column))).flatten() else { continue };
            let _ = cell.set_attribute("class", &format!("heat-cell {}", new.level.class()));
            let _ = cell.set_attribute("aria-label", &new.label);
            if let Ok(Some(text)) = cell.query_selector("text") {
                text.set_text_content(Some(&new.text));
            }
        }
    }
}

fn element((row, column): (usize, usize)) -> Option<Element> {
    document().query_selector(&format!("[data-heat=\"{row} {column}\"]")).ok()?
}

fn place(cell: &Element) -> Option<(usize, usize)> {
    let place = cell.get_attribute("data-heat")?;
    let (row, column) = place.split_once(' ')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

/// Scrolls a cell out from under the names.
fn reveal(scroller: NodeRef<html::Div>, cell: &Element) {
    let Some(scroller) = scroller.get_untracked() else { return };
    let (frame, cell) = (scroller.get_bounding_client_rect(), cell.get_bounding_client_rect());
    let start = frame.left() + NAMES as f64 * unit();
    let by = if cell.left() < start {
        cell.left() - start
    } else if cell.right() > frame.right() {
        cell.right() - frame.right()
    } else {
        return;
    };
    scroller.set_scroll_left(scroller.scroll_left() + by.round() as i32);
}

/// The SVG element in the document, for saving it as a picture.
pub(crate) fn picture() -> Option<Element> {
    find(".heat-scroll")?.query_selector("svg").ok()??.dyn_into().ok()
}
