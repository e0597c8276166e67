//! The frame of a chart: axes, a cursor that follows the pointer and the arrow keys, and a description of its place.

use std::sync::Arc;

use leptos::{prelude::*, svg};
use web_sys::{KeyboardEvent, PointerEvent};

/// The height of the plot, in sixteenths of a rem, as in `chart.css`.
pub(crate) const HEIGHT: f64 = 240.0;

/// A mark on an axis.
pub(crate) struct AxisMark {
    /// The position along the axis: 0 to 1, from the left or from below.
    pub(crate) at: f64,
    /// The label.
    pub(crate) text: String,
}

/// The parts of a chart.
pub(crate) struct Plot {
    /// The accessible name.
    pub(crate) label: &'static str,
    /// The marks of the vertical axis, from below.
    pub(crate) up: Vec<AxisMark>,
    /// The marks of the horizontal axis, from the left.
    pub(crate) along: Vec<AxisMark>,
    /// The marks on the other side, from below: beside the plot, where they cover nothing.
    pub(crate) end: Vec<AxisMark>,
    /// The drawing.
    pub(crate) content: AnyView,
    /// The positions of the places along the axis, 0 to 1, from left to right.
    pub(crate) places: Vec<f64>,
    /// Describes a place.
    pub(crate) describe: Arc<dyn Fn(usize) -> String + Send + Sync>,
    /// Handles Enter and a click on a place.
    pub(crate) open: Option<Callback<usize>>,
    /// The text while no place is chosen.
    pub(crate) hint: &'static str,
}

/// A share in percent of the whole.
pub(crate) fn percent(share: f64) -> String {
    // Hundredths of a percent, as integers: formatting a float would be downloaded for this alone.
    let parts = (share * 10_000.0).round() as i64;
    format!("{}.{:02}%", parts / 100, parts % 100)
}

/// The distance from the top, in percent, of what is `share` of the way up.
pub(crate) fn down(share: f64) -> String {
    percent(1.0 - share)
}

/// The chart. One place at a time is chosen, by the pointer or by keys, as on a slider along the axis.
pub(crate) fn plot(plot: Plot) -> AnyView {
    let Plot { label, up, along, end, content, places, describe, open, hint } = plot;
    let chosen = RwSignal::new(None::<usize>);
    let node = NodeRef::<svg::Svg>::new();
    let count = places.len();
    let places = StoredValue::new(places);
    let line = |mark: &AxisMark| {
        view! { <line class="plot-line" x1="0" x2="100%" y1=down(mark.at) y2=down(mark.at) /> }.into_any()
    };
    let lines = up.iter().map(line).collect_view();
    let up = up.into_iter().map(|mark| {
        view! { <text x="100%" dx="-0.7em" y=down(mark.at) dy="0.36em" text-anchor="end">{mark.text}</text> }.into_any()
    });
    let along = along
        .into_iter()
        .map(|mark| view! { <text x=percent(mark.at) y="1.45em" text-anchor="middle">{mark.text}</text> }.into_any());
    let end = (!end.is_empty()).then(|| {
        let text =
            |mark: AxisMark| view! { <text x="0" dx="0.5em" y=down(mark.at) dy="0.36em">{mark.text}</text> }.into_any();
        view! { <svg class="plot-end" aria-hidden="true">{end.into_iter().map(text).collect_view()}</svg> }.into_any()
    });
    let follow = move |event: PointerEvent| {
        let Some(area) = node.get_untracked() else { return };
        let frame = area.get_bounding_client_rect();
        let at = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        chosen.set(places.with_value(|places| nearest(places, at)));
    };
    let keys = move |event: KeyboardEvent| {
        if count == 0 {
            return;
        }
        let (at, last) = (chosen.get_untracked(), count - 1);
        let next = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => at.map_or(last, |at| (at + 1).min(last)),
            "ArrowLeft" | "ArrowDown" => at.map_or(last, |at| at.saturating_sub(1)),
            "PageUp" => at.map_or(last, |at| (at + 7).min(last)),
            "PageDown" => at.map_or(last, |at| at.saturating_sub(7)),
            "Home" => 0,
            "End" => last,
            "Enter" => {
                if let (Some(open), Some(at)) = (open, at) {
                    open.run(at);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        chosen.set(Some(next));
    };
    let spoken = describe.clone();
    // The hint is for readers with a pointer or keys.
    let description = move || match chosen.get() {
        Some(at) => describe(at).into_any(),
        None => view! { <span class="plot-hint">{hint}</span> }.into_any(),
    };
    let cursor = move || {
        let x = percent(chosen.get().and_then(|at| places.with_value(|places| places.get(at).copied()))?);
        Some(view! { <line class="plot-cursor" x1=x.clone() x2=x y1="0" y2="100%" /> }.into_any())
    };
    view! {
        <div class="plot">
            <svg class="plot-up" aria-hidden="true">{up.collect_view()}</svg>
            <svg
                class="plot-area"
                class:plot-opens=open.is_some()
                node_ref=node
                tabindex="0"
                role="slider"
                aria-label=label
                aria-valuemin="1"
                aria-valuemax=count.max(1).to_string()
                aria-valuenow=move || chosen.get().map_or(count.max(1), |at| at + 1).to_string()
                aria-valuetext=move || chosen.get().map_or_else(|| hint.to_owned(), |at| spoken(at))
                on:pointermove=follow
                on:pointerleave=move |_| chosen.set(None)
                on:blur=move |_| chosen.set(None)
                on:keydown=keys
                on:click=move |_| {
                    if let (Some(open), Some(at)) = (open, chosen.get_untracked()) {
                        open.run(at);
                    }
                }
            >
                {lines}
                {content}
                {cursor}
            </svg>
            {end}
            <svg class="plot-along" aria-hidden="true">{along.collect_view()}</svg>
        </div>
        // The slider announces it already.
        <p class="plot-said" aria-hidden="true">{description}</p>
    }
    .into_any()
}

/// The place nearest to `at`.
fn nearest(places: &[f64], at: f64) -> Option<usize> {
    let far = |index: &usize| (places[*index] - at).abs();
    (0..places.len()).min_by(|one, other| far(one).total_cmp(&far(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_chooses_the_nearest_place() {
        assert_eq!(nearest(&[0.0, 0.5, 1.0], 0.3), Some(1));
        assert_eq!(nearest(&[0.0, 0.5, 1.0], -2.0), Some(0));
        assert_eq!(nearest(&[], 0.3), None);
    }

    #[test]
    fn shares_are_written_in_hundredths() {
        assert_eq!(percent(0.5), "50.00%");
        assert_eq!(percent(1.0 / 3.0), "33.33%");
        assert_eq!(percent(0.000_5), "0.05%");
        assert_eq!(down(0.25), "75.00%");
    }
}
