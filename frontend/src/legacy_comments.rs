//! Migration of comments that an earlier build queued in local storage.
//!
//! They are taken over once, under the op ids with which that build may have sent them, and are removed once the common
//! queue has stored them.

use engine::{
    CommentId, Op, OpId, ProjectId, TaskId, Timestamp, UserId,
    comment::CommentDraft,
    session::{PendingOp, PersistedQueue},
    sorted::sort_by_key,
};
use serde::Deserialize;

use crate::local;

/// Key prefix; the user, the project and the comment follow.
const PREFIX: &str = "unsent:";

#[derive(Deserialize)]
struct LegacyComment {
    id: CommentId,
    task: TaskId,
    draft: CommentDraft,
    written_at: Timestamp,
}

/// A user's comments on one board: their keys, and the comments as ops in the order in which they were written.
pub(crate) fn find(user: UserId, project: ProjectId) -> (Vec<String>, PersistedQueue) {
    let begin = format!("{PREFIX}{user}:{project}:");
    let keys = local::keys().into_iter().filter(|key| key.starts_with(&begin));
    let read = |key: String| Some((serde_json::from_str::<LegacyComment>(&local::get(&key)?).ok()?, key));
    let mut all: Vec<(LegacyComment, String)> = keys.filter_map(read).collect();
    sort_by_key(&mut all, |(one, _)| one.id);
    let (ops, keys) = all.into_iter().map(|(one, key)| (pending_op(one), key)).unzip();
    (keys, PersistedQueue { pending_ops: ops, ..PersistedQueue::default() })
}

/// The boards with comments of a user, each as often as it has comments.
pub(crate) fn boards(user: UserId) -> Vec<ProjectId> {
    let begin = format!("{PREFIX}{user}:");
    let board = |key: String| key.strip_prefix(&begin)?.split(':').next()?.parse().ok();
    local::keys().into_iter().filter_map(board).collect()
}

/// Removes the entries under these keys. Keys with another prefix are ignored.
pub(crate) fn remove(keys: &[String]) {
    for key in keys.iter().filter(|key| key.starts_with(PREFIX)) {
        local::set(key, None);
    }
}

fn pending_op(LegacyComment { id, task, draft, written_at }: LegacyComment) -> PendingOp {
    let draft = CommentDraft { id: Some(id), ..draft };
    PendingOp { op_id: OpId::new(id.uuid()), op: Op::AddComment { task_id: task, draft }, at: written_at }
}
