//! Whether the page handles events yet.

use leptos::prelude::*;

/// Whether events are handled yet. Until then controls are disabled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hydrated(ReadSignal<bool>);

impl Hydrated {
    /// Provides it in the context, and returns the signal to set once events are handled.
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
