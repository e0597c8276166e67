//! The order and the names of the columns as this page shows them: the reader's change shows before the server has
//! confirmed it.

use std::sync::Arc;

use engine::{Method, Request, StatusId};
use leptos::{prelude::*, task::spawn_local};
use serde_json::json;

use super::{
    column_editor::{Column, Side},
    store::BoardStore,
};
use crate::{
    backend::Backend,
    message::sentence,
    session::backend,
    ui::toast::{Toast, Toasts, use_toasts},
};

/// The order of the columns, and the ways to change it.
#[derive(Clone, Copy)]
pub(super) struct ColumnOrder {
    store: BoardStore,
    /// The order after a drop, until the server's order arrives or the change is refused.
    optimistic: RwSignal<Option<Vec<StatusId>>>,
    /// A renamed column, likewise.
    renamed: RwSignal<Option<(StatusId, String)>>,
    // Looked up here, because event handlers have no context.
    backend: StoredValue<Arc<dyn Backend>>,
    toasts: Toasts,
}

impl ColumnOrder {
    pub(super) fn new(store: BoardStore) -> Self {
        let order = Self {
            store,
            optimistic: RwSignal::new(None),
            renamed: RwSignal::new(None),
            backend: StoredValue::new(backend()),
            toasts: use_toasts(),
        };
        Effect::new(move |_| {
            store.statuses().track();
            order.reset();
        });
        order
    }

    /// The columns in order, tracked.
    pub(super) fn ids(self) -> Vec<StatusId> {
        let known: Vec<StatusId> = self.store.statuses().with(|all| all.iter().map(|status| status.id).collect());
        match self.optimistic.get() {
            Some(optimistic) if optimistic.len() == known.len() && optimistic.iter().all(|id| known.contains(id)) => {
                optimistic
            }
            _ => known,
        }
    }

    /// The columns in order, untracked.
    pub(super) fn ids_untracked(self) -> Vec<StatusId> {
        untrack(|| self.ids())
    }

    /// Moves a column to its place in `order`, at once.
    pub(super) fn place(self, column: StatusId, order: Vec<StatusId>) {
        let Some(at) = order.iter().position(|id| *id == column) else { return };
        let neighbour = |at: Option<usize>| at.and_then(|at| order.get(at)).copied();
        let body = match (neighbour(at.checked_sub(1)), neighbour(Some(at + 1))) {
            (Some(before), _) => json!({ "after_id": before }),
            (None, Some(behind)) => json!({ "before_id": behind }),
            (None, None) => return,
        };
        self.optimistic.set(Some(order));
        self.send(Column { store: self.store, id: column }.patch(body), None);
    }

    /// The name of a column, tracked.
    pub(super) fn name(self, column: StatusId) -> Option<String> {
        let renamed = self.renamed.with(|renamed| renamed.clone().filter(|(id, _)| *id == column));
        renamed.map(|(_, name)| name).or_else(|| self.store.status(column).map(|status| status.name))
    }

    /// Renames a column, at once. If that is refused, a toast says why and offers to try again.
    pub(super) fn rename(self, column: StatusId, name: String) {
        self.renamed.set(Some((column, name.clone())));
        let request = Column { store: self.store, id: column }.patch(json!({ "name": name.clone() }));
        self.send(request, Some((column, name)));
    }

    /// Moves a column by one place, and returns its new index. `None` at the end of the board.
    pub(super) fn step(self, column: StatusId, side: Side) -> Option<usize> {
        let mut order = self.ids_untracked();
        let at = order.iter().position(|id| *id == column)?;
        let to = match side {
            Side::Left => at.checked_sub(1)?,
            Side::Right => at + 1,
        };
        if to >= order.len() {
            return None;
        }
        order.swap(at, to);
        self.place(column, order);
        Some(to)
    }

    /// Adds a column at the end of the board. `done` receives the reason if it was refused.
    pub(super) fn add(self, name: String, color: &str, done: Callback<Option<String>>) {
        let path = format!("/api/projects/{}/statuses", self.store.project_id());
        let body = json!({ "name": name, "color": color, "category": "doing" });
        let reply = self.backend.with_value(|backend| backend.send(Request::new(Method::Post, path).json(body)));
        spawn_local(async move {
            let refused = reply.await.err().map(|error| sentence(&error).into_owned());
            done.try_run(refused);
        });
    }

    fn send(self, request: Request, named: Option<(StatusId, String)>) {
        let reply = self.backend.with_value(|backend| backend.send(request));
        spawn_local(async move {
            let Err(error) = reply.await else { return };
            self.reset();
            self.toasts.show(match named {
                Some((column, name)) => Toast::problem(format!("Not renamed to “{name}”. {}", sentence(&error)))
                    .with("Try again", move || self.rename(column, name.clone())),
                None => Toast::problem(sentence(&error)),
            });
        });
    }

    /// Goes back to the server's order and names.
    fn reset(self) {
        self.optimistic.try_set(None);
        self.renamed.try_set(None);
    }
}
