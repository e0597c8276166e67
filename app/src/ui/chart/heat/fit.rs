//! The size of a heatmap: as wide as its panel, and larger with a larger font size.

use leptos::{html, prelude::*};

use super::markup::NAMES;

/// The width of a column, at least `least`, so that the columns fill the room.
pub(super) fn fitting(room: usize, columns: usize, least: usize) -> usize {
    room.saturating_sub(NAMES).checked_div(columns).unwrap_or(least).max(least)
}

/// A length in units of the drawing as CSS: it grows with the reader's font size.
pub(super) fn rem(units: usize) -> String {
    // Integers: formatting a float would be downloaded for this alone.
    format!("{}.{:04}rem", units / 16, units % 16 * 625)
}

/// CSS pixels per unit of the drawing.
pub(super) fn unit() -> f64 {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    let size = size.and_then(|size| size.strip_suffix("px")?.parse::<f64>().ok());
    size.filter(|size| *size > 0.0).unwrap_or(16.0) / 16.0
}

/// Keeps `room` at the width of the scroller, in units of the drawing.
pub(super) fn measure(scroller: NodeRef<html::Div>, room: RwSignal<usize>) {
    let look = move || {
        if let Some(scroller) = scroller.get_untracked() {
            room.maybe_update(|room| {
                let before = std::mem::replace(room, (f64::from(scroller.client_width()) / unit()) as usize);
                before != *room
            });
        }
    };
    Effect::new(move |_| {
        if scroller.get().is_none() {
            return;
        }
        look();
        let handle = window_event_listener(leptos::ev::resize, move |_| look());
        on_cleanup(move || handle.remove());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_the_available_width() {
        assert_eq!(fitting(1_148, 10, 34), 100);
        assert_eq!(fitting(400, 28, 34), 34);
        assert_eq!((fitting(0, 28, 34), fitting(900, 0, 34)), (34, 34));
        assert_eq!((rem(24), rem(33)), ("1.5000rem".to_owned(), "2.0625rem".to_owned()));
    }
}
