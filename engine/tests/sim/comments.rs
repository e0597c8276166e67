//! Comments, by the rules of the server's services, and the checks of their final state.

use std::collections::BTreeMap;

use engine::{
    ApiError, Change, Comment, CommentId, Op, OpId, TaskId, Timestamp, UserId,
    comment::{CommentDraft, Commented},
};

use crate::{
    oracle::{Oracle, SubmittedOp},
    rows::Rows,
    service::refused,
    world::World,
};

impl Rows {
    pub(crate) fn add_comment(
        &mut self,
        task: TaskId,
        draft: CommentDraft,
        by: UserId,
        at: Timestamp,
    ) -> Result<Change, ApiError> {
        self.task(task, false)?;
        let id = draft.id.unwrap();
        if self.comments.contains_key(&id) {
            return Err(refused(409, "comment_exists"));
        }
        let comment = Comment {
            id,
            task_id: task,
            author_id: by,
            author_name: by.to_string(),
            html: format!("<p>{}</p>", draft.body),
            body: draft.body,
            created_at: at,
            edited_at: None,
            deleted_at: None,
            seq: 0,
        };
        Ok(Change::CommentCreated(self.save_comment(comment, 1)))
    }

    pub(crate) fn edit_comment(
        &mut self,
        task: TaskId,
        id: CommentId,
        body: String,
        by: UserId,
        at: Timestamp,
    ) -> Result<Change, ApiError> {
        let comment = self.own_comment(task, id, by)?;
        let html = format!("<p>{body}</p>");
        Ok(Change::CommentUpdated(self.save_comment(Comment { body, html, edited_at: Some(at), ..comment }, 0)))
    }

    pub(crate) fn delete_comment(
        &mut self,
        task: TaskId,
        id: CommentId,
        by: UserId,
        at: Timestamp,
    ) -> Result<Change, ApiError> {
        let comment = self.own_comment(task, id, by)?;
        self.deleted_comments.insert(id, comment.clone());
        let (body, html) = Default::default();
        Ok(Change::CommentDeleted(self.save_comment(Comment { body, html, deleted_at: Some(at), ..comment }, -1)))
    }

    pub(crate) fn restore_comment(&mut self, task: TaskId, id: CommentId, by: UserId) -> Result<Change, ApiError> {
        self.task(task, false)?;
        let comment = self.comments.get(&id).ok_or_else(|| refused(404, "comment_not_found"))?;
        if comment.deleted_at.is_none() {
            return Err(refused(409, "comment_not_deleted"));
        }
        if comment.author_id != by {
            return Err(refused(403, "forbidden"));
        }
        let comment = self.deleted_comments.remove(&id).ok_or_else(|| refused(410, "undo_expired"))?;
        Ok(Change::CommentCreated(self.save_comment(comment, 1)))
    }

    fn own_comment(&self, task: TaskId, id: CommentId, by: UserId) -> Result<Comment, ApiError> {
        self.task(task, false)?;
        let comment = self.comments.get(&id).filter(|comment| comment.deleted_at.is_none());
        let comment = comment.ok_or_else(|| refused(404, "comment_not_found"))?;
        if comment.author_id == by { Ok(comment.clone()) } else { Err(refused(403, "forbidden")) }
    }

    fn save_comment(&mut self, comment: Comment, more: i32) -> Commented {
        let task = &mut self.tasks.get_mut(&comment.task_id).unwrap().0;
        task.comment_count = task.comment_count.checked_add_signed(more).unwrap();
        let Comment { id: comment_id, task_id, author_id, .. } = comment;
        self.comments.insert(comment_id, comment);
        Commented { comment_id, task_id, author_id, comment_count: task.comment_count }
    }

    /// The comment of a change, at the seq of that change.
    pub(crate) fn commented(&mut self, change: &Change, seq: u64) -> Option<Box<Comment>> {
        let (Change::CommentCreated(commented) | Change::CommentUpdated(commented) | Change::CommentDeleted(commented)) =
            change
        else {
            return None;
        };
        let comment = self.comments.get_mut(&commented.comment_id).unwrap();
        comment.seq = seq;
        Some(Box::new(comment.clone()))
    }
}

impl World {
    /// Checks that every acknowledged comment exists once, with its author's last text. A refused one waits for its
    /// author's decision.
    pub(crate) fn check_comments(&self) {
        let Oracle { submitted, acknowledged, refused, rejected, undone, .. } = &self.oracle;
        let mut ops: BTreeMap<CommentId, Vec<(OpId, &SubmittedOp)>> = BTreeMap::new();
        for (op_id, entry) in submitted {
            if let Some(id) = entry.op.comment_id() {
                ops.entry(id).or_default().push((*op_id, entry));
            }
            let kept = entry.op.text().is_none() || !refused.contains(op_id) || rejected.contains_key(op_id);
            assert!(kept, "its text is lost: {:?}", entry.op);
        }
        for (id, ops) in ops {
            let rows = &self.database.boards[ops[0].1.board];
            let there = rows.comments.get(&id);
            let said = |op_id: &OpId| acknowledged.contains(op_id) && !undone.contains(op_id);
            assert!(there.is_some() || !ops.iter().any(|(op_id, _)| said(op_id)), "said, and not there: {ops:?}");
            let Some(there) = there else { continue };
            // Only a single page can define the last text, since each page has its own queue, and only if no backup
            // undid part of it.
            let one = ops.iter().all(|(op_id, entry)| entry.page == ops[0].1.page && !undone.contains(op_id));
            let done = |op_id: &OpId| rows.done.contains_key(op_id);
            let last = ops.iter().rev().find(|(op_id, _)| done(op_id)).filter(|_| one);
            if let Some((_, entry)) = last {
                // A restored comment has its text from before the deletion.
                let written =
                    || ops.iter().rev().filter(|(op_id, _)| done(op_id)).find_map(|(_, entry)| entry.op.text());
                let body = if let Op::DeleteComment { .. } = entry.op { "" } else { written().unwrap() };
                assert_eq!(there.body, body, "not the last words of {ops:?}");
            }
        }
        for rows in &self.database.boards {
            for (task, _) in rows.tasks.values() {
                let of_task = |comment: &&Comment| comment.task_id == task.id && comment.deleted_at.is_none();
                assert_eq!(task.comment_count as usize, rows.comments.values().filter(of_task).count());
            }
        }
    }
}
