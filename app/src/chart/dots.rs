//! One point a task, and lines that so many of them lie below.

use leptos::prelude::*;

use super::{
    plot::{HEIGHT, down, percent},
    scale::Scale,
};

/// The least distance between the texts of two lines, in pixels.
const APART: f64 = 15.0;

/// A line across.
pub(crate) struct Level {
    /// How high.
    pub(crate) value: f64,
    /// What stands at its end.
    pub(crate) text: String,
}

/// Points at shares of the width and at values of the scale, and levels from low to high.
pub(crate) fn dots(points: &[(f64, f64)], levels: Vec<Level>, scale: Scale) -> AnyView {
    let point = |(along, value): &(f64, f64)| {
        view! { <circle class="dot-point" cx=percent(*along) cy=down(scale.at(*value)) r="4" /> }.into_any()
    };
    let points = points.iter().map(point).collect_view();
    let heights = levels.iter().map(|level| (1.0 - scale.at(level.value)) * HEIGHT).collect::<Vec<_>>();
    let lines = levels.into_iter().zip(apart(&heights)).map(|(level, text_at)| {
        let y = down(scale.at(level.value));
        let text_at = (text_at.round() as i64).to_string();
        view! {
            <line class="dot-level" x1="0" x2="100%" y1=y.clone() y2=y />
            <text class="dot-text" x="100%" dx="-6" y=text_at dy="-4" text-anchor="end">{level.text}</text>
        }
        .into_any()
    });
    view! {
        {points}
        {lines.collect_view()}
    }
    .into_any()
}

/// Where texts stand that belong to heights from low to high (in pixels from above): each clear of the one below it.
fn apart(heights: &[f64]) -> Vec<f64> {
    let mut free = HEIGHT;
    let place = |height: &f64| {
        let place = height.min(free).max(APART);
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
