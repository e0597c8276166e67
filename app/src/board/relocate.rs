//! Moving a card without dragging it: "Move to…", and Alt with an arrow key.

use engine::{Op, Placement, StatusId, TaskId};
use leptos::{html, prelude::*};

use super::{board_state::BoardState, drag, elements};
use crate::ui::{
    dialog::show_while,
    dom,
    drag::KeyMove,
    field::{Select, send_on_enter},
    focus::restore_focus,
};

/// The "Move to…" dialog: a column, and a position in it.
pub(super) fn move_dialog(state: BoardState) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    show_while(node, Signal::derive(move || state.moving.get().is_some()));
    let close = move || {
        if let Some(card) = state.moving.get_untracked() {
            state.moving.set(None);
            restore_focus(move || state.store.focus_instead(card));
        }
    };
    view! {
        <dialog
            class="dialog move-dialog"
            node_ref=node
            aria-labelledby="move-title"
            data-for=move || state.moving.get().map(|card| card.to_string())
            on:close=move |_| close()
        >
            {move || state.moving.get().map(|card| choices(state, card, close))}
        </dialog>
    }
    .into_any()
}

fn choices(state: BoardState, card: TaskId, close: impl Fn() + Copy + Send + Sync + 'static) -> Option<AnyView> {
    let store = state.store;
    let task = store.task(card)?;
    let column = RwSignal::new(task.status_id);
    // How many cards are above it.
    let above = RwSignal::new(untrack(|| cards_above(state, task.status_id, card)));
    let columns = Signal::derive(move || {
        store.statuses().with(|all| all.iter().map(|status| (status.id.to_string(), status.name.clone())).collect())
    });
    let places = Signal::derive(move || places(state, column.get(), card));
    let choose_column = Callback::new(move |id: String| {
        if let Ok(id) = id.parse() {
            column.set(id);
            above.set(0);
        }
    });
    let choose_place = Callback::new(move |place: String| above.set(place.parse().unwrap_or_default()));
    let go = move || {
        if let Some(to) = untrack(|| placement(state, column.get(), above.get(), card)) {
            store.submit(Op::MoveTask { task_id: card, to });
        }
        close();
    };
    let view = view! {
        <form
            on:submit=move |event| {
                event.prevent_default();
                go();
            }
            on:keydown=send_on_enter
        >
            <h2 class="move-title" id="move-title">
                "Move “"{task.title.clone()}"”"
            </h2>
            <div class="field">
                <Select
                    id="move-column"
                    label="Column"
                    value=Signal::derive(move || column.get().to_string())
                    choices=columns
                    on_change=choose_column
                />
            </div>
            <div class="field">
                <Select
                    id="move-place"
                    label="Position"
                    value=Signal::derive(move || above.get().to_string())
                    choices=places
                    on_change=choose_place
                />
            </div>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| close()>
                    "Cancel"
                </button>
                <button class="button primary" type="submit">
                    "Move"
                </button>
            </div>
        </form>
    };
    Some(view.into_any())
}

/// The cards of a column without the moved one.
fn others(state: BoardState, status: StatusId, card: TaskId) -> Vec<TaskId> {
    state.store.column(status).with(|ids| ids.iter().copied().filter(|id| *id != card).collect())
}

fn cards_above(state: BoardState, status: StatusId, card: TaskId) -> usize {
    state.store.column(status).with(|ids| ids.iter().position(|id| *id == card)).unwrap_or_default()
}

fn places(state: BoardState, status: StatusId, card: TaskId) -> Vec<(String, String)> {
    let others = others(state, status, card);
    let last = others.len();
    let below = |index: usize| {
        let title = others.get(index).and_then(|id| state.store.task(*id)).map(|task| task.title.clone());
        title.unwrap_or_default()
    };
    (0..=last)
        .map(|above| {
            let words = match above {
                0 => "1 · at the top".to_owned(),
                _ if above == last => format!("{} · at the end", above + 1),
                _ => format!("{} · below {}", above + 1, below(above - 1)),
            };
            (above.to_string(), words)
        })
        .collect()
}

fn placement(state: BoardState, status: StatusId, above: usize, card: TaskId) -> Option<Placement> {
    state.store.status(status)?;
    let others = others(state, status, card);
    let above = above.min(others.len());
    Some(Placement {
        status_id: status,
        after_id: above.checked_sub(1).and_then(|index| others.get(index)).copied(),
        before_id: others.get(above).copied(),
    })
}

/// Moves a card by one gap: Alt with an arrow key.
pub(super) fn nudge(state: BoardState, card: TaskId, step: KeyMove) {
    let plan = drag::plan(state.store, card);
    let Some(origin) = plan.origin() else { return };
    let slot = plan.step(origin, step);
    if let Some(to) = plan.placement(slot).filter(|_| slot != origin) {
        state.store.submit(Op::MoveTask { task_id: card, to });
        let column = untrack(|| state.store.status(to.status_id)).map(|status| status.name).unwrap_or_default();
        state.announce(format!("{column}, position {} of {}.", slot.index + 1, plan.size(slot.lane) + 1));
        dom::next_frame(move || elements::reveal(card));
    }
}
