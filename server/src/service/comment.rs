//! Comments on tasks: read, add, edit, delete.

use engine::{
    ApiError, Change, Comment, CommentId, Notification, ProjectId, Role, TaskId, User, UserId,
    comment::{CommentChanged, CommentDraft, Commented, Preview, Rendered, Thread, deleted},
    limit, mention,
};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{
    Intent, OpResponse, ServiceError, Services,
    access::{self, Right, comment_not_found, task_not_found},
    field,
    markdown::{self, Prose, TooMuch},
    notice::{self, CommentNotice, TaskNotice},
    quota,
    removal::{self, UndoBy},
    write::ProjectWrite,
};
use crate::{
    realtime::Delivery,
    store::{RemovalKey, Store, StoreError, TaskRow, threads::ThreadPart},
};

/// Texts rendered concurrently.
static RENDERING: Semaphore = Semaphore::const_new(4);

/// A page of a task's thread. Deleted tasks remain readable.
///
/// # Errors
/// `task_not_found`; `comment_not_found` if the part names no comment of this task; `comment_deleted` if that comment
/// was deleted.
pub async fn thread(store: &Store, user: &User, task: TaskId, part: ThreadPart) -> Result<Thread, ServiceError> {
    let read = store.thread(task, user.id, part).await?.ok_or_else(task_not_found)?;
    access::check(read.role, Right::Read).map_err(|_| task_not_found())?;
    let gone = || if read.deleted { deleted() } else { comment_not_found() };
    Ok(read.thread.ok_or_else(gone)?)
}

/// The refusal of a page with two cursors.
pub fn one_place() -> ApiError {
    field::invalid("around", "Either before or around is needed.")
}

/// Adds a comment. Its author watches the task, unless they stopped watching it.
///
/// # Errors
/// `task_not_found`, `forbidden`, `invalid` with the field, `comment_exists`, `too_many_comments`.
pub async fn create(
    services: &Services,
    intent: Intent,
    task: TaskId,
    draft: CommentDraft,
) -> Result<OpResponse, ServiceError> {
    let body = checked(draft.body)?;
    let project = services.store.project_of_task(task).await?.ok_or_else(task_not_found)?;
    if let Err(refused) = may_comment(services, &intent, project).await? {
        // A repeated op gets its stored response, whatever its author may do now.
        ProjectWrite::enter_task(services, intent, task, Right::Comment).await?;
        return Err(refused.into());
    }
    let Prose { html, mentioned } = render(&services.store, project, &body, draft.mentions).await?;
    let (mut write, row) = ProjectWrite::enter_task(services, intent, task, Right::Comment).await?;
    if row.deleted {
        return Err(task_not_found().into());
    }
    quota::check_comments(&services.quotas, row.task.comment_count)?;
    let author = write.intent.user.clone();
    let id = draft.id.unwrap_or_else(|| CommentId::new(Uuid::now_v7()));
    let commented =
        Commented { comment_id: id, task_id: task, author_id: author.id, comment_count: row.task.comment_count + 1 };
    let mut comment = Comment {
        id,
        task_id: task,
        author_id: author.id,
        author_name: author.name,
        body,
        html,
        created_at: write.at,
        edited_at: None,
        deleted_at: None,
        seq: 0,
    };
    write.tx.save_comment_count(task, commented.comment_count).await?;
    comment.seq = write.record(Change::CommentCreated(commented));
    match write.tx.add_comment(&comment).await {
        Err(StoreError::Exists) => {
            return Err(ApiError::new(409, "comment_exists", "A comment with this id already exists.").on("id").into());
        }
        done => done?,
    }
    let mentioned = write.tx.add_mentions(id, &mentioned).await?;
    let watched = !row.watchers.settled(author.id) && write.tx.watch(&[(task, author.id)]).await? > 0;
    let watching = watched || row.watchers.contains(author.id);
    let notice = CommentNotice { comment: id, text: markdown::words(&comment.body), mentioned };
    write.notify(&row.task, &row.watchers, TaskNotice::Commented(notice));
    write.commit(201, &CommentChanged { seq: comment.seq, comment, watching }).await
}

/// Edits one's own comment. Members it already mentioned are not notified again.
///
/// # Errors
/// `comment_not_found`, `task_not_found` if its task is deleted, `forbidden`, `invalid` with the field.
pub async fn rewrite(
    services: &Services,
    intent: Intent,
    id: CommentId,
    draft: CommentDraft,
) -> Result<OpResponse, ServiceError> {
    let body = checked(draft.body)?;
    let (task, project) = services.store.task_of_comment(id).await?.ok_or_else(comment_not_found)?;
    if let Err(refused) = may_comment(services, &intent, project).await? {
        enter(services, intent, id, task).await?;
        return Err(refused.into());
    }
    let Prose { html, mentioned } = render(&services.store, project, &body, draft.mentions).await?;
    let Entered { mut write, row, comment } = enter(services, intent, id, task).await?;
    access::check_rewrite(write.intent.user.id, &comment)?;
    let mentioned = write.tx.add_mentions(id, &mentioned).await?;
    requote(&mut write, id, &notice::quote(&row.task.title, &markdown::words(&body))).await?;
    let comment = Comment { body, html, edited_at: Some(write.at), ..comment };
    let notice = TaskNotice::Mentioned(CommentNotice { comment: id, text: markdown::words(&comment.body), mentioned });
    save(write, row, comment, Change::CommentUpdated, Some(notice)).await
}

/// Deletes one's own comment, or as an owner any comment. Its text is also removed from notifications and queued
/// letters; an undo [restores](restore) it for a while. A tombstone remains for clients that catch up.
///
/// # Errors
/// `comment_not_found`, `task_not_found` if its task is deleted, `forbidden`.
pub async fn delete(services: &Services, intent: Intent, id: CommentId) -> Result<OpResponse, ServiceError> {
    let (task, _) = services.store.task_of_comment(id).await?.ok_or_else(comment_not_found)?;
    let Entered { mut write, mut row, comment } = enter(services, intent, id, task).await?;
    access::check_deletion(write.intent.user.id, write.role, &comment)?;
    row.task.comment_count = row.task.comment_count.saturating_sub(1);
    write.tx.save_comment_count(task, row.task.comment_count).await?;
    requote(&mut write, id, &notice::quote(&row.task.title, "this comment was deleted")).await?;
    removal::store(&mut write, &key(&row, id), &comment).await?;
    let comment = Comment { body: String::new(), html: String::new(), deleted_at: Some(write.at), ..comment };
    save(write, row, comment, Change::CommentDeleted, None).await
}

/// Restores a comment that the user deleted. No one is notified again.
///
/// # Errors
/// `comment_not_found`, `task_not_found` if its task is deleted, `comment_not_deleted`, `undo_expired`, `forbidden` if
/// someone else deleted it, `too_many_comments`.
pub async fn restore(services: &Services, intent: Intent, id: CommentId) -> Result<OpResponse, ServiceError> {
    let (task, _) = services.store.task_of_comment(id).await?.ok_or_else(comment_not_found)?;
    let Entered { mut write, mut row, comment } = enter_any(services, intent, id, task).await?;
    if comment.deleted_at.is_none() {
        return Err(ApiError::new(409, "comment_not_deleted", "This comment is there.").into());
    }
    let before: Comment = removal::take(&mut write, &key(&row, id), UndoBy::Remover).await?;
    access::check_deletion(write.intent.user.id, write.role, &comment)?;
    quota::check_comments(&services.quotas, row.task.comment_count)?;
    row.task.comment_count += 1;
    write.tx.save_comment_count(task, row.task.comment_count).await?;
    write.tx.requote(id, &notice::quote(&row.task.title, &markdown::words(&before.body))).await?;
    let comment = Comment { author_name: comment.author_name, ..before };
    save(write, row, comment, Change::CommentCreated, None).await
}

fn key(row: &TaskRow, id: CommentId) -> RemovalKey {
    RemovalKey::new(row.task.project_id, "comment", id)
}

/// Previews a text as a comment.
///
/// # Errors
/// `project_not_found`, `forbidden`, `invalid` with the field.
pub async fn preview(
    store: &Store,
    user: &User,
    project: ProjectId,
    preview: Preview,
) -> Result<Rendered, ServiceError> {
    access::check(store.member_role(project, user.id).await?, Right::Comment)?;
    let body = checked(preview.body)?;
    Ok(Rendered { html: render(store, project, &body, Vec::new()).await?.html })
}

/// A write to an existing comment.
struct Entered {
    write: ProjectWrite,
    row: TaskRow,
    comment: Comment,
}

async fn enter(services: &Services, intent: Intent, id: CommentId, task: TaskId) -> Result<Entered, ServiceError> {
    let entered = enter_any(services, intent, id, task).await?;
    if entered.comment.deleted_at.is_some() {
        return Err(comment_not_found().into());
    }
    Ok(entered)
}

/// Enters a comment that may be deleted.
async fn enter_any(services: &Services, intent: Intent, id: CommentId, task: TaskId) -> Result<Entered, ServiceError> {
    let (mut write, row) =
        ProjectWrite::enter_task(services, intent, task, Right::Comment).await.map_err(|error| match error {
            // To a non-member, a comment is as invisible as its task.
            ServiceError::Refused(error) if error.status == 404 => ServiceError::Refused(comment_not_found()),
            other => other,
        })?;
    if row.deleted {
        return Err(task_not_found().into());
    }
    let comment = write.tx.comment(id).await?;
    Ok(Entered { write, row, comment: comment.ok_or_else(comment_not_found)? })
}

async fn save(
    mut write: ProjectWrite,
    row: TaskRow,
    mut comment: Comment,
    change: impl FnOnce(Commented) -> Change,
    notice: Option<TaskNotice>,
) -> Result<OpResponse, ServiceError> {
    let comment_count = row.task.comment_count;
    let Comment { id: comment_id, task_id, author_id, .. } = comment;
    comment.seq = write.record(change(Commented { comment_id, task_id, author_id, comment_count }));
    write.tx.save_comment(&comment).await?;
    if let Some(notice) = notice {
        write.notify(&row.task, &row.watchers, notice);
    }
    let watching = row.watchers.contains(write.intent.user.id);
    write.commit(200, &CommentChanged { seq: comment.seq, comment, watching }).await
}

/// Changes the comment text quoted by notifications, including in open bells.
async fn requote(write: &mut ProjectWrite, id: CommentId, quote: &str) -> Result<(), ServiceError> {
    let changed = write.tx.requote(id, quote).await?;
    let delivery = |(user, notification): (UserId, Notification)| {
        let replaces = Some(notification.id);
        Delivery { user, notification, replaces }
    };
    write.deliver(changed.into_iter().map(delivery).collect());
    Ok(())
}

/// Checks a text. The hidden part of mentions does not count.
fn checked(body: String) -> Result<String, ApiError> {
    let (plain, chosen) = mention::decode(&body);
    if chosen.len() > limit::MENTIONS {
        return Err(field::invalid("body", format!("At most {} mentions.", limit::MENTIONS)));
    }
    let markup = body.chars().count() - plain.chars().count();
    field::prose("body", body, limit::COMMENT + markup)
}

/// Whether rendering this user's text is worthwhile. The write checks again.
async fn may_comment(
    services: &Services,
    intent: &Intent,
    project: ProjectId,
) -> Result<Result<Role, ApiError>, ServiceError> {
    let role = services.store.member_role(project, intent.user.id).await?;
    Ok(access::check(role, Right::Comment))
}

/// Renders a text before the write begins, so that no other write waits for it. Runs on the blocking pool, so that no
/// socket waits either, with limited concurrency.
pub(super) async fn render(
    store: &Store,
    project: ProjectId,
    text: &str,
    chosen: Vec<UserId>,
) -> Result<Prose, ServiceError> {
    let members = if text.contains('@') { store.members(project).await? } else { Vec::new() };
    let _turn = RENDERING.acquire().await.map_err(|_| ServiceError::Internal("nothing is rendered any more"))?;
    let text = text.to_owned();
    let rendered = tokio::task::spawn_blocking(move || markdown::render(&text, &members, &chosen));
    let rendered = rendered.await.map_err(|_| ServiceError::Internal("the renderer ended"))?;
    Ok(rendered.map_err(|TooMuch| field::invalid("body", "That's too much formatting for one comment."))?)
}
