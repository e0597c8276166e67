//! How fast a view scrolls while something is dragged near its edge. Pure.

/// Distance from an edge within which the view scrolls, in CSS pixels.
const EDGE: f64 = 56.0;
/// Speed at the edge itself, in pixels a second.
const FASTEST: f64 = 1_100.0;

/// How fast a view that spans `start` to `end` scrolls for a pointer at `at`, in pixels a second:
/// negative towards its start, faster near the edge and beyond it, not at all in the middle.
pub(crate) fn edge_speed(at: f64, start: f64, end: f64) -> f64 {
    // A view too small for two edges has half of it each.
    let edge = EDGE.min((end - start) / 3.0);
    if edge <= 0.0 {
        return 0.0;
    }
    let depth = |inside: f64| ((edge - inside) / edge).clamp(0.0, 1.0);
    let (towards_start, towards_end) = (depth(at - start), depth(end - at));
    let strength = if towards_start > towards_end { -towards_start } else { towards_end };
    // Squared: slow to begin with, so that a card can be put near an edge in peace.
    FASTEST * strength * strength.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_scroll_towards_the_edge_that_is_near() {
        assert_eq!(edge_speed(400.0, 0.0, 800.0), 0.0);
        assert_eq!(edge_speed(-30.0, 0.0, 800.0), -FASTEST);
        assert_eq!(edge_speed(900.0, 0.0, 800.0), FASTEST);
        assert!(edge_speed(20.0, 0.0, 800.0) < edge_speed(40.0, 0.0, 800.0));
        assert!(edge_speed(790.0, 0.0, 800.0) > edge_speed(760.0, 0.0, 800.0));
        assert_eq!(edge_speed(5.0, 5.0, 5.0), 0.0);
    }
}
