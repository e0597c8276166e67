//! Dots, one per task, and lines that a share of them lies below.

use leptos::prelude::*;

use super::{
    plot::{AxisMark, HEIGHT, down, percent},
    scale::Scale,
};

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
    fn texts_do_not_cover_each_other() {
        assert_eq!(apart(&[200.0, 100.0, 50.0]), [200.0, 100.0, 50.0]);
        assert_eq!(apart(&[200.0, 198.0, 190.0]), [200.0, 185.0, 170.0]);
    }
}
