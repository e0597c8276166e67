//! The bar on top of the panel: the breadcrumb, who else is here, the neighbouring cards, and actions on the card.

use engine::TaskId;
use leptos::{ev, prelude::*, task::spawn_local};
use leptos_router::components::A;

use super::{Delete, OpenCard, others::OthersHere};
use crate::{
    board::{BoardAddress, filter::BoardFilter},
    message::sentence,
    session::backend,
    ui::{
        dialog::nothing_above,
        dom::{find, focus},
        field::shortcut,
        icon::Icon,
        toast::{Toast, use_toasts},
    },
};

/// From this width on, a card can take the whole page: as in `style/task.css`.
const WIDE: &str = "(min-width: 75rem)";

/// Whether a card can take the whole page here. In the browser only.
pub(super) fn is_wide() -> bool {
    window().match_media(WIDE).ok().flatten().is_some_and(|query| query.matches())
}

/// Navigates the panel to the neighbouring cards. Outlives the panel of one card.
#[derive(Clone, Copy)]
pub(super) struct CardPager {
    address: BoardAddress,
    /// The button that led to the card that is open now: it gets the focus back.
    pressed: StoredValue<Option<Neighbour>>,
}

impl CardPager {
    pub(super) fn new(address: BoardAddress) -> Self {
        Self { address, pressed: StoredValue::new(None) }
    }

    fn step(self, to: Option<TaskId>, pressed: Option<Neighbour>) {
        if let Some(id) = to {
            self.pressed.set_value(pressed);
            // The focused field is saved on blur, while it still exists.
            if let Some(dialog) = find("dialog.task-dialog[open]:focus-within") {
                focus(&dialog);
            }
            self.address.show(id);
        }
    }
}

#[component]
pub(super) fn PanelBar(open: OpenCard, pager: CardPager, close: Callback<()>) -> impl IntoView {
    let address = pager.address;
    let is_page = Memo::new(move |_| address.is_page());
    // The buttons' shortcuts, wherever the focus is.
    let filter = use_context::<BoardFilter>();
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let step = match shortcut(&event).filter(|_| !event.shift_key() && nothing_above()) {
                Some('j') => Neighbour::After,
                Some('k') => Neighbour::Before,
                _ => return,
            };
            event.prevent_default();
            pager.step(untrack(|| neighbour(open, filter, step)), None);
        });
        on_cleanup(move || handle.remove());
    });
    let width = move || if is_page.get() { "Show beside the board" } else { "Show as a page" };
    view! {
        <div class="task-bar">
            <Breadcrumb open address />
            <OthersHere open />
            <span class="header-gap"></span>
            {step_button(open, filter, pager, Neighbour::Before)}
            {step_button(open, filter, pager, Neighbour::After)}
            <CopyLink open address />
            <button
                class="icon-button task-width"
                type="button"
                aria-label=width
                title=width
                on:click=move |_| address.set_page(!is_page.get_untracked())
            >
                {move || if is_page.get() { view! { <Icon name="panel" /> } } else { view! { <Icon name="expand" /> } }}
            </button>
            <Delete open close />
            <button class="icon-button" type="button" aria-label="Close" title="Close (Esc)" on:click=move |_| close.run(())>
                <Icon name="close" />
            </button>
        </div>
    }
    .into_any()
}

/// The breadcrumb: the project and the column.
#[component]
fn Breadcrumb(open: OpenCard, address: BoardAddress) -> impl IntoView {
    let store = open.store;
    let column = Memo::new(move |_| {
        let status = open.task.with(|task| task.as_ref().map(|task| task.status_id))?;
        store.status(status).map(|status| (status.name, status.color))
    });
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <li class="crumb-project" dir="auto">
                    <A href=address.board_path()>{move || store.project().with(|project| project.name.clone())}</A>
                </li>
                {move || {
                    column
                        .get()
                        .map(|(name, color)| {
                            view! {
                                <li class="crumb-column" data-testid="crumb-column">
                                    <svg class="column-dot" viewBox="0 0 10 10" aria-hidden="true">
                                        <circle cx="5" cy="5" r="4" fill=color />
                                    </svg>
                                    <span dir="auto">{name}</span>
                                </li>
                            }
                                .into_any()
                        })
                }}
            </ol>
        </nav>
    }
    .into_any()
}

fn step_button(open: OpenCard, filter: Option<BoardFilter>, pager: CardPager, step: Neighbour) -> AnyView {
    let to = Memo::new(move |_| neighbour(open, filter, step));
    let (label, title, icon, mark) = match step {
        Neighbour::Before => ("Previous card", "Previous card (K)", "chevron-up", "data-card-before"),
        Neighbour::After => ("Next card", "Next card (J)", "chevron-down", "data-card-after"),
    };
    // The panel is rebuilt for each card, and takes the focus. Returning it lets a keyboard user press the button
    // again.
    Effect::new(move |_| {
        if pager.pressed.get_value() == Some(step) {
            pager.pressed.set_value(None);
            if let Some(button) = find(&format!("[{mark}]")) {
                focus(&button);
            }
        }
    });
    view! {
        <button
            class="icon-button"
            type="button"
            aria-label=label
            title=title
            // Not `disabled`: it may have the focus.
            aria-disabled=move || to.get().is_none().then_some("true")
            data-card-before=(step == Neighbour::Before).then_some("")
            data-card-after=(step == Neighbour::After).then_some("")
            on:click=move |_| pager.step(to.get_untracked(), Some(step))
        >
            <Icon name=icon />
        </button>
    }
    .into_any()
}

#[component]
fn CopyLink(open: OpenCard, address: BoardAddress) -> impl IntoView {
    let (backend, toasts) = (backend(), use_toasts());
    let copy = move |_| {
        let reply = backend.copy_text(address.link(open.id));
        spawn_local(async move {
            toasts.show(match reply.await {
                Ok(()) => Toast::done("Link copied"),
                Err(error) => Toast::problem(sentence(&error)),
            });
        });
    };
    view! {
        <button class="icon-button" type="button" aria-label="Copy link" title="Copy link" on:click=copy>
            <Icon name="link" />
        </button>
    }
    .into_any()
}

/// One of the two neighbours of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Neighbour {
    /// The one before it.
    Before,
    /// The one after it.
    After,
}

/// Tracks a neighbour of the open card, among the cards that the filter shows. `None` at the ends, and when the open
/// card is gone.
fn neighbour(open: OpenCard, filter: Option<BoardFilter>, step: Neighbour) -> Option<TaskId> {
    let store = open.store;
    let columns = store.statuses().with(|all| all.iter().map(|status| store.column(status.id)).collect::<Vec<_>>());
    let cards: Vec<TaskId> = columns.iter().flat_map(|column| column.get()).collect();
    let at = cards.iter().position(|id| *id == open.id)?;
    let is_shown = |id: &&TaskId| {
        filter.is_none_or(|filter| {
            !filter.is_active() || store.card(**id).is_some_and(|card| card.with(|card| filter.shows(&card.task)))
        })
    };
    match step {
        Neighbour::Before => cards[..at].iter().rev().find(is_shown),
        Neighbour::After => cards[at + 1..].iter().find(is_shown),
    }
    .copied()
}
