//! Announces other users' changes on a board to screen readers. A choice of this browser, off by default: a busy board
//! would never be silent.

use leptos::prelude::*;

use crate::ui::{field::switch, hydrated::Hydrated};

const KEY: &str = "announce-others";

/// Whether the announcements are on. In the browser only.
pub(crate) fn is_on() -> bool {
    storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).is_some()
}

/// The switch for the announcements, a section of the account page.
#[component]
pub fn AnnounceOthers() -> impl IntoView {
    let ready: Hydrated = expect_context();
    let on = RwSignal::new(false);
    // The server cannot know the choice.
    Effect::new(move || on.set(is_on()));
    let toggle = Callback::new(move |()| {
        let wanted = !on.get_untracked();
        if let Some(storage) = storage() {
            // Where storage is disabled the choice stays as it is, and the switch shows that.
            let _ = if wanted { storage.set_item(KEY, "on") } else { storage.remove_item(KEY) };
        }
        on.set(is_on());
        on.notify();
    });
    view! {
        <section class="panel account-part" aria-labelledby="announce-title">
            <h2 id="announce-title">"Screen reader"</h2>
            <label class="preferences-line">
                <span>
                    <span class="kind-name">"Announce other people's changes"</span>
                    <span class="kind-when">"Reads out who adds, moves or deletes cards on the open board. Only in this browser."</span>
                </span>
                {switch(on.into(), Signal::derive(move || !ready.get()), toggle)}
            </label>
        </section>
    }
    .into_any()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
