//! What the reader does to tasks, and what becomes of it when it is refused.

use engine::{ApiError, Op, OpId, StatusId, TaskDraft, TaskId, Timestamp, session::RejectedOp};
use leptos::{prelude::*, task::spawn_local};

use super::BoardStore;
use crate::{board::refusal::words, message::sentence, session::backend, ui::toast::Toast};

/// Looks at a refusal before it becomes a toast, and tells whether it has dealt with it.
pub type RefusalListener = Callback<(Op, ApiError), bool>;

impl BoardStore {
    /// Shows an op at once and sends it. Does nothing before the page is hydrated.
    pub fn submit(&self, op: Op) {
        if let Some(live) = self.live() {
            self.note_title(&op);
            live.submit(op);
        }
    }

    /// Makes a task at the end of a column, and tells its id.
    pub fn create(&self, status: StatusId, title: String, id: TaskId) {
        self.submit(Op::CreateTask {
            project_id: self.project_id,
            draft: TaskDraft { id: Some(id), title, status_id: Some(status), ..TaskDraft::default() },
        });
    }

    /// Shows refusals to `dom_listener` first, until the next one is set or `None`.
    pub fn set_refusal_listener(&self, listener: Option<RefusalListener>) {
        self.listener.try_set_value(listener);
    }

    /// When the board was last known to be current, as far as it is not now.
    pub fn as_of(&self) -> Signal<Option<Timestamp>> {
        self.as_of.into()
    }

    /// Ops that were refused and wait for the reader to decide.
    pub fn rejected(&self) -> Signal<Vec<RejectedOp>> {
        self.rejected.into()
    }

    /// Tries a refused op once more.
    pub fn again(&self, op: OpId) {
        if let Some(live) = self.live() {
            live.again(op);
        }
    }

    /// Drops a refused op: the reader has decided.
    pub fn discard(&self, op: OpId) {
        if let Some(live) = self.live() {
            live.discard(op);
        }
    }

    /// Drops the stored changes that cannot be read: the reader has decided.
    pub fn discard_unreadable(&self) {
        if let Some(live) = self.live() {
            live.discard_unreadable();
        }
    }

    /// Says that this browser stores nothing.
    pub(in crate::board) fn warn_not_stored(&self) {
        self.toasts
            .show(Toast::problem("This browser can't store your changes. They are kept only while this page is open."));
    }

    /// Puts a text that was not sent onto the clipboard.
    pub(crate) fn copy(&self, text: String) {
        let (reply, toasts) = (backend().copy_text(text), self.toasts);
        spawn_local(async move {
            toasts.show(match reply.await {
                Ok(()) => Toast::done("Copied"),
                Err(error) => Toast::problem(sentence(&error)),
            });
        });
    }

    /// Says why an op was refused, unless the listener has dealt with it.
    pub(in crate::board) fn refuse(&self, op: &Op, error: &ApiError) {
        self.forget_title(op);
        self.withdraw_undo(op);
        let listener = self.listener.try_get_value().flatten();
        if listener.and_then(|listener| listener.try_run((op.clone(), error.clone()))) == Some(true) {
            return;
        }
        // The list of what waits for a decision says it, and does not go away.
        if self.rejected.try_with_untracked(|all| all.iter().any(|rejected| rejected.wish.op == *op)) == Some(true) {
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

    /// What the card, column or person is called that an op is about. Untracked.
    fn subject_of(&self, op: &Op) -> Option<String> {
        let task = op.task_id().and_then(|id| self.task(id)).map(|task| task.title.clone());
        let column = || untrack(|| self.status(op.status_id()?)).map(|status| status.name);
        let member = || untrack(|| self.member(op.member_id()?)).map(|member| member.name);
        task.or_else(column).or_else(member)
    }
}
