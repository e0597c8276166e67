//! Dialogs on the browser's own `<dialog>`. A modal one traps the focus, gives it back, and closes on Esc; one beside
//! the page leaves the rest of the page in use.

use leptos::{ev, html, prelude::*};

/// A question before something that cannot be taken back.
#[component]
pub fn Confirm(
    /// Whether it is shown.
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
    /// The word on the button that does it.
    action: &'static str,
    /// Does it.
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

/// Shows a dialog as a modal one while `open` is true. A dialog that the server has rendered open
/// is not modal yet: it is made so.
pub fn show_while(node: NodeRef<html::Dialog>, open: Signal<bool>) {
    Effect::new(move |shown: Option<bool>| {
        let open = open.get();
        let Some(dialog) = node.get() else { return false };
        let shown = shown.unwrap_or_default();
        if open && !shown {
            if dialog.open() {
                dialog.close();
            }
            // Fails only where the dialog is not in the document, where there is nothing to show.
            return dialog.show_modal().is_ok();
        }
        if !open && dialog.open() {
            dialog.close();
        }
        open
    });
}

/// Shows a dialog beside the page, which stays in use, while there is something to show in it. The focus goes to the
/// dialog itself, so that no control is pressed by mistake, each time that this is something else, and back to where
/// it was when the dialog closes.
pub fn show_beside<T: PartialEq + Copy + Send + Sync + 'static>(node: NodeRef<html::Dialog>, what: Memo<Option<T>>) {
    Effect::new(move |before: Option<Option<T>>| {
        let what = what.get();
        let dialog = node.get()?;
        // The server has rendered it open already, and it is to stay where it is.
        if before.is_some() {
            let _ = dialog.set_attribute("data-glides", "");
        }
        if before.flatten() != what && dialog.open() {
            dialog.close();
        }
        if what.is_some() && !dialog.open() {
            dialog.show();
            // Fails only for an element that cannot have the focus.
            let _ = dialog.focus();
        }
        what
    });
}

/// Whether nothing lies above the page that has the keys for itself. In the browser only.
pub fn nothing_above() -> bool {
    matches!(document().query_selector(":popover-open, dialog:modal"), Ok(None))
}

/// Calls `leave` on Esc, wherever the focus is, unless something that lies above the page takes the key for itself.
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
