//! One comment in the thread.

use engine::{Comment, CommentId, Op, UserId, mention::plain, session::RejectedOp};
use leptos::prelude::*;

use super::{Comments, composer::Composer};
use crate::{
    board::decision,
    date::{ago, full},
    message::sentence,
    ui::{avatar::Avatar, icon::Icon},
};

/// The name of drafts of an edited comment.
const EDIT: &str = "comment-edit";

/// The id of a comment's element.
pub(super) fn element_id(id: CommentId) -> String {
    format!("comment-{id}")
}

/// One comment: author, time, text, and its author's buttons.
pub(super) fn item(all: Comments, comment: Comment, pending: bool) -> AnyView {
    let id = comment.id;
    let editing = RwSignal::new(false);
    let save = Callback::new(move |body: String| {
        editing.set(false);
        all.edit(id, body);
    });
    let body = comment.body.clone();
    let html = comment.html.clone();
    let text = move || {
        if editing.get() {
            view! {
                <Composer
                    id=format!("edit-{id}")
                    me=all.me()
                    drafts=(EDIT, id.to_string())
                    initial=body.clone()
                    label="Edit comment"
                    action="Save"
                    project=all.project()
                    members=all.members()
                    on_send=save
                    on_cancel=Callback::new(move |()| editing.set(false))
                />
            }
            .into_any()
        } else if pending {
            let state = move || {
                if all.thread.with(|thread| thread.held_up) {
                    "Kept in this browser. It's sent once you're connected again."
                } else {
                    "Sending…"
                }
            };
            view! {
                <p class="comment-plain comment-pending" dir="auto">{plain(&body)}</p>
                <p class="hint" role="status">{state}</p>
            }
            .into_any()
        } else {
            // Rendered and sanitised by the server.
            view! { <div class="prose" dir="auto" inner_html=html.clone()></div> }.into_any()
        }
    };
    let own = comment.author_id == all.me();
    let actions = move || {
        let (edit, delete) = (own && all.can_write(), all.can_write() && (own || all.is_owner()));
        view! {
            <span class="comment-actions" hidden=move || editing.get()>
                {edit.then(|| button("Edit comment", "pencil", Callback::new(move |()| editing.set(true))))}
                {delete.then(|| button("Delete comment", "trash", Callback::new(move |()| all.delete(id))))}
            </span>
        }
        .into_any()
    };
    let edited =
        comment.edited_at.map(|at| view! { <span class="comment-edited" title=full(at)>"edited"</span> }.into_any());
    let at = comment.created_at;
    let link = format!("/projects/{}?task={}&comment={id}", all.project(), all.task());
    // A comment that the server does not have yet has no link.
    let testid = if comment.seq == 0 { "comment-unsent" } else { "comment" };
    view! {
        <li class="comment" id=element_id(id) tabindex="-1" data-testid=testid data-pending=pending.then_some("")>
            <Avatar user=comment.author_id name=comment.author_name.clone() decorative=true />
            <div class="comment-main">
                <div class="comment-head">
                    <span class="comment-author">{author(all, comment.author_id, &comment.author_name)}</span>
                    <a class="comment-time" href=link data-noscroll="" title=full(at)>
                        <time datetime=at.to_string()>{move || ago(at, all.now())}</time>
                    </a>
                    {edited}
                    {move || actions()}
                </div>
                {move || text()}
            </div>
        </li>
    }
    .into_any()
}

fn button(label: &'static str, icon: &'static str, act: Callback<()>) -> AnyView {
    view! {
        <button class="icon-button comment-button" type="button" aria-label=label title=label on:click=move |_| act.run(())>
            <Icon name=icon />
        </button>
    }
    .into_any()
}

/// The author's name, with a note for former members.
fn author(all: Comments, user: UserId, name: &str) -> String {
    let left = all.members().with(|members| !members.iter().any(|member| member.user_id == user && !member.former));
    if left { format!("{name} (former member)") } else { name.to_owned() }
}

/// A text that the server refused: a new comment, or an edit of one.
pub(super) fn refused_item(all: Comments, rejected: RejectedOp) -> AnyView {
    let text = rejected.comment_text().unwrap_or_default().to_owned();
    let RejectedOp { pending_op, error, .. } = rejected;
    let what = if matches!(pending_op.op, Op::EditComment { .. }) { "This edit wasn't saved." } else { "Not sent." };
    view! {
        <li class="comment" data-testid="comment-unsent">
            <Avatar user=all.me() name=all.my_name() decorative=true />
            <div class="comment-main">
                <div class="comment-head">
                    <span class="comment-author">{all.my_name()}</span>
                </div>
                <p class="comment-plain comment-pending" dir="auto">{plain(&text)}</p>
                <p class="comment-refused" role="alert">
                    <Icon name="alert" />
                    <span>{format!("{what} {}", sentence(&error))}</span>
                </p>
                <div class="form-actions">{decision(all.open.store, pending_op.op_id, Some(plain(&text)), None)}</div>
            </div>
        </li>
    }
    .into_any()
}
