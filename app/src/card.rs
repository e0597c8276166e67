//! The task that is open beside the board: a panel on the right, on a phone a sheet from below. The board behind it stays
//! visible and live. On a wide screen the task can have the page for itself.

mod bar;
mod comments;
mod description;
mod drafts;
mod history;
mod order;
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
use drafts::LeftBehind;
use history::History;
use properties::Properties;
use title::TitleField;

use comments::FirstThread;
use unsaved::Unsaved;

/// The description of the task that is open, as it is fetched beside the board.
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
            // In the browser the live board reads it.
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

/// The open task as the board shows it, and the way to change it.
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
                // Tells when it leaves the board: the card's own signal then says nothing any more.
                store.column(task.status_id).track();
                Some(task)
            }
            None => {
                // Tells when it comes.
                store.statuses().with(|all| all.iter().for_each(|status| store.column(status.id).track()));
                None
            }
        });
        Self { store, id, task }
    }

    /// A field of it, tracked. The empty value once it is gone.
    fn read<T: Default + PartialEq + Clone + Send + Sync + 'static>(self, field: fn(&Task) -> T) -> Signal<T> {
        Signal::derive(move || self.task.with(|task| task.as_deref().map(field).unwrap_or_default()))
    }

    /// Tracks the version that the server has confirmed; `None` while a change of this page is under way.
    fn confirmed_version(self) -> Option<i64> {
        let card = self.store.card(self.id)?;
        card.with(|card| (!card.pending).then_some(card.task.version))
    }

    /// Tracks whether it cannot be changed: by this reader, or any more.
    fn locked(self) -> Signal<bool> {
        Signal::derive(move || !self.store.can_edit() || self.task.with(Option::is_none))
    }

    /// Tells the others what is being done with it.
    fn send_presence(self, mode: PresenceMode) {
        self.store.send_presence(Some(self.id), mode);
    }
}

/// The dialog, open while the address names a task.
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
    // A field is saved when it loses the focus: that must come before the panel goes. The dialog takes the focus, so
    // that it goes back from there to where it was. What has it on the board keeps it.
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

/// Closed, the panel gives the focus back to where it was. That may be gone, or was nowhere: its card then, or the one
/// that took its place.
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
    // By an effect: the fields hear of it first, while there is still something of theirs to read.
    let gone = RwSignal::new(open.task.with_untracked(Option::is_none));
    Effect::new(move || {
        let now = open.task.with(Option::is_none);
        // Only when it changes: the fields are made anew, and what is being typed in them would be lost.
        gone.maybe_update(|gone| std::mem::replace(gone, now) != now);
    });
    view! {
        <div class="task-panel">
            <PanelBar open pager close />
            <div class="task-body">
                {move || if gone.get() { view! { <Gone /><LeftBehind open /> }.into_any() } else { view! { <Fields open description /> }.into_any() }}
                // What was said about a card stays there to read when it is gone.
                <CommentsSection open first gone />
                {move || (!gone.get()).then(|| view! { <History open /> })}
            </div>
        </div>
    }
    .into_any()
}

/// What the task is.
#[component]
fn Fields(open: OpenCard, description: FirstDescription) -> impl IntoView {
    view! {
        <div class="task-title"><TitleField open /></div>
        <Properties open />
        <Suspense fallback=|| view! { <span class="skeleton description-skeleton"></span> }>
            {move || Suspend::new(async move {
                match description.await {
                    // While the next one is fetched this is still the last one.
                    Ok(Some(read)) if read.task_id == open.id => view! { <Description open read /> }.into_any(),
                    Ok(_) => ().into_any(),
                    Err(error) => view! { <Unread open description error /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// In the place of a description that could not be read. Without a connection it comes with the next one.
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

/// In the place of a task that is not on the board.
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
