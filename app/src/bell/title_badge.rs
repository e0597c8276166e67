//! The unread count in the window's title, and a dot in its icon.

use leptos::prelude::*;

use super::BellState;

/// The icon without and with a dot.
const ICONS: [&str; 2] = ["/favicon.svg", "/favicon-unread.svg"];

/// The window's title: the page's own, with the app's name and the unread count.
pub(crate) fn window_title(title: &str, unread: u64) -> String {
    let whole = if title.is_empty() { "Lockstep".to_owned() } else { format!("{title} · Lockstep") };
    match unread {
        0 => whole,
        1..=99 => format!("({unread}) {whole}"),
        _ => format!("(99+) {whole}"),
    }
}

/// Updates the window's icon with the unread count.
pub(crate) fn mark_icon(state: BellState) {
    let any = Memo::new(move |_| state.unread() > 0);
    Effect::new(move |_| {
        let icon = ICONS[usize::from(any.get())];
        if let Ok(Some(link)) = document().query_selector("link[rel=icon]") {
            // Cannot fail: the name is valid.
            let _ = link.set_attribute("href", icon);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::window_title;

    #[test]
    fn the_title_begins_with_the_count() {
        assert_eq!(window_title("", 0), "Lockstep");
        assert_eq!(window_title("Board", 3), "(3) Board · Lockstep");
        assert_eq!(window_title("Board", 100), "(99+) Board · Lockstep");
    }
}
