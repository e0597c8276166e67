//! Short messages at the foot of the page, each with at most one action.

pub mod stack;
mod undo;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use leptos::prelude::*;

pub use stack::ToastStack;

static NEXT: AtomicU64 = AtomicU64::new(0);
/// The most toasts at once. Beyond that the oldest goes.
const MOST: usize = 3;
/// How long a toast lasts at least and at most, and one with an action.
const LASTS: [Duration; 3] = [Duration::from_secs(6), Duration::from_secs(20), Duration::from_secs(20)];
/// The time a slow reader takes per character. A letter of Chinese, Japanese or Korean counts as three.
const READING: Duration = Duration::from_millis(70);

/// The tone of a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Done,
    /// Something was refused or failed.
    Problem,
}

/// The action of a toast's button.
#[derive(Clone)]
pub struct ToastAction {
    /// The label of the button: `Undo`, `Retry`.
    pub label: &'static str,
    run: Arc<dyn Fn() + Send + Sync>,
}

/// One line, and at most one action.
#[derive(Clone)]
pub struct Toast {
    id: u64,
    tone: Tone,
    text: String,
    action: Option<ToastAction>,
    /// Whether the action undoes a change: see [`undo`].
    undo: bool,
}

impl Toast {
    /// A toast about something that was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self::new(Tone::Done, text.into())
    }

    /// A toast about something that was refused or failed, and why.
    pub fn problem(text: impl Into<String>) -> Self {
        Self::new(Tone::Problem, text.into())
    }

    /// Adds a button, which also closes the toast.
    #[must_use]
    pub fn with(mut self, label: &'static str, run: impl Fn() + Send + Sync + 'static) -> Self {
        self.action = Some(ToastAction { label, run: Arc::new(run) });
        self
    }

    /// How long it stays: long enough to read it and to decide.
    fn duration(&self) -> Duration {
        let [least, most, action] = LASTS;
        let letters: u32 = self.text.chars().map(|letter| if letter >= '\u{2e80}' { 3 } else { 1 }).sum();
        let reading = (Duration::from_secs(3) + READING * letters).clamp(least, most);
        if self.action.is_some() { reading.max(action) } else { reading }
    }

    /// Adds an Undo button, which Ctrl+Z and one press of Tab reach, too.
    #[must_use]
    pub fn undo(self, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { undo: true, ..self.with("Undo", run) }
    }

    /// The id for [`Toasts::close`].
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    fn new(tone: Tone, text: String) -> Self {
        // The id is in no HTML, so it need not be the same on the server and in the browser.
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), tone, text, action: None, undo: false }
    }
}

/// The toasts of the page. Provided in the context by [`provide_toasts`].
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<Toast>>);

impl Toasts {
    /// Shows a toast.
    pub fn show(&self, toast: Toast) {
        self.0.try_update(|all| {
            // Ten refusals with the same text are one toast.
            all.retain(|old| old.text != toast.text || old.action.is_some());
            if all.len() >= MOST {
                // Toasts without an action go first, those with an undo last.
                let first = all.iter().enumerate().min_by_key(|(_, old)| (old.undo, old.action.is_some()));
                let goes = first.map(|(at, _)| at).unwrap_or_default();
                all.remove(goes);
            }
            all.push(toast);
        });
    }

    /// Ends a toast's time. On a hidden page it waits.
    fn expire(&self, id: u64) {
        if document().hidden() {
            let toasts = *self;
            set_timeout(move || toasts.expire(id), LASTS[0]);
        } else {
            self.close(id);
        }
    }

    /// Removes a toast, if it is still there.
    pub(crate) fn close(&self, id: u64) {
        self.0.try_update(|all| all.retain(|toast| toast.id != id));
    }
}

/// Provides the page's toasts in the context, once, at the root. [`ToastStack`] shows them.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts(RwSignal::new(Vec::new()));
    provide_context(toasts);
    toasts
}

/// The page's toasts.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toast_lasts_long_enough_to_be_read() {
        assert_eq!(Toast::done("Copied").duration(), Duration::from_secs(6));
        let reason = "a".repeat(100);
        assert_eq!(Toast::problem(reason.clone()).duration(), Duration::from_secs(10));
        assert_eq!(Toast::problem("字".repeat(100)).duration(), Duration::from_secs(20));
        assert_eq!(Toast::problem(reason.repeat(9)).duration(), Duration::from_secs(20));
        assert_eq!(Toast::done("Deleted").with("Undo", || ()).duration(), Duration::from_secs(20));
    }
}
