//! How many are unread, where a tab shows it that nobody looks at: in its title and its icon.

use leptos::prelude::*;

use super::BellState;

/// The icon, and the same with a dot.
const ICONS: [&str; 2] = ["/favicon.svg", "/favicon-unread.svg"];

/// The window's title around a page's own.
pub(crate) fn window_title(title: &str, unread: u64) -> String {
    let whole = if title.is_empty() { "Lockstep".to_owned() } else { format!("{title} · Lockstep") };
    match unread {
        0 => whole,
        1..=99 => format!("({unread}) {whole}"),
        _ => format!("(99+) {whole}"),
    }
}

/// Keeps the icon of the tab true.
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
