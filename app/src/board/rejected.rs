//! Refused ops: they stay listed until their author decides.

use engine::{Op, OpId, TaskId, session::RejectedOp};
use leptos::prelude::*;

use super::{refusal::words, store::BoardStore};
use crate::ui::icon::Icon;

/// The list of refused ops, each with its buttons.
#[component]
pub fn RejectedList(
    /// The board of the ops.
    store: BoardStore,
    /// The open card, which shows conflicts of its description and refused comments itself.
    open: Memo<Option<TaskId>>,
    /// Opens a card.
    show: Callback<TaskId>,
) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let open = open.get();
        let thread = store
            .thread()
            .with(|thread| thread.as_ref().filter(|thread| thread.refused.is_none()).map(|thread| thread.task));
        let elsewhere = |rejected: &RejectedOp| {
            let comment =
                rejected.comment_text().and(rejected.pending_op.op.task_id()).filter(|id| thread == Some(*id));
            open.is_none_or(|open| Some(open) != conflict(rejected).or(comment))
        };
        store
            .rejected()
            .with(|rejected| rejected.iter().filter(|rejected| elsewhere(rejected)).cloned().collect::<Vec<_>>())
    });
    move || {
        let all = shown.get();
        (!all.is_empty()).then(|| {
            let count = all.len();
            let heading =
                if count == 1 { "1 change was not made".to_owned() } else { format!("{count} changes were not made") };
            view! {
                <section class="unmade" role="region" aria-labelledby="unmade-heading" data-testid="unmade">
                    <h2 class="unmade-heading" id="unmade-heading" role="alert">
                        <Icon name="alert" />
                        {heading}
                    </h2>
                    <ul>{all.into_iter().map(|rejected| row(store, rejected, show)).collect_view()}</ul>
                </section>
            }
            .into_any()
        })
    }
}

fn row(store: BoardStore, rejected: RejectedOp, show: Callback<TaskId>) -> AnyView {
    let conflict = conflict(&rejected);
    let RejectedOp { pending_op, error, title } = rejected;
    let id = pending_op.op_id;
    let text = written(&pending_op.op).filter(|_| conflict.is_none());
    let compare = conflict.map(|task| Callback::new(move |()| show.run(task)));
    view! {
        <li class="unmade-row">
            <div>
                <p>{words(&pending_op.op, title.as_deref(), &error)}</p>
                {text.clone().map(|text| view! { <p class="unmade-text" dir="auto">{text}</p> }.into_any())}
            </div>
            {decision(store, id, text, compare)}
        </li>
    }
    .into_any()
}

/// The buttons of a refused op: try again, or compare if there are two texts; copy the text; discard.
pub(crate) fn decision(store: BoardStore, id: OpId, text: Option<String>, compare: Option<Callback<()>>) -> AnyView {
    let button = |label: &'static str, act: Callback<()>| {
        view! { <button class="button small" type="button" on:click=move |_| act.run(())>{label}</button> }.into_any()
    };
    let first = match compare {
        Some(compare) => button("Compare", compare),
        None => button("Try again", Callback::new(move |()| store.resubmit(id))),
    };
    let copy = text.map(|text| button("Copy", Callback::new(move |()| store.copy(text.clone()))));
    (first, copy, button("Discard", Callback::new(move |()| store.discard(id)))).into_any()
}

/// The task whose description another user has changed: its panel shows both texts.
fn conflict(rejected: &RejectedOp) -> Option<TaskId> {
    rejected.pending_op.op.task_id().filter(|_| rejected.error.code == "description_conflict")
}

/// The whole text that the author typed, to be copied.
fn written(op: &Op) -> Option<String> {
    op.text().filter(|text| !text.is_empty()).map(str::to_owned)
}
