//! Stacked bands: the count of each kind, by day.

use std::fmt::Write as _;

use leptos::prelude::*;

use super::scale::Scale;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_stands_on_the_one_below() {
        let scale = Scale { step: 1.0, steps: 4 };
        assert_eq!(outline(&[0, 0], &[1, 2], scale), "M0 750L1000 500L1000 1000L0 1000Z");
        assert_eq!(outline(&[1], &[3], scale), "M0 250H1000V750H0Z");
    }

    #[test]
    fn all_bands_have_room() {
        let band = |counts: &[u32]| AreaBand { color: String::new(), counts: counts.to_vec() };
        assert_eq!(scale(&[band(&[1, 5]), band(&[2, 2])]).top(), 8.0);
        assert_eq!(scale(&[]).top(), 1.0);
    }
}
