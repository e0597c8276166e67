//! A task's thread, read: page by page, or what changed of it.

use engine::{Comment, CommentId, Epoch, ProjectId, Role, TaskId, UserId, comment::Thread, limit::PAGE};
use sqlx::{AnyConnection, any::AnyRow};

use super::{
    Store, StoreError,
    comments::{comment, comment_columns},
    row::{Columns, readable},
};

/// Characters of changed comments that an answer to a subscription carries; a thread in which more changed is
/// fetched.
const CHANGES: i64 = 48 * 1024;

/// Who wants to know what changed of a task's comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreadAsk {
    /// The project that they listen to.
    pub project: ProjectId,
    /// Who.
    pub user: UserId,
    /// Of which task.
    pub task: TaskId,
    /// Of which log `since` is; without it, of this one.
    pub epoch: Option<Epoch>,
    /// After which seq; without it, nothing is asked but whether they may.
    pub since: Option<u64>,
}

/// What changed of a task's comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadChanges {
    /// Where the project's log ended then.
    pub seq: u64,
    /// Those that changed, deleted ones too.
    pub comments: Vec<Comment>,
    /// Whether these are all.
    pub complete: bool,
}

/// A task's thread, and what its reader may do in the project.
#[derive(Clone, Debug)]
pub(crate) struct ThreadRead {
    /// `None` for a stranger.
    pub(crate) role: Option<Role>,
    /// A page; `None` where the comment that it was to end before is none of this task.
    pub(crate) thread: Option<Thread>,
    /// Whether there is none because the comment that it was asked around is deleted.
    pub(crate) deleted: bool,
}

/// Which part of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadPart {
    /// The newest comments.
    Newest,
    /// Those before a comment.
    Before(CommentId),
    /// A comment, and those on both sides of it.
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

/// Where older comments are read from.
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
    // In three texts: one that asks whether there is a cursor would not go straight to its place in the index.
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
        // A page in which none can be read would not say where the one before it ends.
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

/// A part that ends with the newest comments, or before others that its reader has.
fn with_newer((comments, more): (Vec<Comment>, bool)) -> (Vec<Comment>, bool, bool) {
    (comments, more, false)
}

impl Store {
    /// A page of a task's thread as a user sees it, read in one transaction: the newest, or one at a comment.
    /// `None` when there is no such task.
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

    /// What changed of a task's comments, read in one transaction; `None` when the task is not in this project, or the
    /// user is not.
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
