//! Actions of users: on what they see, and on their rejected ops.

use engine::{
    CommentId, Op, Placement, TaskDraft, TaskId, TaskPatch,
    comment::CommentDraft,
    session::{Link, RejectedOp, SessionInput},
};

use crate::{dice::Dice, ids::project, world::World};

impl World {
    /// Performs a random action on what the user sees.
    pub(crate) fn gesture(&mut self, tab: usize, dice: &mut Dice) {
        let op_id = self.fresh();
        let it = &self.tabs[tab];
        let Some(page) = it.page.as_ref().filter(|page| it.runs() && !page.session.link().is_final()) else { return };
        let view = page.session.view();
        let mut tasks: Vec<TaskId> = view.tasks().map(|task| task.id).collect();
        tasks.sort();
        let statuses: Vec<_> = view.statuses().iter().map(|status| status.id).collect();
        let status_id = dice.pick(&statuses).unwrap();
        let deleted = self.oracle.deleted_in(tab, it.board).into_iter().filter(|id| !tasks.contains(id));
        let deleted: Vec<TaskId> = deleted.collect();
        let task = dice.pick(&tasks);
        let written = dice.pick(&self.oracle.written_in(tab, it.board));
        let columns = self.oracle.columns_deleted_in(tab, it.board);
        let columns: Vec<_> = columns.into_iter().filter(|id| !statuses.contains(id)).collect();
        let project_id = project(it.board);
        let op = match (dice.below(18), task, dice.pick(&deleted)) {
            (0..6, Some(task_id), _) => {
                let mut neighbour = || dice.pick(&tasks).filter(|id| *id != task_id);
                let (after_id, before_id) = (neighbour(), neighbour());
                let before_id = before_id.filter(|id| Some(*id) != after_id);
                Op::MoveTask { task_id, to: Placement { status_id, after_id, before_id } }
            }
            (6, Some(task_id), _) => {
                let title = Some(format!("title {}", dice.below(1_000)));
                Op::UpdateTask { task_id, patch: TaskPatch { title, ..TaskPatch::default() } }
            }
            (7, Some(task_id), _) => Op::AssignTask { task_id, assignee_id: Some(it.user) },
            (8, Some(task_id), _) => Op::DeleteTask { task_id },
            (9, _, Some(task_id)) => Op::RestoreTask { task_id },
            (12..14, Some(task_id), _) => {
                let draft = comment(Some(CommentId::new(op_id.uuid())), dice);
                Op::AddComment { task_id, draft }
            }
            (16, ..) => Op::DeleteStatus { project_id, status_id },
            (17, ..) if let Some(status_id) = dice.pick(&columns) => Op::RestoreStatus { project_id, status_id },
            (14.., ..) if let Some((task_id, comment_id)) = written => {
                if dice.chance(30) {
                    let deleted = self.oracle.is_deleted_in(tab, comment_id);
                    if deleted {
                        Op::RestoreComment { task_id, comment_id }
                    } else {
                        Op::DeleteComment { task_id, comment_id }
                    }
                } else {
                    Op::EditComment { task_id, comment_id, draft: comment(None, dice) }
                }
            }
            _ => {
                let title = format!("task {}", dice.below(1_000));
                let (id, status_id) = (Some(TaskId::new(op_id.uuid())), Some(status_id));
                let draft = TaskDraft { id, title, status_id, ..TaskDraft::default() };
                Op::CreateTask { project_id, draft }
            }
        };
        self.oracle.submitted(op_id, tab, it, &op);
        self.input(tab, SessionInput::Submit { op_id, op });
    }

    /// The user sees rejected ops, and retries or dismisses each.
    pub(crate) fn decide(&mut self, tab: usize, rejected: Vec<RejectedOp>) {
        for RejectedOp { pending_op, error, .. } in rejected {
            self.oracle.rejected(pending_op.op_id, error.code.ends_with("unclear"));
            let live = self.tabs[tab].page.as_ref().is_some_and(|page| page.session.link() == Link::Live);
            if live && self.dice.chance(30) {
                let fresh = self.fresh();
                self.oracle.submitted(fresh, tab, &self.tabs[tab], &pending_op.op);
                self.input(tab, SessionInput::Resubmit { op_id: pending_op.op_id, fresh });
            } else {
                self.input(tab, SessionInput::Discard { op_id: pending_op.op_id });
            }
        }
    }
}

fn comment(id: Option<CommentId>, dice: &mut Dice) -> CommentDraft {
    CommentDraft { id, body: format!("comment {}", dice.below(100_000)), mentions: Vec::new() }
}
