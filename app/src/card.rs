//! The panel of the open card: beside the board, and on a phone a sheet from below.
//!
//! The board behind it stays visible and live. On a wide screen the card can take the whole page.

mod bar;
mod comments;
mod description;
mod drafts;
mod history;
mod others;
mod properties;
mod title;
mod unsaved;

use std::sync::Arc;

use engine::{ApiError, Task, TaskDescription, TaskId, session::Link, wire::PresenceMode};
use leptos::{html, prelude::*};

use crate::{
    board::{BoardAddress, BoardStore, CardPanel},
    message::sentence,
    session::backend,
    ui::{
        dialog::{leave_on_escape, show_beside},
        focus::nothing_has_focus,
        icon::Icon,
    },
};
use bar::{CardPager, PanelBar, is_wide};
use comments::CommentsSection;
use description::Description;
use drafts::OrphanedDrafts;
use history::History;
use properties::Properties;
use title::TitleField;

use comments::FirstThread;
use unsaved::Unsaved;

/// The description of the open card, fetched beside the board.
type FirstDescription = Resource<Result<Option<TaskDescription>, ApiError>>;

/// Fetches what the panel shows first, and returns what renders the panel once the board is there.
pub(crate) fn panel(open: Memo<Option<TaskId>>) -> CardPanel {
    let (asked, thread_source) = (backend(), backend());
    let description: FirstDescription = Resource::new(
        move || open.get(),
        move |open: Option<TaskId>| {
            let backend = asked.clone();
            async move {
                match open {
                    Some(id) => backend.description(id).await.map(Some),
                    None => Ok(None),
                }
            }
        },
    );
    let first: FirstThread = Resource::new(
        || (),
        move |()| {
            // In the browser the live board fetches it.
            let open = open.get_untracked().filter(|_| cfg!(feature = "ssr"));
            let backend = thread_source.clone();
            async move {
                match open {
                    Some(id) => backend.thread(id).await.map(|thread| Some((id, thread))),
                    None => Ok(None),
                }
            }
        },
    );
    Arc::new(move |store, address, close| {
        let unsaved = Unsaved::provide(store);
        on_cleanup(move || unsaved.stop());
        view! { <TaskDialog store open description first address close /> }.into_any()
    })
}

/// The open card as the board shows it, and the ways to change it.
#[derive(Clone, Copy)]
struct OpenCard {
    store: BoardStore,
    id: TaskId,
    /// `None` once it is no longer on the board.
    task: Memo<Option<Arc<Task>>>,
}

impl OpenCard {
    fn new(store: BoardStore, id: TaskId) -> Self {
        let task = Memo::new(move |_| match store.card(id) {
            Some(card) => {
                let task = card.with(|card| card.task.clone());
                // Notifies when the card leaves the board: its own signal no longer does.
                store.column(task.status_id).track();
                Some(task)
            }
            None => {
                // Notifies when the card comes to the board.
                store.statuses().with(|all| all.iter().for_each(|status| store.column(status.id).track()));
                None
            }
        });
        Self { store, id, task }
    }

    /// A field of the card, tracked. The default value once the card is gone.
    fn read<T: Default + PartialEq + Clone + Send + Sync + 'static>(self, field: fn(&Task) -> T) -> Signal<T> {
        Signal::derive(move || self.task.with(|task| task.as_deref().map(field).unwrap_or_default()))
    }

    /// Tracks the version that the server has confirmed. `None` while a change of this page is pending.
    fn confirmed_version(self) -> Option<i64> {
        let card = self.store.card(self.id)?;
        card.with(|card| (!card.pending).then_some(card.task.version))
    }

    /// Tracks whether the card is read-only: for this reader, or because it is gone.
    fn locked(self) -> Signal<bool> {
        Signal::derive(move || !self.store.can_edit() || self.task.with(Option::is_none))
    }

    /// Sends the reader's presence at this card to the others.
    fn send_presence(self, mode: PresenceMode) {
        self.store.send_presence(Some(self.id), mode);
    }
}

/// The dialog, open while the address names a card.
#[component]
fn TaskDialog(
    store: BoardStore,
    open: Memo<Option<TaskId>>,
    /// The description of the open task.
    description: FirstDescription,
    first: FirstThread,
    address: BoardAddress,
    close: Callback<()>,
) -> impl IntoView {
    let pager = CardPager::new(address);
    let node = NodeRef::<html::Dialog>::new();
    show_beside(node, open);
    focus_card_after(store, open);
    // A field is saved on blur, which has to happen before the panel goes. The dialog takes the focus, so that closing
    // it returns the focus to where it came from. A focused element of the board keeps the focus.
    let leave = move || {
        let dialog = node.get_untracked().filter(|dialog| dialog.matches(":focus-within").unwrap_or_default());
        if let Some(dialog) = dialog {
            // Fails only for an element that cannot have the focus.
            let _ = dialog.focus();
        }
        close.run(());
    };
    let escape = move || {
        if untrack(|| address.is_page()) && is_wide() {
            address.set_page(false);
        } else {
            leave();
        }
    };
    leave_on_escape(Signal::derive(move || open.get().is_some()), escape);
    view! {
        <dialog
            class="task-dialog"
            node_ref=node
            tabindex="-1"
            aria-labelledby="task-heading"
            open=open.get_untracked().is_some()
            data-page=move || address.is_page().then_some("")
        >
            {move || {
                let close = Callback::new(move |()| leave());
                open.get().map(|id| view! { <Panel open=OpenCard::new(store, id) description first pager close /> })
            }}
        </dialog>
        // Over the board on a phone, where the panel is a sheet.
        <div class="task-scrim" on:click=move |_| leave()></div>
    }
    .into_any()
}

/// Focuses the closed card, or the one that took its place, when the element that had the focus before is gone.
fn focus_card_after(store: BoardStore, open: Memo<Option<TaskId>>) {
    Effect::new(move |before: Option<Option<TaskId>>| {
        let now = open.get();
        if let Some(id) = before.flatten().filter(|_| now.is_none()) {
            queue_microtask(move || {
                if nothing_has_focus() {
                    store.focus_instead(id);
                }
            });
        }
        now
    });
}

#[component]
fn Panel(
    open: OpenCard,
    description: FirstDescription,
    first: FirstThread,
    pager: CardPager,
    close: Callback<()>,
) -> impl IntoView {
    let store = open.store;
    Effect::new(move || open.send_presence(PresenceMode::View));
    on_cleanup(move || store.send_presence(None, PresenceMode::View));
    // In an effect: the fields are notified first, while there is still a value to read.
    let gone = RwSignal::new(open.task.with_untracked(Option::is_none));
    Effect::new(move || {
        let now = open.task.with(Option::is_none);
        // Only on a change: rebuilding the fields would lose what is being typed in them.
        gone.maybe_update(|gone| std::mem::replace(gone, now) != now);
    });
    view! {
        <div class="task-panel">
            <PanelBar open pager close />
            <div class="task-body">
                {move || if gone.get() { view! { <Gone /><OrphanedDrafts open /> }.into_any() } else { view! { <Fields open description /> }.into_any() }}
                // The comments on a deleted card stay readable.
                <CommentsSection open first gone />
                {move || (!gone.get()).then(|| view! { <History open /> })}
            </div>
        </div>
    }
    .into_any()
}

/// The title, the properties and the description.
#[component]
fn Fields(open: OpenCard, description: FirstDescription) -> impl IntoView {
    view! {
        <div class="task-title"><TitleField open /></div>
        <Properties open />
        <Suspense fallback=|| view! { <span class="skeleton description-skeleton"></span> }>
            {move || Suspend::new(async move {
                match description.await {
                    // While the next description is fetched, the resource still holds the last one.
                    Ok(Some(read)) if read.task_id == open.id => view! { <Description open read /> }.into_any(),
                    Ok(_) => ().into_any(),
                    Err(error) => view! { <Unread open description error /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// Stands in for a description that could not be fetched. Once the page is connected, it is fetched again.
#[component]
fn Unread(open: OpenCard, description: FirstDescription, error: ApiError) -> impl IntoView {
    if error.code != "network" {
        return view! { <p class="field-error" role="alert">{sentence(&error)}</p> }.into_any();
    }
    let live = Memo::new(move |_| matches!(open.store.link().get(), Link::Live | Link::Polling));
    Effect::new(move |before: Option<bool>| {
        let live = live.get();
        if live && before == Some(false) {
            description.refetch();
        }
        live
    });
    view! {
        <section class="description">
            <h3 class="label">"Description"</h3>
            <p class="quiet">"The description appears once you're connected."</p>
        </section>
    }
    .into_any()
}

/// Stands in for a card that is not on the board.
#[component]
fn Gone() -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name="trash" />
            <h2 id="task-heading">"This card doesn't exist or was deleted"</h2>
        </div>
    }
    .into_any()
}

#[component]
fn Delete(open: OpenCard, close: Callback<()>) -> impl IntoView {
    let locked = open.locked();
    let delete = move |_| {
        close.run(());
        open.store.delete(open.id);
    };
    view! {
        <button
            class="icon-button"
            type="button"
            aria-label="Delete card"
            title="Delete card"
            hidden=move || locked.get()
            on:click=delete
        >
            <Icon name="trash" />
        </button>
    }
    .into_any()
}
