//! Short messages at the foot of the page, each with at most one thing to do about it.

pub mod stack;
mod undo;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use leptos::prelude::*;

pub use stack::ToastStack;

static NEXT: AtomicU64 = AtomicU64::new(0);
/// More than this many at once are a wall: the oldest goes.
const MOST: usize = 4;

/// How loud a toast is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something was done. Read out when the reader pauses.
    Done,
    /// Something was refused or failed. Read out at once.
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

    /// The same toast with an Undo: it stays longer, and answers to Ctrl+Z and to one press of Tab, too.
    #[must_use]
    pub fn undo(self, run: impl Fn() + Send + Sync + 'static) -> Self {
        Self { undo: true, ..self.with("Undo", run) }
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
                // Rather a message than the way back from an act.
                let oldest = all.iter().position(|old| !old.undo).unwrap_or(0);
                all.remove(oldest);
            }
            all.push(toast);
        });
    }

    fn close(&self, id: u64) {
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
