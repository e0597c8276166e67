//! The reader's changes to tasks, and what happens when the server refuses one.

use engine::{ApiError, Op, OpId, StatusId, TaskDraft, TaskId, Timestamp, session::RejectedOp};
use leptos::{prelude::*, task::spawn_local};

use super::BoardStore;
use crate::{board::refusal::words, message::sentence, session::backend, ui::toast::Toast};

/// Receives a refusal before it becomes a toast, and returns whether it has handled it.
pub type RefusalListener = Callback<(Op, ApiError), bool>;

impl BoardStore {
    /// Shows an op at once and sends it. Does nothing before the page is hydrated.
    pub fn submit(&self, op: Op) {
        if let Some(live) = self.live() {
            self.note_title(&op);
            live.submit(op);
        }
    }

    /// Creates a card at the end of a column, and returns its id.
    pub fn create(&self, status: StatusId, title: String, id: TaskId) {
        self.submit(Op::CreateTask {
            project_id: self.project_id,
            draft: TaskDraft { id: Some(id), title, status_id: Some(status), ..TaskDraft::default() },
        });
    }

    /// Shows refusals to `listener` first, until another one or `None` is set.
    pub fn set_refusal_listener(&self, listener: Option<RefusalListener>) {
        self.listener.try_set_value(listener);
    }

    /// When the board was last known to be current, while it is not current now.
    pub fn as_of(&self) -> Signal<Option<Timestamp>> {
        self.as_of.into()
    }

    /// Refused ops that the reader has to decide on.
    pub fn rejected(&self) -> Signal<Vec<RejectedOp>> {
        self.rejected.into()
    }

    /// Sends a refused op again.
    pub fn resubmit(&self, op: OpId) {
        if let Some(live) = self.live() {
            live.resubmit(op);
        }
    }

    /// Discards a refused op.
    pub fn discard(&self, op: OpId) {
        if let Some(live) = self.live() {
            live.discard(op);
        }
    }

    /// Discards the stored changes that cannot be read.
    pub fn discard_unreadable(&self) {
        if let Some(live) = self.live() {
            live.discard_unreadable();
        }
    }

    /// Warns that this browser stores nothing.
    pub(in crate::board) fn warn_not_stored(&self) {
        self.toasts
            .show(Toast::problem("This browser can't store your changes. They are kept only while this page is open."));
    }

    /// Copies an unsent text to the clipboard.
    pub(crate) fn copy(&self, text: String) {
        let (reply, toasts) = (backend().copy_text(text), self.toasts);
        spawn_local(async move {
            toasts.show(match reply.await {
                Ok(()) => Toast::done("Copied"),
                Err(error) => Toast::problem(sentence(&error)),
            });
        });
    }

    /// Shows why an op was refused, unless the listener has handled it.
    pub(in crate::board) fn refuse(&self, op: &Op, error: &ApiError) {
        self.forget_title(op);
        self.withdraw_undo(op);
        let listener = self.listener.try_get_value().flatten();
        if listener.and_then(|listener| listener.try_run((op.clone(), error.clone()))) == Some(true) {
            return;
        }
        // The list of refused ops shows it, and stays.
        if self.rejected.try_with_untracked(|all| all.iter().any(|rejected| rejected.pending_op.op == *op))
            == Some(true)
        {
            return;
        }
        let toast = Toast::problem(words(op, self.subject_of(op).as_deref(), error));
        let store = *self;
        let again = op.clone();
        self.toasts.show(if error.is_temporary() {
            toast.with("Retry", move || store.submit(again.clone()))
        } else {
            toast
        });
    }

    /// The name of the card, column or person that an op is about. Untracked.
    fn subject_of(&self, op: &Op) -> Option<String> {
        let task = op.task_id().and_then(|id| self.task(id)).map(|task| task.title.clone());
        let column = || untrack(|| self.status(op.status_id()?)).map(|status| status.name);
        let member = || untrack(|| self.member(op.member_id()?)).map(|member| member.name);
        task.or_else(column).or_else(member)
    }
}
