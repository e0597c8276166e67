//! Acts that a request takes back: sent again under one id until the server has answered.

use std::sync::Arc;

use engine::{OpId, Request};
use leptos::task::spawn_local;

use super::{
    dom::fresh_id,
    toast::{Toast, Toasts},
};
use crate::{backend::Backend, message::sentence};

/// A request that takes an act back. It outlives the page of the act.
#[derive(Clone)]
pub(crate) struct TakeBack {
    /// The same for each try.
    op: Option<OpId>,
    backend: Arc<dyn Backend>,
    toasts: Toasts,
    request: Request,
    then: Arc<dyn Fn() + Send + Sync>,
}

impl TakeBack {
    /// `then` follows where the server does it.
    pub(crate) fn new(
        backend: Arc<dyn Backend>,
        toasts: Toasts,
        request: Request,
        then: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { op: fresh_id().map(OpId::new), backend, toasts, request, then: Arc::new(then) }
    }

    /// Sends it. A toast says why it was refused, and can try it again where that may help.
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
