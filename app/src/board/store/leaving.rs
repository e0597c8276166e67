//! Deleting cards and comments, undoing that, and moving the focus on from a deleted card.

use std::sync::Arc;

use engine::{CommentId, Op, TaskId};
use leptos::prelude::*;

use super::BoardStore;
use crate::{
    board::elements,
    message::quoted,
    ui::{dom, focus::nothing_has_focus, toast::Toast, undo::UndoRequest},
};

/// How many deleted cards in a row are followed to find one to focus.
const CHAIN: usize = 64;
/// How many undo offers are remembered: more than toasts are ever shown.
const OFFERS: usize = 16;

impl BoardStore {
    /// Deletes a card. A toast offers to undo it.
    pub fn delete(&self, id: TaskId) {
        let Some(task) = self.task(id) else { return };
        let store = *self;
        self.deleted_here.try_update_value(|deleted| deleted.insert(id));
        let op = Op::DeleteTask { task_id: id };
        self.submit(op.clone());
        let shown = move || {
            dom::next_frame(move || {
                if nothing_has_focus() || dom::find(".toasts:focus-within, .board:focus-within").is_some() {
                    elements::reveal(id);
                    elements::focus_card(id);
                }
            });
        };
        self.offer_undo(format!("Deleted {}", quoted(&task.title)), op, Op::RestoreTask { task_id: id }, move || {
            store.deleted_here.try_update_value(|deleted| deleted.remove(&id));
            shown();
        });
    }

    /// Deletes a comment. A toast offers to undo it.
    pub fn delete_comment(&self, task_id: TaskId, comment_id: CommentId) {
        let op = Op::DeleteComment { task_id, comment_id };
        self.submit(op.clone());
        self.offer_undo("Comment deleted".to_owned(), op, Op::RestoreComment { task_id, comment_id }, || ());
    }

    /// Offers to undo `op` by `undo`: on this board, or after the page is left by what it still sends, or by a request.
    pub(super) fn offer_undo(&self, done: String, op: Op, undo: Op, then: impl Fn() + Send + Sync + 'static) {
        let (store, toasts, backend) = (*self, self.toasts, self.backend.try_get_value().flatten());
        let (me, project) = (self.me, self.project_id);
        let run = move || {
            if store.live().is_some() {
                store.submit(undo.clone());
                then();
            } else if let Some(backend) = &backend
                && !backend.submit_behind(me, project, &undo)
            {
                UndoRequest::new(Arc::clone(backend), toasts, undo.request(), || ()).run();
            }
        };
        let toast = Toast::done(done).undo(run);
        self.offered.try_update_value(|offered| {
            if offered.len() == OFFERS {
                offered.remove(0);
            }
            offered.push((op, toast.id()));
        });
        self.toasts.show(toast);
    }

    /// Withdraws the undo of an op that was refused.
    pub(super) fn withdraw_undo(&self, op: &Op) {
        let take =
            |offered: &mut Vec<(Op, u64)>| offered.iter().position(|(of, _)| of == op).map(|at| offered.remove(at).1);
        if let Some(toast) = self.offered.try_update_value(take).flatten() {
            self.toasts.close(toast);
        }
    }

    pub(in crate::board) fn toast(&self, toast: Toast) {
        self.toasts.show(toast);
    }

    /// The card that is open beside the board.
    pub(in crate::board) fn viewed(&self) -> Option<TaskId> {
        self.viewed.try_get_value().flatten()
    }

    pub(in crate::board) fn was_deleted_here(&self, id: TaskId) -> bool {
        self.deleted_here.try_with_value(|deleted| deleted.contains(&id)).unwrap_or_default()
    }

    /// All tasks that are shown, in no order.
    pub(in crate::board) fn shown_tasks(&self) -> Vec<TaskId> {
        self.cards.try_with_value(|cards| cards.keys().copied().collect()).unwrap_or_default()
    }

    pub(in crate::board) fn set_focus_fallback(&self, id: TaskId, fallback: TaskId) {
        self.focus_fallbacks.try_update_value(|focus_fallbacks| focus_fallbacks.insert(id, fallback));
    }

    /// Focuses a card, or the one that took its place when it has left the board. In an empty column, the button that
    /// adds a card.
    pub(crate) fn focus_instead(&self, id: TaskId) {
        let fallback = |id: &TaskId| {
            self.focus_fallbacks.try_with_value(|focus_fallbacks| focus_fallbacks.get(id).copied()).flatten()
        };
        let found = std::iter::successors(Some(id), fallback).take(CHAIN).find(|id| elements::slot(*id).is_some());
        if let Some(id) = found {
            elements::reveal(id);
            return elements::focus_card(id);
        }
        let place = [".board [data-task-id]", ".board [data-testid=\"add-task\"]", ".board button", "main"];
        if let Some(element) = place.into_iter().find_map(dom::find) {
            dom::focus(&element);
        }
    }
}
