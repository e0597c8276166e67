//! Bars, one per place.

use leptos::prelude::*;

use super::{
    plot::{down, percent},
    scale::Scale,
};

/// The share of its room that a bar fills.
const FILL: f64 = 0.64;

/// The middle of each of `count` bars.
pub(crate) fn middles(count: usize) -> Vec<f64> {
    (0..count).map(|at| (at as f64 + 0.5) / count as f64).collect()
}

/// Bars with their numbers on top.
pub(crate) fn bars(values: &[u32], scale: Scale) -> AnyView {
    let width = FILL / values.len().max(1) as f64;
    let bar = |(value, middle): (&u32, f64)| {
        let top = scale.at(f64::from(*value));
        view! {
            <rect class="bar" x=percent(middle - width / 2.0) width=percent(width) y=down(top) height=percent(top) rx="3" />
            <text class="bar-value" x=percent(middle) y=down(top) dy="-0.5em" text-anchor="middle">{*value}</text>
        }
        .into_any()
    };
    values.iter().zip(middles(values.len())).map(bar).collect_view().into_any()
}
