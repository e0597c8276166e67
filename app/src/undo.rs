//! Acts that a request takes back, with an Undo in a toast that outlives the page of the act.

use std::sync::Arc;

use engine::{OpId, Request};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    backend::Backend,
    board::fresh_id,
    message::sentence,
    session::backend,
    toast::{Toast, Toasts, use_toasts},
};

/// What it takes to offer an Undo, kept where the context is at hand.
#[derive(Clone, Copy)]
pub(crate) struct UndoOffer {
    backend: StoredValue<Arc<dyn Backend>>,
    toasts: Toasts,
}

impl UndoOffer {
    /// Takes what it needs from the context.
    pub(crate) fn expect() -> Self {
        Self { backend: StoredValue::new(backend()), toasts: use_toasts() }
    }

    /// Says what was done, and offers to take it back by `restore`; `then` follows where the server does it.
    pub(crate) fn show(self, done: String, restore: Request, then: impl Fn() + Send + Sync + 'static) {
        let Some(backend) = self.backend.try_get_value() else { return };
        let act =
            UndoAct { op: fresh_id().map(OpId::new), backend, toasts: self.toasts, restore, then: Arc::new(then) };
        self.toasts.show(Toast::done(done).undo(move || act.clone().run()));
    }
}

#[derive(Clone)]
struct UndoAct {
    /// The same for each try.
    op: Option<OpId>,
    backend: Arc<dyn Backend>,
    toasts: Toasts,
    restore: Request,
    then: Arc<dyn Fn() + Send + Sync>,
}

impl UndoAct {
    fn run(self) {
        let reply = match self.op {
            Some(op) => self.backend.send_as(op, self.restore.clone()),
            None => self.backend.send(self.restore.clone()),
        };
        spawn_local(async move {
            match reply.await {
                Ok(_) => (self.then)(),
                Err(error) => {
                    let toast = Toast::problem(sentence(&error));
                    let again = self.clone();
                    self.toasts.show(if error.is_temporary() {
                        toast.with("Retry", move || again.clone().run())
                    } else {
                        toast
                    });
                }
            }
        });
    }
}
