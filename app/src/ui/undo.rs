//! Undoing a change by a request, retried under one op id.

use std::sync::Arc;

use engine::{OpId, Request};
use leptos::task::spawn_local;

use super::{
    dom::fresh_id,
    toast::{Toast, Toasts},
};
use crate::{backend::Backend, message::sentence};

/// A request that undoes a change. It can outlive the page of the change.
#[derive(Clone)]
pub(crate) struct UndoRequest {
    /// The same for each attempt.
    op: Option<OpId>,
    backend: Arc<dyn Backend>,
    toasts: Toasts,
    request: Request,
    then: Arc<dyn Fn() + Send + Sync>,
}

impl UndoRequest {
    /// `then` is called when the server has done it.
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        toasts: Toasts,
        request: Request,
        then: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { op: fresh_id().map(OpId::new), backend, toasts, request, then: Arc::new(then) }
    }

    /// Sends the request. If it is refused, a toast says why, and offers to try again where that may help.
    pub(crate) fn run(self) {
        let reply = match self.op {
            Some(op) => self.backend.send_as(op, self.request.clone()),
            None => self.backend.send(self.request.clone()),
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
