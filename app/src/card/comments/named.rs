//! The comment that the address names: loaded, however old, scrolled to, and focused.

use engine::{CommentId, session::ThreadInput};
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::{Comments, item::element_id};

/// Shows the comment that `?comment=` or `#comment-` names, after a notification or a copied link.
pub(super) fn show_the_named(all: Comments) {
    let (query, hash) = (use_query_map(), use_location().hash);
    let named = Memo::new(move |_| -> Option<CommentId> {
        // The panel of one card may be notified of the next card's address before it goes.
        let here = all.task().to_string();
        if query.with(|query| query.get_str("task") != Some(here.as_str())) {
            return None;
        }
        let of_query = query.with(|query| query.get_str("comment").and_then(|id| id.parse().ok()));
        of_query.or_else(|| hash.with(|hash| hash.trim_start_matches('#').strip_prefix("comment-")?.parse().ok()))
    });
    let store = all.open.store;
    // After the input that opens the thread, and again with each connection, like that one.
    Effect::new(move || {
        store.link().track();
        if let Some(id) = named.get() {
            store.send_thread_input(ThreadInput::Show(id));
        }
    });
    let there = Memo::new(move |_| {
        let id = named.get()?;
        all.thread.with(|thread| thread.comments.iter().any(|comment| comment.id == id)).then_some(id)
    });
    Effect::new(move || {
        let Some(id) = there.get() else { return };
        request_animation_frame(move || show(id));
    });
}

fn show(id: CommentId) {
    if let Ok(Some(before)) = document().query_selector("[data-named]") {
        let _ = before.remove_attribute("data-named");
    }
    let element = document().get_element_by_id(&element_id(id)).and_then(|found| found.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Center);
        element.scroll_into_view_with_scroll_into_view_options(&options);
        // Neither can fail: the name is valid, and the element can be focused.
        let _ = element.set_attribute("data-named", "");
        let _ = element.focus();
    }
}

/// Why the named comment cannot be shown.
pub(super) fn gone(all: Comments) -> Option<AnyView> {
    let error = all.thread.with(|thread| thread.named_gone.clone())?;
    let text = match error.code.as_ref() {
        "comment_deleted" => "The comment you followed a link to was deleted.",
        _ => "The comment you followed a link to doesn't exist.",
    };
    Some(view! { <p class="comments-closed quiet" role="status" data-testid="comment-gone">{text}</p> }.into_any())
}

/// Stands between the comments around the named one and the newest ones, while those between are not loaded.
pub(super) fn gap(all: Comments) -> AnyView {
    view! {
        <li class="comments-gap" data-testid="comments-gap">
            <button
                class="button small"
                type="button"
                disabled=move || all.thread.with(|thread| thread.filling)
                on:click=move |_| all.open.store.send_thread_input(ThreadInput::Between)
            >
                "Show more comments"
            </button>
        </li>
    }
    .into_any()
}
