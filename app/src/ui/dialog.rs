//! Dialogs on the browser's own `<dialog>`. A modal one traps the focus, returns it, and closes on Escape. One beside
//! the page leaves the rest of the page in use.

use leptos::{ev, html, prelude::*};

/// A confirmation before something that cannot be undone.
#[component]
pub fn Confirm(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// The id of the dialog.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// What will happen.
    #[prop(into)]
    text: Signal<String>,
    /// The label of the button that confirms.
    action: &'static str,
    /// Called when the user confirms.
    on_confirm: Callback<()>,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    show_while(node, open.into());
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <dialog class="dialog" id=id node_ref=node aria-labelledby=labelled_by on:close=move |_| open.set(false)>
            <h2 id=title_id>{move || title.get()}</h2>
            <p>{move || text.get()}</p>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button>
                <button
                    class="button danger"
                    type="button"
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {action}
                </button>
            </div>
        </dialog>
    }
    .into_any()
}

/// Shows a dialog as a modal one while `open` is true. One that the server rendered open is not modal yet, and becomes
/// so.
pub fn show_while(node: NodeRef<html::Dialog>, open: Signal<bool>) {
    Effect::new(move |shown: Option<bool>| {
        let open = open.get();
        let Some(dialog) = node.get() else { return false };
        let shown = shown.unwrap_or_default();
        if open && !shown {
            if dialog.open() {
                dialog.close();
            }
            // Fails only for a dialog that is not in the document, where there is nothing to show.
            return dialog.show_modal().is_ok();
        }
        if !open && dialog.open() {
            dialog.close();
        }
        open
    });
}

/// Shows a dialog beside the page, which stays in use, while `open` has a value. Each new value focuses the dialog
/// itself, so that no control is pressed by mistake. Closing it returns the focus to where it was.
pub fn show_beside<T: PartialEq + Copy + Send + Sync + 'static>(node: NodeRef<html::Dialog>, what: Memo<Option<T>>) {
    Effect::new(move |before: Option<Option<T>>| {
        let what = what.get();
        let dialog = node.get()?;
        // The server has rendered it open already, and it stays where it is.
        if before.is_some() {
            let _ = dialog.set_attribute("data-glides", "");
        }
        if before.flatten() != what && dialog.open() {
            dialog.close();
        }
        if what.is_some() && !dialog.open() {
            dialog.show();
            // Fails only for an element that cannot be focused.
            let _ = dialog.focus();
        }
        what
    });
}

/// Whether no layer above the page receives the keys. In the browser only.
pub fn nothing_above() -> bool {
    matches!(document().query_selector(":popover-open, dialog:modal"), Ok(None))
}

/// Calls `leave` on Escape, wherever the focus is, unless a layer above the page receives the key.
pub fn leave_on_escape(shown: Signal<bool>, leave: impl Fn() + Copy + Send + Sync + 'static) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let meant = event.key() == "Escape" && !event.default_prevented() && shown.get_untracked();
            if meant && nothing_above() {
                leave();
            }
        });
        on_cleanup(move || handle.remove());
    });
}
