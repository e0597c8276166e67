//! The comments on the open card: oldest first, live, with a field for a new one.

mod composer;
mod item;
mod mention;
mod named;
mod picker;
mod watch;
mod writing;

use engine::{
    ApiError, Comment, CommentId, Member, Op, ProjectId, Role, TaskId, Timestamp, UserId,
    comment::{CommentDraft, Thread},
    session::{RejectedOp, ThreadInput},
};
use leptos::prelude::*;

use super::{OpenCard, drafts::COMMENT};
use crate::{
    board::ShownThread,
    message::sentence,
    ui::rows::{KeyedRow, rows},
};
use composer::Composer;
use item::{item, refused_item};
use named::{gap, gone, show_the_named};
use watch::watch_button;

/// The thread of the card that was open at the first paint. From then on the live board fetches it.
pub(super) type FirstThread = Resource<Result<Option<(TaskId, Thread)>, ApiError>>;

/// The thread that the panel shows, and the ways to change it.
#[derive(Clone, Copy)]
struct Comments {
    open: OpenCard,
    thread: Memo<ShownThread>,
    /// Whether nothing can be written: by this reader, or because the card is gone.
    closed: Signal<bool>,
}

impl Comments {
    fn me(self) -> UserId {
        self.open.store.me()
    }

    fn task(self) -> TaskId {
        self.open.id
    }

    fn project(self) -> ProjectId {
        self.open.store.project_id()
    }

    fn members(self) -> Signal<Vec<Member>> {
        self.open.store.members()
    }

    fn my_name(self) -> String {
        self.open.store.member(self.me()).map(|me| me.name).unwrap_or_default()
    }

    fn now(self) -> Timestamp {
        self.open.store.now().get()
    }

    /// Tracks whether the reader can write a comment.
    fn can_write(self) -> bool {
        !self.closed.get()
    }

    fn is_owner(self) -> bool {
        self.open.store.role() == Role::Owner
    }

    /// Tracks the comments, each with whether it is pending.
    fn shown(self) -> Vec<(Comment, bool)> {
        let shown = |thread: &ShownThread| {
            let pending = |comment: &Comment| thread.pending.contains(&comment.id);
            thread.comments.iter().map(|comment| (comment.clone(), pending(comment))).collect()
        };
        self.thread.with(shown)
    }

    /// Tracks the refused comments, which wait for their author's decision.
    fn refused(self) -> Vec<RejectedOp> {
        let here =
            |rejected: &&RejectedOp| rejected.comment_text().and(rejected.pending_op.op.task_id()) == Some(self.task());
        self.open.store.rejected().with(|all| all.iter().filter(here).cloned().collect())
    }

    fn submit(self, body: String) {
        let draft = CommentDraft { id: None, body, mentions: Vec::new() };
        self.open.store.submit(Op::AddComment { task_id: self.task(), draft });
    }

    fn edit(self, comment_id: CommentId, body: String) {
        let draft = CommentDraft { id: None, body, mentions: Vec::new() };
        self.open.store.submit(Op::EditComment { task_id: self.task(), comment_id, draft });
    }

    fn delete(self, id: CommentId) {
        self.open.store.delete_comment(self.task(), id);
    }
}

/// The thread with its field, once anything of it is known.
#[component]
pub(super) fn CommentsSection(open: OpenCard, first: FirstThread, gone: RwSignal<bool>) -> impl IntoView {
    let (store, id) = (open.store, open.id);
    // Effects run in the browser only.
    Effect::new(move || {
        // Again with each connection: the page is there before the first one.
        store.link().track();
        store.send_thread_input(ThreadInput::Open(id));
    });
    on_cleanup(move || store.send_thread_input(ThreadInput::Close));
    view! {
        // A card that never existed has no comments, and the panel says that it doesn't exist.
        <section
            class="comments"
            aria-labelledby="comments-label"
            hidden=move || {
                gone.get() && store.thread().with(|thread| thread.as_ref().is_none_or(|thread| thread.comments.is_empty()))
            }
        >
            <Suspense fallback=skeleton>
                {move || Suspend::new(async move {
                    let first = first.await.ok().flatten().filter(|(task, _)| *task == id).map(|(_, thread)| thread);
                    view! { <Live open first /> }.into_any()
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

fn skeleton() -> AnyView {
    let row = || view! { <span class="skeleton comment-skeleton"></span> };
    view! {
        <h3 class="label" id="comments-label">"Comments"</h3>
        <div aria-busy="true">{[row(), row()]}</div>
    }
    .into_any()
}

/// The thread of the first paint, until the live board has a newer one.
#[component]
fn Live(open: OpenCard, first: Option<Thread>) -> impl IntoView {
    let (store, id) = (open.store, open.id);
    let first = first.map(|thread| ShownThread {
        task: id,
        comments: thread.comments,
        loaded: true,
        older: thread.more,
        watching: thread.watching,
        ..empty_thread(id)
    });
    let thread = Memo::new(move |_| {
        let newer =
            |thread: &ShownThread| thread.task == id && (thread.loaded || thread.refused.is_some() || first.is_none());
        store.thread().get().filter(newer).or_else(|| first.clone())
    });
    let refused = Memo::new(move |_| thread.with(|thread| thread.as_ref().map(|thread| thread.refused.clone())));
    move || match refused.get() {
        None => skeleton(),
        Some(Some(error)) => view! {
            <h3 class="label" id="comments-label">"Comments"</h3>
            <p class="field-error" role="alert">{sentence(&error)}</p>
        }
        .into_any(),
        Some(None) => {
            let thread = Memo::new(move |_| thread.get().unwrap_or_else(|| empty_thread(id)));
            conversation(Comments { open, thread, closed: open.locked() })
        }
    }
}

fn empty_thread(task: TaskId) -> ShownThread {
    ShownThread {
        task,
        comments: Vec::new(),
        pending: Vec::new(),
        held_up: false,
        loaded: false,
        older: false,
        fetching: false,
        gap: None,
        filling: false,
        named_gone: None,
        watching: false,
        refused: None,
    }
}

fn conversation(all: Comments) -> AnyView {
    show_the_named(all);
    let count = all.open.read(|task| task.comment_count);
    let empty = move || all.thread.with(|thread| thread.comments.is_empty()) && all.refused().is_empty();
    let loaded = move || all.thread.with(|thread| thread.loaded);
    let each = move || {
        let after = all.thread.with(|thread| thread.gap);
        let shown = all.shown().into_iter().flat_map(|(comment, pending)| {
            let id = comment.id;
            // Two edits in a row change the text under the same seq.
            let text = if pending { comment.body.as_str() } else { "" };
            let key = format!("{}-{}-{pending}-{text}", comment.id, comment.seq);
            let gap = (after == Some(id)).then(|| KeyedRow::new("gap".to_owned(), move || gap(all)));
            [KeyedRow::new(key, move || item(all, comment, pending))].into_iter().chain(gap)
        });
        let refused = all.refused().into_iter().map(|rejected| {
            let key = rejected.pending_op.op_id.to_string();
            KeyedRow::new(key, move || refused_item(all, rejected))
        });
        shown.chain(refused).collect()
    };
    view! {
        <div class="comments-head">
            <h3 class="label" id="comments-label">"Comments"</h3>
            <span class="comments-count">{move || Some(count.get()).filter(|count| *count > 0)}</span>
            <span class="header-gap"></span>
            {watch_button(all)}
        </div>
        {move || gone(all)}
        {move || all.thread.with(|thread| thread.older).then(|| earlier_button(all))}
        <ol class="comments-list" aria-labelledby="comments-label">{rows(each)}</ol>
        {move || (!loaded()).then(|| view! { <p class="quiet">"Earlier comments appear once you're connected."</p> }.into_any())}
        {move || (loaded() && empty() && !all.can_write()).then(|| view! { <p class="quiet">"No comments."</p> }.into_any())}
        {move || foot(all)}
        <p class="visually-hidden" role="status" aria-live="polite">{announcement(all)}</p>
    }
    .into_any()
}

fn earlier_button(all: Comments) -> AnyView {
    view! {
        <button
            class="button small comments-earlier"
            type="button"
            disabled=move || all.thread.with(|thread| thread.fetching)
            on:click=move |_| all.open.store.send_thread_input(ThreadInput::Older)
        >
            "Show earlier comments"
        </button>
    }
    .into_any()
}

/// The announcement of another user's new comment.
fn announcement(all: Comments) -> impl Fn() -> String {
    let last = Memo::new(move |_| {
        all.thread.with(|thread| {
            thread.comments.last().map(|last| (last.created_at, last.author_id, last.author_name.clone()))
        })
    });
    let first = last.get_untracked().map(|(at, ..)| at);
    move || match last.get() {
        Some((at, author, name)) if author != all.me() && first.is_none_or(|first| first < at) => {
            format!("{name} commented")
        }
        _ => String::new(),
    }
}

/// The field for a new comment, or the reason why comments are closed.
fn foot(all: Comments) -> AnyView {
    if all.can_write() {
        return view! {
            <Composer
                id="new-comment"
                me=all.me()
                drafts=(COMMENT, all.task().to_string())
                label="Write a comment"
                action="Comment"
                project=all.project()
                members=all.members()
                on_send=Callback::new(move |body| all.submit(body))
            />
        }
        .into_any();
    }
    let text = if all.open.task.with(Option::is_none) {
        "This card was deleted. You can't add comments."
    } else {
        "You have view-only access. To comment, ask an owner to make you an editor."
    };
    view! { <p class="comments-closed quiet">{text}</p> }.into_any()
}
