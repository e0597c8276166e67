//! Modal dialogs on the browser's own `<dialog>`: it traps the focus, gives it back, and closes on Esc.

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

/// Whether a click was on the backdrop: the dialog itself, outside of its box's children.
pub fn is_backdrop(event: &ev::MouseEvent) -> bool {
    event.target() == event.current_target()
}
