//! Changes that were not carried out after all: they stay in sight until their author decides.

use engine::{Op, OpId, TaskId, session::RejectedOp};
use leptos::prelude::*;

use super::{refusal::words, store::BoardStore};
use crate::ui::icon::Icon;

/// What was refused while nobody looked, each with what can be done about it.
#[component]
pub fn RejectedList(
    /// The board that it was meant for.
    store: BoardStore,
    /// The open task, which shows the conflict of its description and its comments itself.
    open: Memo<Option<TaskId>>,
    /// Opens a task.
    show: Callback<TaskId>,
) -> impl IntoView {
    let shown = Memo::new(move |_| {
        let open = open.get();
        let thread = store
            .thread()
            .with(|thread| thread.as_ref().filter(|thread| thread.refused.is_none()).map(|thread| thread.task));
        let elsewhere = |rejected: &RejectedOp| {
            let comment = rejected.comment_text().and(rejected.wish.op.task_id()).filter(|id| thread == Some(*id));
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
    let RejectedOp { wish, error, title } = rejected;
    let id = wish.op_id;
    let text = written(&wish.op).filter(|_| conflict.is_none());
    let compare = conflict.map(|task| Callback::new(move |()| show.run(task)));
    view! {
        <li class="unmade-row">
            <div>
                <p>{words(&wish.op, title.as_deref(), &error)}</p>
                {text.clone().map(|text| view! { <p class="unmade-text" dir="auto">{text}</p> }.into_any())}
            </div>
            {decision(store, id, text, compare)}
        </li>
    }
    .into_any()
}

/// What the author of a refused op can do: try it again, or compare where there is something to compare with; copy
/// what they typed; discard it.
pub(crate) fn decision(store: BoardStore, id: OpId, text: Option<String>, compare: Option<Callback<()>>) -> AnyView {
    let button = |label: &'static str, act: Callback<()>| {
        view! { <button class="button small" type="button" on:click=move |_| act.run(())>{label}</button> }.into_any()
    };
    let first = match compare {
        Some(compare) => button("Compare", compare),
        None => button("Try again", Callback::new(move |()| store.again(id))),
    };
    let copy = text.map(|text| button("Copy", Callback::new(move |()| store.copy(text.clone()))));
    (first, copy, button("Discard", Callback::new(move |()| store.discard(id)))).into_any()
}

/// The task whose description somebody else has changed: both texts are in its panel.
fn conflict(rejected: &RejectedOp) -> Option<TaskId> {
    rejected.wish.op.task_id().filter(|_| rejected.error.code == "description_conflict")
}

/// What the author typed, whole: it can be copied from here, whatever becomes of the change.
fn written(op: &Op) -> Option<String> {
    op.text().filter(|text| !text.is_empty()).map(str::to_owned)
}
