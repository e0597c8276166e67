//! Cards that leave the board: whose act that is, how it is undone, and who takes the focus over.

use std::sync::Arc;

use engine::{CommentId, Op, TaskId};
use leptos::prelude::*;

use super::BoardStore;
use crate::{
    board::elements,
    message::quoted,
    ui::{dom, focus::nothing_has_focus, toast::Toast, undo::TakeBack},
};

/// How many cards an heir is looked for through.
const CHAIN: usize = 64;
/// How many undos are remembered: more than toasts are ever shown.
const OFFERS: usize = 16;

impl BoardStore {
    /// Takes a task off the board. A toast offers to undo it.
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

    /// Offers to take the act `op` back by `undo`: on this board, and after it was left behind what it still sends, or by
    /// a request.
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
                TakeBack::new(Arc::clone(backend), toasts, undo.request(), || ()).run();
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

    /// An act was refused: there is nothing to take back.
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

    /// The task that is open beside the board.
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

    /// Puts the focus on a card, or where it has left the board on the one that took its place; on an empty column, on
    /// what adds a card.
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
