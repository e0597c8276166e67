//! Comments that an earlier build has left in local storage, where it had a queue of their own for them.
//!
//! They are taken over once, with the op ids under which that build may have sent them already, and are removed when
//! they are stored in the queue of all ops.

use engine::{
    CommentId, Op, OpId, ProjectId, TaskId, Timestamp, UserId,
    comment::CommentDraft,
    session::{PendingOp, PersistedQueue},
};
use serde::Deserialize;

use crate::local;

/// What their keys begin with; the user, the project and the comment follow.
const PREFIX: &str = "unsent:";

#[derive(Deserialize)]
struct LegacyComment {
    id: CommentId,
    task: TaskId,
    draft: CommentDraft,
    written_at: Timestamp,
}

/// The keys of a user's comments on one board, and the comments as ops, in the order in which they were written.
pub(crate) fn find(user: UserId, project: ProjectId) -> (Vec<String>, PersistedQueue) {
    let begin = format!("{PREFIX}{user}:{project}:");
    let keys = local::keys().into_iter().filter(|key| key.starts_with(&begin));
    let read = |key: String| Some((serde_json::from_str::<LegacyComment>(&local::get(&key)?).ok()?, key));
    let mut all: Vec<(LegacyComment, String)> = keys.filter_map(read).collect();
    all.sort_by_key(|(one, _)| one.id);
    let (ops, keys) = all.into_iter().map(|(one, key)| (pending_op(one), key)).unzip();
    (keys, PersistedQueue { wishes: ops, ..PersistedQueue::default() })
}

/// The boards for which comments of a user are left, each as often as there are comments.
pub(crate) fn boards(user: UserId) -> Vec<ProjectId> {
    let begin = format!("{PREFIX}{user}:");
    let board = |key: String| key.strip_prefix(&begin)?.split(':').next()?.parse().ok();
    local::keys().into_iter().filter_map(board).collect()
}

/// Takes those away whose keys these are. Other keys are left alone.
pub(crate) fn remove(keys: &[String]) {
    for key in keys.iter().filter(|key| key.starts_with(PREFIX)) {
        local::set(key, None);
    }
}

fn pending_op(LegacyComment { id, task, draft, written_at }: LegacyComment) -> PendingOp {
    let draft = CommentDraft { id: Some(id), ..draft };
    PendingOp { op_id: OpId::new(id.uuid()), op: Op::AddComment { task_id: task, draft }, at: written_at }
}
