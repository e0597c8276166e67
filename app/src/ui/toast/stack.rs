//! The stack of toasts, and how long each lasts.

use std::time::Duration;

use leptos::{html, leptos_dom::helpers::TimeoutHandle, prelude::*};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::{Event, FocusEvent, HtmlElement};

use super::{Toast, Toasts, Tone, undo, use_toasts};
use crate::ui::{
    dom::{find, focus, next_frame},
    dom_listener::{DomListener, Phase},
    focus::restore_focus,
};

/// The least time of a toast after the pointer or the focus has left it.
const LINGER: Duration = Duration::from_secs(3);
/// Between the stack and what is above it, in CSS pixels.
const APART: i32 = 24;

/// Where the focus was before it came to the toasts.
type FocusOrigin = StoredValue<Option<SendWrapper<HtmlElement>>>;

/// The page's toasts, the newest at the foot. Rendered once, at the end of the body. All of them wait while the pointer
/// or the focus is on one. The page keeps their room free (`--toasts`), so that they cover no button.
#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = use_toasts();
    let node = NodeRef::<html::Div>::new();
    let (pointed, focused) = (RwSignal::new(false), RwSignal::new(false));
    let held = Memo::new(move |_| pointed.get() || focused.get());
    let origin: FocusOrigin = StoredValue::new(None);
    let measure = move || {
        if let Some(stack) = node.try_get_untracked().flatten() {
            reserve(stack.offset_height());
        }
    };
    Effect::new(move |_| {
        toasts.0.track();
        next_frame(move || {
            measure();
            // A removed toast takes the pointer and the focus with it, and browsers send no event for that.
            if let Some(stack) = node.try_get_untracked().flatten() {
                pointed.set(stack.matches(":hover").unwrap_or_default());
                focused.set(stack.matches(":focus-within").unwrap_or_default());
                stack.set_scroll_top(0);
            }
        });
    });
    Effect::new(move |_| {
        let listener = DomListener::on(&window(), "resize", Phase::Bubble, move |_: &Event| measure());
        let listener = SendWrapper::new(listener);
        on_cleanup(move || drop(listener));
    });
    let came = move |event: FocusEvent| {
        let from = event.related_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
        // Only from outside the stack: within, the origin stays the same.
        if let Some(from) = from.filter(|from| from.closest(".toasts").ok().flatten().is_none()) {
            origin.set_value(Some(SendWrapper::new(from)));
        }
        focused.set(true);
    };
    undo::listen(toasts);
    let newest_first = move || toasts.0.with(|all| all.iter().rev().cloned().collect::<Vec<_>>());
    view! {
        <div
            class="toasts"
            role="region"
            aria-label="Messages"
            aria-live="polite"
            aria-relevant="additions"
            aria-atomic="false"
            node_ref=node
            on:pointerenter=move |_| pointed.set(true)
            on:pointerleave=move |_| pointed.set(false)
            on:focusin=came
            on:focusout=move |_| focused.set(false)
        >
            <For each=newest_first key=|toast| toast.id children=move |toast| view! { <Item toasts toast held origin/> }/>
        </div>
    }
}

/// Sets the room that the stack takes.
fn reserve(height: i32) {
    let Some(root) = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok()) else { return };
    // None of these can fail: the names are valid.
    if height == 0 {
        let _ = root.remove_attribute("data-toasts");
        let _ = root.style().remove_property("--toasts");
    } else {
        let _ = root.style().set_property("--toasts", &format!("{}px", height + APART));
        let _ = root.set_attribute("data-toasts", "");
    }
}

#[component]
fn Item(toasts: Toasts, toast: Toast, held: Memo<bool>, origin: FocusOrigin) -> impl IntoView {
    let left = StoredValue::new(toast.duration());
    let Toast { id, tone, text, action, undo } = toast;
    let node = NodeRef::<html::Div>::new();
    let timer = StoredValue::new(None::<(TimeoutHandle, f64)>);
    let hold = move || {
        if let Some(Some((handle, since))) = timer.try_update_value(Option::take) {
            handle.clear();
            let passed = Duration::from_millis((js_sys::Date::now() - since).max(0.0) as u64);
            left.update_value(|left| *left = left.saturating_sub(passed).max(LINGER));
        }
    };
    Effect::new(move |_| {
        if held.get() {
            return hold();
        }
        let Some(lasts) = left.try_get_value() else { return };
        let handle = set_timeout_with_handle(move || toasts.expire(id), lasts).ok();
        timer.set_value(handle.map(|handle| (handle, js_sys::Date::now())));
    });
    on_cleanup(hold);
    // The focus goes to the next toast, or to where it came from, rather than to the body.
    let close = move || {
        let focused = node.get_untracked().is_some_and(|node| node.matches(":focus-within").unwrap_or_default());
        toasts.close(id);
        if focused {
            restore_focus(move || {
                let before = origin.try_get_value().flatten().filter(|element| element.is_connected());
                match (find(".toast button"), before) {
                    (Some(button), _) => focus(&button),
                    (None, Some(before)) => focus(&before),
                    (None, None) => {}
                }
            });
        }
    };
    view! {
        <div class="toast" class:toast-problem=tone == Tone::Problem data-testid="toast" node_ref=node>
            {(tone == Tone::Problem)
                .then(|| view! {
                    <svg class="toast-mark" viewBox="0 0 16 16" aria-hidden="true">
                        <path d="M8 2.2 14.4 13.4H1.6Z M8 6.4v3.2 M8 11.4v.1"/>
                    </svg>
                }.into_any())}
            <span class="toast-text">{text}</span>
            {action
                .map(|action| view! {
                    <button
                        class="toast-action"
                        type="button"
                        data-undo=undo.then(|| id.to_string())
                        aria-keyshortcuts=undo.then_some("Control+Z Meta+Z")
                        on:click=move |_| {
                            close();
                            (action.run)();
                        }
                    >
                        {action.label}
                    </button>
                }.into_any())}
            <button class="toast-close" type="button" aria-label="Dismiss" on:click=move |_| close()>
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M4 4l8 8M12 4l-8 8"/>
                </svg>
            </button>
        </div>
    }
}
