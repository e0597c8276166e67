//! What is said about the open task: oldest first, live, with a field for more.

mod composer;
mod item;
mod mention;
mod picker;
mod unsaid;
mod watch;

use std::sync::Arc;

use engine::{
    ApiError, Comment, CommentId, Member, Method, ProjectId, Request, Role, TaskId, Timestamp, UserId,
    comment::{CommentChanged, CommentDraft, Thread},
    session::ThreadInput,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use super::Open;
use crate::{
    backend::Backend,
    board::{Said, fresh_id},
    dialog::Confirm,
    message::sentence,
    rows::{Row, rows},
    session::backend,
    toast::{Toast, Toasts, use_toasts},
};
use composer::{Composer, Written};
use item::{element_id, item, unsent_item};
pub(in crate::page) use unsaid::Unsaid;
use unsaid::draft_key;
use watch::watch_button;

/// The thread of the task that was open at the first paint. The live board reads it itself from then on.
pub(in crate::page) type FirstThread = Resource<Result<Option<(TaskId, Thread)>, ApiError>>;

/// The thread that the panel shows, and what can be done with it.
#[derive(Clone, Copy)]
struct Comments {
    open: Open,
    said: Memo<Said>,
    /// Whether nothing can be said here: by this reader, or any more.
    closed: Signal<bool>,
    unsaid: Unsaid,
    /// Deleted by the reader, and not yet by the server.
    hidden: RwSignal<Vec<CommentId>>,
    /// The one that its author was asked about.
    deleting: RwSignal<Option<CommentId>>,
    asking: RwSignal<bool>,
    backend: StoredValue<Arc<dyn Backend>>,
    toasts: Toasts,
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

    /// Tracks whether the reader may say something here.
    fn can_write(self) -> bool {
        !self.closed.get()
    }

    fn is_owner(self) -> bool {
        self.open.store.role() == Role::Owner
    }

    /// Tracks what there is to read.
    fn shown(self) -> Vec<Comment> {
        let hidden = self.hidden.get();
        let shown = |comment: &&Comment| !hidden.contains(&comment.id);
        self.said.with(|said| said.comments.iter().filter(shown).cloned().collect())
    }

    /// The server has answered a write with this.
    fn written(self, comment: Comment) {
        self.open.store.tell_thread(ThreadInput::Written(Box::new(comment)));
    }

    fn say(self, (body, mentions): Written) {
        let draft = CommentDraft { id: fresh_id().map(CommentId::new), body, mentions };
        self.unsaid.say(self.task(), draft);
    }

    fn ask_to_delete(self, id: CommentId) {
        self.deleting.set(Some(id));
        self.asking.set(true);
    }

    /// Takes it away at once, and puts it back where the server says no.
    fn delete(self) {
        let Some(id) = self.deleting.get_untracked() else { return };
        self.hidden.update(|hidden| hidden.push(id));
        let request = Request::new(Method::Delete, format!("/api/comments/{id}"));
        let reply = self.backend.with_value(|backend| backend.send(request));
        spawn_local(async move {
            match reply.await {
                Ok(answer) => {
                    // From text, as everything else is read.
                    if let Ok(CommentChanged { comment, .. }) = serde_json::from_str(&answer.to_string()) {
                        self.written(comment);
                    }
                }
                Err(error) => {
                    self.hidden.try_update(|hidden| hidden.retain(|other| *other != id));
                    self.toasts.show(Toast::problem(format!("The comment was not deleted. {}", sentence(&error))));
                }
            }
        });
    }
}

/// The thread with its field, once there is something of it.
#[component]
pub(super) fn CommentsSection(open: Open, first: FirstThread) -> impl IntoView {
    let (store, id) = (open.store, open.id);
    // Effects run in the browser only.
    Effect::new(move || {
        // Whatever is open when there is a connection: the page comes before it.
        store.link().track();
        store.tell_thread(ThreadInput::Open(id));
    });
    on_cleanup(move || store.tell_thread(ThreadInput::Close));
    view! {
        <section class="comments" aria-labelledby="comments-label">
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

/// What the first paint had, until the live board knows more.
#[component]
fn Live(open: Open, first: Option<Thread>) -> impl IntoView {
    let (store, id) = (open.store, open.id);
    let first = first.map(|thread| Said {
        task: id,
        comments: thread.comments,
        older: thread.more,
        fetching: false,
        watching: thread.watching,
        refused: None,
    });
    let said = Memo::new(move |_| store.thread().get().filter(|said| said.task == id).or_else(|| first.clone()));
    let refused = Memo::new(move |_| said.with(|said| said.as_ref().map(|said| said.refused.clone())));
    move || match refused.get() {
        None => skeleton(),
        Some(Some(error)) => view! {
            <h3 class="label" id="comments-label">"Comments"</h3>
            <p class="field-error" role="alert">{sentence(&error)}</p>
        }
        .into_any(),
        Some(None) => {
            let said = Memo::new(move |_| said.get().unwrap_or_else(|| nothing(id)));
            thread(Comments {
                open,
                said,
                closed: open.locked(),
                unsaid: expect_context(),
                hidden: RwSignal::new(Vec::new()),
                deleting: RwSignal::new(None),
                asking: RwSignal::new(false),
                backend: StoredValue::new(backend()),
                toasts: use_toasts(),
            })
        }
    }
}

fn nothing(task: TaskId) -> Said {
    Said { task, comments: Vec::new(), older: false, fetching: false, watching: false, refused: None }
}

fn thread(all: Comments) -> AnyView {
    show_the_named(all);
    let count = all.open.read(|task| task.comment_count);
    let unsent = move || {
        let sent = move |id| all.said.with(|said| said.comments.iter().any(|comment| comment.id == id));
        all.unsaid.of(all.task()).into_iter().filter(move |one| !sent(one.id))
    };
    let empty = move || all.shown().is_empty() && unsent().next().is_none();
    let each = move || {
        let sent = all.shown().into_iter().map(|comment| {
            let key = format!("{}-{}", comment.id, comment.seq);
            Row::new(key, move || item(all, comment))
        });
        let unsent = unsent().map(|one| {
            let key = format!("{}-{:?}", one.id, one.refused);
            Row::new(key, move || unsent_item(all, one))
        });
        sent.chain(unsent).collect()
    };
    view! {
        <div class="comments-head">
            <h3 class="label" id="comments-label">"Comments"</h3>
            <span class="comments-count">{move || Some(count.get()).filter(|count| *count > 0)}</span>
            <span class="header-gap"></span>
            {watch_button(all)}
        </div>
        {move || all.said.with(|said| said.older).then(|| earlier(all))}
        <ol class="comments-list" aria-labelledby="comments-label">{rows(each)}</ol>
        {move || (empty() && !all.can_write()).then(|| view! { <p class="quiet">"No comments."</p> }.into_any())}
        {move || foot(all)}
        <Confirm
            open=all.asking
            id="delete-comment"
            title="Delete this comment?".to_owned()
            text="It is gone for everybody, and cannot be brought back.".to_owned()
            action="Delete"
            on_confirm=Callback::new(move |()| all.delete())
        />
        <p class="visually-hidden" role="status" aria-live="polite">{news(all)}</p>
    }
    .into_any()
}

fn earlier(all: Comments) -> AnyView {
    view! {
        <button
            class="button small comments-earlier"
            type="button"
            disabled=move || all.said.with(|said| said.fetching)
            on:click=move |_| all.open.store.tell_thread(ThreadInput::Older)
        >
            "Show earlier comments"
        </button>
    }
    .into_any()
}

/// What a screen reader hears when somebody else says something.
fn news(all: Comments) -> impl Fn() -> String {
    let last = Memo::new(move |_| {
        all.said
            .with(|said| said.comments.last().map(|last| (last.created_at, last.author_id, last.author_name.clone())))
    });
    let first = last.get_untracked().map(|(at, ..)| at);
    move || match last.get() {
        Some((at, author, name)) if author != all.me() && first.is_none_or(|first| first < at) => {
            format!("{name} has commented")
        }
        _ => String::new(),
    }
}

/// The field, or why there is none.
fn foot(all: Comments) -> AnyView {
    if all.can_write() {
        return view! {
            <Composer
                id="new-comment"
                key=draft_key(all.me(), all.task())
                label="Write a comment"
                action="Comment"
                project=all.project()
                members=all.members()
                on_send=Callback::new(move |written| all.say(written))
            />
        }
        .into_any();
    }
    let text = if all.open.task.with(Option::is_none) {
        "The card is not on the board any more, so nothing can be added."
    } else {
        "You can read this project. To comment, ask an owner to make you an editor."
    };
    view! { <p class="comments-closed quiet">{text}</p> }.into_any()
}

/// Shows the comment that the address names: a notification leads to it.
fn show_the_named(all: Comments) {
    let query = use_query_map();
    let named = Memo::new(move |_| query.with(|query| query.get_str("comment").and_then(|id| id.parse().ok())));
    let there = Memo::new(move |_| {
        let id: CommentId = named.get()?;
        all.said.with(|said| said.comments.iter().any(|comment| comment.id == id)).then_some(id)
    });
    Effect::new(move || {
        let Some(id) = there.get() else { return };
        request_animation_frame(move || {
            if let Some(element) = document().get_element_by_id(&element_id(id)) {
                let options = ScrollIntoViewOptions::new();
                options.set_block(ScrollLogicalPosition::Center);
                element.scroll_into_view_with_scroll_into_view_options(&options);
                // Cannot fail: the name is valid.
                let _ = element.set_attribute("data-named", "");
            }
        });
    });
}
