//! The banner when the connection has ended for good.

use engine::session::Link;
use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::{
    page::sign_in_address,
    ui::{dom::next_frame, icon::Icon},
};

/// The banner above the board. The open card is placed below it, however many lines it has (`--banner`).
pub(crate) fn ending(link: Link) -> Option<AnyView> {
    let (text, action) = match link {
        Link::SignedOut => ("You're signed out. Sign in to continue.", "Sign in"),
        Link::NoAccess => ("You're no longer a member of this project.", "All projects"),
        Link::Outdated => ("Update available. Your changes are saved.", "Reload"),
        // Every page shows a notice for `OtherUser` already.
        Link::Connecting | Link::Live | Link::Reconnecting { .. } | Link::Polling | Link::Offline | Link::OtherUser => {
            return None;
        }
    };
    let location = use_location();
    let href = move || match link {
        Link::SignedOut => sign_in_address(&location.pathname.get(), &location.search.get()),
        Link::NoAccess => "/".to_owned(),
        _ => String::new(),
    };
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        node.track();
        next_frame(move || {
            if let Some(banner) = node.try_get_untracked().flatten() {
                set_height(Some(banner.offset_height()));
            }
        });
    });
    on_cleanup(|| set_height(None));
    let view = view! {
        <div class="notice wait banner ending" role="alert" node_ref=node>
            <Icon name="alert" />
            <p>{text}</p>
            // A new document: everything in this one belongs to a session, a membership or a build that has ended.
            <a class="button" href=href rel="external">{action}</a>
        </div>
    };
    Some(view.into_any())
}

/// In the browser only.
fn set_height(height: Option<i32>) {
    if cfg!(feature = "ssr") {
        return;
    }
    let Some(root) = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok()) else { return };
    // Neither can fail: the name is valid.
    let _ = match height {
        Some(height) => root.style().set_property("--banner", &format!("{height}px")),
        None => root.style().remove_property("--banner").map(drop),
    };
}
