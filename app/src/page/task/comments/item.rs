//! One comment in the thread.

use engine::{
    Comment, CommentId, Method, Request, UserId,
    comment::{CommentChanged, CommentDraft},
};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{
    Comments,
    composer::{Composer, Written},
    unsaid::{Unsent, draft_key},
};
use crate::{
    avatar::Avatar,
    date::{ago, full},
    form::{FormError, Submission},
    icon::Icon,
};

/// The id of a comment's element.
pub(super) fn element_id(id: CommentId) -> String {
    format!("comment-{id}")
}

/// Who wrote it, when, what, and what its author can do about it.
pub(super) fn item(all: Comments, comment: Comment) -> AnyView {
    let id = comment.id;
    let editing = RwSignal::new(false);
    // What is being saved, until the server has rendered it.
    let saving = RwSignal::new(None::<String>);
    let submission = Submission::idle();
    let done = Callback::new(move |answer: Value| {
        saving.set(None);
        // From text, as everything else is read.
        if let Ok(CommentChanged { comment, .. }) = serde_json::from_str(&answer.to_string()) {
            all.written(comment);
        }
    });
    let save = Callback::new(move |(body, mentions): Written| {
        editing.set(false);
        saving.set(Some(body.clone()));
        let draft = CommentDraft { id: None, body, mentions };
        submission.send(Request::new(Method::Patch, format!("/api/comments/{id}")).json(json!(draft)), done);
    });
    let cancel = Callback::new(move |()| editing.set(false));
    let body = comment.body.clone();
    let html = comment.html.clone();
    let text = move || {
        // What was refused goes back to where it can be changed.
        let refused = submission.error_beside(&[]).is_some();
        if editing.get() || refused {
            let initial = if refused { saving.get_untracked() } else { None };
            view! {
                <Composer
                    id=format!("edit-{id}")
                    key=draft_key(all.me(), id)
                    initial=initial.unwrap_or_else(|| body.clone())
                    label="Edit comment"
                    action="Save"
                    project=all.project()
                    members=all.members()
                    on_send=save
                    on_cancel=Callback::new(move |()| {
                        submission.forget();
                        saving.set(None);
                        cancel.run(());
                    })
                />
                <FormError submission />
            }
            .into_any()
        } else if let Some(text) = saving.get() {
            view! { <p class="comment-plain comment-pending">{text}</p> }.into_any()
        } else {
            // Rendered and sanitised by the server.
            view! { <div class="prose" inner_html=html.clone()></div> }.into_any()
        }
    };
    let own = comment.author_id == all.me();
    let actions = move || {
        let (edit, delete) = (own && all.can_write(), all.can_write() && (own || all.is_owner()));
        view! {
            <span class="comment-actions" hidden=move || editing.get()>
                {edit.then(|| button("Edit comment", "pencil", Callback::new(move |()| editing.set(true))))}
                {delete.then(|| button("Delete comment", "trash", Callback::new(move |()| all.ask_to_delete(id))))}
            </span>
        }
        .into_any()
    };
    let edited =
        comment.edited_at.map(|at| view! { <span class="comment-edited" title=full(at)>"edited"</span> }.into_any());
    let at = comment.created_at;
    view! {
        <li class="comment" id=element_id(id) data-testid="comment">
            <Avatar user=comment.author_id name=comment.author_name.clone() decorative=true />
            <div class="comment-main">
                <div class="comment-head">
                    <span class="comment-author">{author(all, comment.author_id, &comment.author_name)}</span>
                    <time class="comment-time" datetime=at.to_string() title=full(at)>{move || ago(at, all.now())}</time>
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

/// A name, with a word for those who have left.
fn author(all: Comments, user: UserId, name: &str) -> String {
    let left = all.members().with(|members| !members.iter().any(|member| member.user_id == user && !member.former));
    if left { format!("{name} (former member)") } else { name.to_owned() }
}

/// One that the server does not have yet.
pub(super) fn unsent_item(all: Comments, one: Unsent) -> AnyView {
    let Unsent { id, draft, refused, .. } = one;
    let unsaid = all.unsaid;
    let state = match refused {
        Some(reason) => view! {
            <p class="comment-refused" role="alert">
                <Icon name="alert" />
                <span>{format!("Not sent. {reason}")}</span>
            </p>
            <div class="form-actions">
                <button class="button small" type="button" on:click=move |_| unsaid.again(id)>"Try again"</button>
                <button class="button small" type="button" on:click=move |_| unsaid.remove(id)>"Discard"</button>
            </div>
        }
        .into_any(),
        None => {
            let text = move || {
                if unsaid.is_connected() { "Sending…" } else { "Kept here. It is sent once you are connected again." }
            };
            view! { <p class="hint" role="status">{text}</p> }.into_any()
        }
    };
    view! {
        <li class="comment" data-testid="comment-unsent">
            <Avatar user=all.me() name=all.my_name() decorative=true />
            <div class="comment-main">
                <div class="comment-head">
                    <span class="comment-author">{all.my_name()}</span>
                </div>
                <p class="comment-plain comment-pending">{draft.body}</p>
                {state}
            </div>
        </li>
    }
    .into_any()
}
