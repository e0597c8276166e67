//! Whether the page reacts yet.

use leptos::prelude::*;

/// Whether events are handled yet. Until then a button would be dead, so it says that it is not ready.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hydrated(ReadSignal<bool>);

impl Hydrated {
    /// Puts it into the context, and gives what says so once events are handled.
    pub(crate) fn provide() -> WriteSignal<bool> {
        let (hydrated, set_hydrated) = signal(false);
        provide_context(Self(hydrated));
        set_hydrated
    }

    /// Tracks whether events are handled.
    pub(crate) fn get(self) -> bool {
        self.0.get()
    }
}
