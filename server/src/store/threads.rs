//! Reads a task's thread of comments, page by page, or its changes.

use engine::{Comment, CommentId, Epoch, ProjectId, Role, TaskId, UserId, comment::Thread, limit::PAGE};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    Store, StoreError,
    comments::{comment, comment_columns},
    row::{Columns, readable},
};

/// Most characters of changed comments in the response to a subscription; if more changed, the client fetches the
/// thread.
const CHANGES: i64 = 48 * 1024;

/// A request for the changes of a task's comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadAsk {
    /// The project of the subscription.
    pub project: ProjectId,
    /// The user.
    pub user: UserId,
    /// The task.
    pub task: TaskId,
    /// The epoch that `since` belongs to; `None` for the current one.
    pub epoch: Option<Epoch>,
    /// The seq after which to look; `None` to only check access.
    pub since: Option<u64>,
}

/// The changes of a task's comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadChanges {
    /// The seq at the end of the project's log.
    pub seq: u64,
    /// The changed comments, including deleted ones.
    pub comments: Vec<Comment>,
    /// Whether these are all.
    pub complete: bool,
}

/// A task's thread, and its reader's role in the project.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRead {
    /// `None` for a non-member.
    pub(crate) role: Option<Role>,
    /// A page; `None` if its cursor is not a comment of this task.
    pub(crate) thread: Option<Thread>,
    /// Whether there is no page because the requested comment is deleted.
    pub(crate) deleted: bool,
}

/// A part of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadPart {
    /// The newest comments.
    Newest,
    /// The comments before one.
    Before(CommentId),
    /// A comment with its neighbours on both sides.
    Around(CommentId),
}

impl ThreadPart {
    const fn cursor(self) -> Option<CommentId> {
        match self {
            Self::Newest => None,
            Self::Before(id) | Self::Around(id) => Some(id),
        }
    }
}

/// The cursor from which older comments are read.
#[derive(Clone, Copy)]
enum Cursor {
    End,
    Before(CommentId),
    UpTo(CommentId),
}

/// Up to `limit` comments that end at a cursor, oldest first, and whether there are older ones.
async fn older(
    read: &mut AnyConnection,
    task: TaskId,
    cursor: Cursor,
    limit: usize,
) -> Result<(Vec<Comment>, bool), StoreError> {
    // Three texts: a single one with optional cursors would not use the index.
    const NEWEST: &str = concat!(
        "SELECT ",
        comment_columns!(),
        "WHERE c.task_id = $1 AND c.deleted_at IS NULL ORDER BY c.created_at DESC, c.id DESC LIMIT $2"
    );
    const BEFORE: &str = concat!(
        "SELECT ",
        comment_columns!(),
        "WHERE c.task_id = $1 AND c.deleted_at IS NULL
         AND (c.created_at, c.id) < (SELECT b.created_at, b.id FROM comments b WHERE b.id = $3)
         ORDER BY c.created_at DESC, c.id DESC LIMIT $2"
    );
    const UP_TO: &str = concat!(
        "SELECT ",
        comment_columns!(),
        "WHERE c.task_id = $1 AND c.deleted_at IS NULL
         AND (c.created_at, c.id) <= (SELECT b.created_at, b.id FROM comments b WHERE b.id = $3)
         ORDER BY c.created_at DESC, c.id DESC LIMIT $2"
    );
    let (mut sql, mut from) = match cursor {
        Cursor::End => (NEWEST, None),
        Cursor::Before(id) => (BEFORE, Some(id.to_string())),
        Cursor::UpTo(id) => (UP_TO, Some(id.to_string())),
    };
    let (mut comments, more) = loop {
        let rows = page(read, sql, task, from.as_deref(), limit).await?;
        let (shown, more) = (&rows[..rows.len().min(limit)], rows.len() > limit);
        let comments = readable("comments", shown, comment).rows;
        // A page of unreadable rows alone could not say where the previous one ends.
        match shown.last() {
            Some(last) if more && comments.is_empty() => (sql, from) = (BEFORE, Some(last.text("id")?)),
            _ => break (comments, more),
        }
    };
    comments.reverse();
    Ok((comments, more))
}

/// Up to `limit` comments after one, oldest first, and whether there are newer ones.
async fn newer(
    read: &mut AnyConnection,
    task: TaskId,
    after: CommentId,
    limit: usize,
) -> Result<(Vec<Comment>, bool), StoreError> {
    const AFTER: &str = concat!(
        "SELECT ",
        comment_columns!(),
        "WHERE c.task_id = $1 AND c.deleted_at IS NULL
         AND (c.created_at, c.id) > (SELECT b.created_at, b.id FROM comments b WHERE b.id = $3)
         ORDER BY c.created_at, c.id LIMIT $2"
    );
    let rows = page(read, AFTER, task, Some(&after.to_string()), limit).await?;
    let shown = &rows[..rows.len().min(limit)];
    Ok((readable("comments", shown, comment).rows, rows.len() > limit))
}

async fn page(
    read: &mut AnyConnection,
    sql: &'static str,
    task: TaskId,
    from: Option<&str>,
    limit: usize,
) -> Result<Vec<AnyRow>, StoreError> {
    let mut query = sqlx::query(sql).bind(task.to_string()).bind(i64::try_from(limit + 1).unwrap_or(i64::MAX));
    if let Some(from) = from {
        query = query.bind(from.to_owned());
    }
    Ok(query.fetch_all(read).await?)
}

/// A part without newer comments, or before comments that its reader has.
fn with_newer((comments, more): (Vec<Comment>, bool)) -> (Vec<Comment>, bool, bool) {
    (comments, more, false)
}

impl Store {
    /// A page of a task's thread as a user sees it, read in one transaction: the newest, or one at a comment. `None`
    /// if there is no such task.
    pub(crate) async fn thread(
        &self,
        task: TaskId,
        user: UserId,
        part: ThreadPart,
    ) -> Result<Option<ThreadRead>, StoreError> {
        let cursor = part.cursor();
        let mut read = self.dialect.begin_read(&self.reader).await?;
        let head = sqlx::query(
            "SELECT p.seq, m.role, COALESCE(w.watching, 0) AS watching, c.id AS cursor, c.deleted_at
             FROM tasks t JOIN projects p ON p.id = t.project_id AND p.deleted_at IS NULL
             LEFT JOIN project_members m ON m.project_id = p.id AND m.user_id = $2
             LEFT JOIN task_watchers w ON w.task_id = t.id AND w.user_id = $2
             LEFT JOIN comments c ON c.task_id = t.id AND c.id = $3
             WHERE t.id = $1",
        )
        .bind(task.to_string())
        .bind(user.to_string())
        .bind(cursor.map(|id| id.to_string()))
        .fetch_optional(&mut *read)
        .await?;
        let Some(head) = head else { return Ok(None) };
        let role = head.opt_word("role")?;
        let deleted = head.opt_int("deleted_at")?.is_some() && matches!(part, ThreadPart::Around(_));
        if role.is_none() || deleted || head.opt_text("cursor")?.is_none() && cursor.is_some() {
            return Ok(Some(ThreadRead { role, thread: None, deleted: deleted && role.is_some() }));
        }
        let (comments, more, newer) = match part {
            ThreadPart::Newest => with_newer(older(&mut read, task, Cursor::End, PAGE).await?),
            ThreadPart::Before(id) => with_newer(older(&mut read, task, Cursor::Before(id), PAGE).await?),
            ThreadPart::Around(id) => {
                let (mut comments, more) = older(&mut read, task, Cursor::UpTo(id), PAGE / 2).await?;
                let (after, newer) = newer(&mut read, task, id, PAGE / 2).await?;
                comments.extend(after);
                (comments, more, newer)
            }
        };
        read.commit().await?;
        let watching = head.int("watching")? == 1;
        let thread = Thread { comments, more, newer, watching, seq: head.seq("seq")? };
        Ok(Some(ThreadRead { role, thread: Some(thread), deleted: false }))
    }

    /// The changes of a task's comments, read in one transaction; `None` if the task is not in this project, or the
    /// user is not a member.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn thread_changes(&self, ask: ThreadAsk) -> Result<Option<ThreadChanges>, StoreError> {
        let ThreadAsk { project, user, task, epoch, since } = ask;
        let after = since.map_or(i64::MAX, |since| i64::try_from(since).unwrap_or(i64::MAX));
        let mut read = self.dialect.begin_read(&self.reader).await?;
        let head = sqlx::query(
            "SELECT p.epoch, p.seq, (SELECT CAST(COALESCE(SUM(LENGTH(c.body) + LENGTH(c.html)), 0) AS BIGINT)
                 FROM comments c WHERE c.task_id = t.id AND c.seq > $4) AS size
             FROM tasks t JOIN projects p ON p.id = t.project_id AND p.deleted_at IS NULL
             JOIN project_members m ON m.project_id = p.id AND m.user_id = $3
             WHERE t.id = $1 AND p.id = $2",
        )
        .bind(task.to_string())
        .bind(project.to_string())
        .bind(user.to_string())
        .bind(after)
        .fetch_optional(&mut *read)
        .await?;
        let Some(head) = head else { return Ok(None) };
        let (own, seq): (Epoch, u64) = (head.parse("epoch")?, head.seq("seq")?);
        let strange = epoch.is_some_and(|epoch| epoch != own) || since.is_some_and(|since| since > seq);
        let complete = !strange && head.int("size")? <= CHANGES;
        let mut comments = Vec::new();
        if complete {
            let sql = concat!("SELECT ", comment_columns!(), "WHERE c.task_id = $1 AND c.seq > $2 ORDER BY c.seq");
            let rows = sqlx::query(sql).bind(task.to_string()).bind(after).fetch_all(&mut *read).await?;
            comments = readable("comments", &rows, comment).rows;
        }
        read.commit().await?;
        Ok(Some(ThreadChanges { seq, comments, complete }))
    }
}
