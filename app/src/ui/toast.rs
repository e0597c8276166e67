//! Short messages at the foot of the page, each with at most one thing to do about it.

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
/// More than this many at once are a wall: the oldest goes.
const MOST: usize = 3;
/// How long a toast lasts at least and at most, and one with an action.
const LASTS: [Duration; 3] = [Duration::from_secs(6), Duration::from_secs(20), Duration::from_secs(20)];
/// How long a slow reader takes for a character. A letter of Chinese, Japanese or Korean counts as three.
const READING: Duration = Duration::from_millis(70);

/// How loud a toast is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something was done.
    Done,
    /// Something was refused or failed.
    Problem,
}

/// What a toast's button does.
#[derive(Clone)]
pub struct ToastAction {
    /// The word on the button: `Undo`, `Retry`.
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
    /// Whether the action takes an act back: see [`undo`].
    undo: bool,
}

impl Toast {
    /// Says that something was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self::new(Tone::Done, text.into())
    }

    /// Says that something was refused or failed, and why.
    pub fn problem(text: impl Into<String>) -> Self {
        Self::new(Tone::Problem, text.into())
    }

    /// The same toast with a button, which also closes it.
    #[must_use]
    pub fn with(mut self, label: &'static str, run: impl Fn() + Send + Sync + 'static) -> Self {
        self.action = Some(ToastAction { label, run: Arc::new(run) });
        self
    }

    /// How long it stays: as long as it takes to read, and to decide.
    fn lasts(&self) -> Duration {
        let [least, most, action] = LASTS;
        let letters: u32 = self.text.chars().map(|letter| if letter >= '\u{2e80}' { 3 } else { 1 }).sum();
        let reading = (Duration::from_secs(3) + READING * letters).clamp(least, most);
        if self.action.is_some() { reading.max(action) } else { reading }
    }

    /// The same toast with an Undo: it answers to Ctrl+Z and to one press of Tab, too.
    #[must_use]
    pub fn undo(self, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { undo: true, ..self.with("Undo", run) }
    }

    /// By which [`Toasts::close`] knows it.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    fn new(tone: Tone, text: String) -> Self {
        // The id is no part of any HTML, so that it need not be the same on server and browser.
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), tone, text, action: None, undo: false }
    }
}

/// The toasts of the page. A context: see [`provide_toasts`].
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<Toast>>);

impl Toasts {
    /// Shows a toast.
    pub fn show(&self, toast: Toast) {
        self.0.try_update(|all| {
            // The same refusal ten times over is one message.
            all.retain(|old| old.text != toast.text || old.action.is_some());
            if all.len() >= MOST {
                // What only tells goes before what offers something, and the way back from an act last.
                let first = all.iter().enumerate().min_by_key(|(_, old)| (old.undo, old.action.is_some()));
                let goes = first.map(|(at, _)| at).unwrap_or_default();
                all.remove(goes);
            }
            all.push(toast);
        });
    }

    /// Its time is over. On a page that nobody sees it waits.
    fn expire(&self, id: u64) {
        if document().hidden() {
            let toasts = *self;
            set_timeout(move || toasts.expire(id), LASTS[0]);
        } else {
            self.close(id);
        }
    }

    /// Takes a toast away, if it is still there.
    pub(crate) fn close(&self, id: u64) {
        self.0.try_update(|all| all.retain(|toast| toast.id != id));
    }
}

/// Makes the page's toasts, once, at the root; [`ToastStack`] shows them.
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
    fn a_toast_lasts_as_long_as_it_takes_to_read() {
        assert_eq!(Toast::done("Copied").lasts(), Duration::from_secs(6));
        let reason = "a".repeat(100);
        assert_eq!(Toast::problem(reason.clone()).lasts(), Duration::from_secs(10));
        assert_eq!(Toast::problem("字".repeat(100)).lasts(), Duration::from_secs(20));
        assert_eq!(Toast::problem(reason.repeat(9)).lasts(), Duration::from_secs(20));
        assert_eq!(Toast::done("Deleted").with("Undo", || ()).lasts(), Duration::from_secs(20));
    }
}
