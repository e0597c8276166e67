//! What a plot draws: stacked bands, bars, and dots with lines that a share of them lies below.

use std::fmt::Write as _;

use leptos::prelude::*;

use super::{
    plot::{AxisMark, HEIGHT, down, percent},
    scale::Scale,
};

/// The width and height that paths are drawn in; they are stretched over the plot.
const SIDE: f64 = 1_000.0;

/// One band.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AreaBand {
    /// Its colour, as CSS has it.
    pub(crate) color: String,
    /// One count per place.
    pub(crate) counts: Vec<u32>,
}

/// The scale that has room for the whole stack.
pub(crate) fn scale(bands: &[AreaBand]) -> Scale {
    let places = bands.first().map_or(0, |band| band.counts.len());
    let sum = |at: usize| bands.iter().map(|band| band.counts.get(at).copied().unwrap_or_default()).sum::<u32>();
    Scale::to(f64::from((0..places).map(sum).max().unwrap_or_default()), true)
}

/// The bands, the first at the bottom.
pub(crate) fn area(bands: &[AreaBand], scale: Scale) -> AnyView {
    let mut floor = vec![0; bands.first().map_or(0, |band| band.counts.len())];
    let mut paths = Vec::new();
    for band in bands {
        let top: Vec<u32> = floor.iter().zip(&band.counts).map(|(below, own)| below + own).collect();
        let (style, path) = (format!("fill:{}", band.color), outline(&floor, &top, scale));
        paths.push(view! { <path class="area-band" style=style d=path /> }.into_any());
        floor = top;
    }
    view! { <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">{paths}</svg> }
        .into_any()
}

/// Along the top, and back along the floor.
fn outline(floor: &[u32], top: &[u32], scale: Scale) -> String {
    let across = |at: usize| (at as f64 / (top.len() - 1) as f64 * SIDE).round() as i64;
    let up = |count: u32| ((1.0 - scale.at(f64::from(count))) * SIDE).round() as i64;
    if let ([top], [floor]) = (top, floor) {
        // A single day has no width.
        return format!("M0 {}H1000V{}H0Z", up(*top), up(*floor));
    }
    let mut path = String::new();
    let (there, back) = (top.iter().enumerate(), floor.iter().enumerate().rev());
    for (number, (at, count)) in there.chain(back).enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(path, "{}{} {}", if number == 0 { 'M' } else { 'L' }, across(at), up(*count));
    }
    path.push('Z');
    path
}

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

/// The least distance between the labels of two lines, in units of [`HEIGHT`].
const APART: f64 = 15.0;

/// The labels of the lines from low to high, for the side of the plot.
pub(crate) fn level_marks(levels: &[(f64, &str)], scale: Scale) -> Vec<AxisMark> {
    let heights = levels.iter().map(|(value, _)| (1.0 - scale.at(*value)) * HEIGHT).collect::<Vec<_>>();
    let marks = levels.iter().zip(apart(&heights));
    marks.map(|((_, text), at)| AxisMark { at: 1.0 - at / HEIGHT, text: (*text).to_owned() }).collect()
}

/// Dots at shares of the width and at values of the scale, and lines.
pub(crate) fn dots(points: &[(f64, f64)], levels: &[f64], scale: Scale) -> AnyView {
    let point = |(along, value): &(f64, f64)| {
        view! { <circle class="dot-point" cx=percent(*along) cy=down(scale.at(*value)) r="4" /> }.into_any()
    };
    let points = points.iter().map(point).collect_view();
    let line = |level: &f64| {
        let y = down(scale.at(*level));
        view! { <line class="dot-level" x1="0" x2="100%" y1=y.clone() y2=y /> }.into_any()
    };
    let lines = levels.iter().map(line);
    view! {
        {points}
        {lines.collect_view()}
    }
    .into_any()
}

/// The positions of labels for heights from low to high (measured from above): each clear of the one below it.
fn apart(heights: &[f64]) -> Vec<f64> {
    let mut free = HEIGHT;
    let place = |height: &f64| {
        let place = height.min(free).max(0.0);
        free = place - APART;
        place
    };
    heights.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_stacked() {
        let scale = Scale { step: 1.0, steps: 4 };
        assert_eq!(outline(&[0, 0], &[1, 2], scale), "M0 750L1000 500L1000 1000L0 1000Z");
        assert_eq!(outline(&[1], &[3], scale), "M0 250H1000V750H0Z");
    }

    #[test]
    fn the_scale_has_room_for_all_bands() {
        let band = |counts: &[u32]| AreaBand { color: String::new(), counts: counts.to_vec() };
        assert_eq!(scale(&[band(&[1, 5]), band(&[2, 2])]).top(), 8.0);
        assert_eq!(scale(&[]).top(), 1.0);
    }

    #[test]
    fn labels_do_not_overlap() {
        assert_eq!(apart(&[200.0, 100.0, 50.0]), [200.0, 100.0, 50.0]);
        assert_eq!(apart(&[200.0, 198.0, 190.0]), [200.0, 185.0, 170.0]);
    }
}
