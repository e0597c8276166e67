//! Where toasts stand, and how long.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

use super::{Toast, Toasts, Tone, undo, use_toasts};

const READ: Duration = Duration::from_secs(6);
/// After the pointer or the focus has left it.
const LINGER: Duration = Duration::from_secs(3);
/// What a toast waits for.
const POINTER: usize = 0;
const FOCUS: usize = 1;

/// The page's toasts. Once, at the end of the body.
#[component]
pub fn ToastStack() -> impl IntoView {
    let toasts = use_toasts();
    undo::listen(toasts);
    view! {
        <div class="toasts" role="region" aria-label="Messages">
            <For each=move || toasts.0.get() key=|toast| toast.id children=move |toast| view! { <Item toasts toast/> }/>
        </div>
    }
}

#[component]
fn Item(toasts: Toasts, toast: Toast) -> impl IntoView {
    let Toast { id, tone, text, action, undo } = toast;
    let (read, linger) = if undo { (undo::STAYS, undo::STAYS) } else { (READ, LINGER) };
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let hold = move || {
        if let Some(Some(handle)) = timer.try_update_value(Option::take) {
            handle.clear();
        }
    };
    let leave = move |after: Duration| {
        hold();
        timer.try_set_value(set_timeout_with_handle(move || toasts.close(id), after).ok());
    };
    // It waits while the pointer is on it or the focus is in it.
    let wanted = StoredValue::new([false; 2]);
    let want = move |by: usize, on: bool| {
        wanted.update_value(|wanted| wanted[by] = on);
        if wanted.try_get_value().unwrap_or_default().contains(&true) { hold() } else { leave(linger) }
    };
    Effect::new(move |_| leave(read));
    on_cleanup(hold);
    let role = if tone == Tone::Problem { "alert" } else { "status" };
    view! {
        <div
            class="toast"
            class:toast-problem=tone == Tone::Problem
            data-testid="toast"
            role=role
            on:pointerenter=move |_| want(POINTER, true)
            on:pointerleave=move |_| want(POINTER, false)
            on:focusin=move |_| want(FOCUS, true)
            on:focusout=move |_| want(FOCUS, false)
        >
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
                            toasts.close(id);
                            (action.run)();
                        }
                    >
                        {action.label}
                    </button>
                }.into_any())}
            <button class="toast-close" type="button" aria-label="Dismiss" on:click=move |_| toasts.close(id)>
                <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                    <path d="M4 4l8 8M12 4l-8 8"/>
                </svg>
            </button>
        </div>
    }
}
