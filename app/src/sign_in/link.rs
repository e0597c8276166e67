//! The token in the link of an e-mail.

use leptos::prelude::*;

/// The token behind the `#` of this page's address, where no server and no log sees it. It is removed from the address,
/// so that it stays in no history.
pub(super) fn link_token() -> RwSignal<String> {
    let token = RwSignal::new(String::new());
    Effect::new(move || {
        let location = window().location();
        let hash = location.hash().unwrap_or_default();
        let found = hash.trim_start_matches('#');
        if found.is_empty() {
            return;
        }
        token.set(found.to_owned());
        let path = location.pathname().unwrap_or_default();
        // Fails only in a browser without a history.
        let replaced = window()
            .history()
            .and_then(|history| history.replace_state_with_url(&history.state().unwrap_or_default(), "", Some(&path)));
        let _ = replaced;
    });
    token
}
