//! The page of one board: its header, the board, and the panel of the open card.

mod address;
mod ending;
mod filter_address;
mod filter_bar;

use std::sync::Arc;

use engine::{Day, Snapshot, TaskId, Timestamp, User};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::A, hooks::use_query_map};

use super::{
    BoardStore, BoardView, ConnectionPill, MemberFaces, RejectedList,
    filter::{BoardFilter, FilterQuery},
    focus_board, open_board,
};
use crate::{
    header::{AccountMenu, Bell, Home, OversightLink, skip_link},
    page::{no_such_project, problem, project_in_address, to_sign_in},
    session::{AuthSession, backend},
    ui::{avatar::Hues, icon::Icon},
};
use address::open_task;
use filter_address::{find_descriptions, follow_address};
use filter_bar::{FilterBar, FilterToggle};

pub(crate) use address::BoardAddress;
pub(crate) use ending::ending;

/// Renders the panel of the open card: takes the board's store and address, and a callback that closes it.
pub(crate) type CardPanel = Arc<dyn Fn(BoardStore, BoardAddress, Callback<()>) -> AnyView + Send + Sync>;

/// `/projects/:id`, with the panel of the card that `?task=…` names.
///
/// `panel` starts to fetch what the panel shows first. It is a parameter, so that the board does not depend on the
/// card's feature.
pub(crate) fn board(panel: fn(Memo<Option<TaskId>>) -> CardPanel) -> AnyView {
    let session = AuthSession::expect();
    let project = project_in_address();
    let (open, query) = (open_task(), use_query_map());

    let api = backend();
    // The time and the date come with the snapshot, so that the server and the browser render the same words.
    let page = Resource::new(
        move || project.get(),
        move |project| {
            // Only the initial text: afterwards the filter searches by itself.
            let text = untrack(|| query.with(FilterQuery::parse)).text;
            let backend = api.clone();
            async move {
                let snapshot = backend.board(project.ok_or_else(no_such_project)?).await?;
                let now = backend.now();
                let today = backend.today().await.unwrap_or(Day::utc(now));
                // If the search fails, only titles are filtered.
                let found = match text.trim() {
                    "" => None,
                    _ => backend.search(snapshot.project.id, text).await.ok(),
                };
                Ok((snapshot, now, today, found))
            }
        },
    );
    let panel = panel(open);
    view! {
        <Suspense fallback=skeleton>
            {move || {
                let panel = panel.clone();
                Suspend::new(async move {
                match (session.user().await, page.await) {
                    (Ok(Some(me)), Ok((snapshot, now, today, found))) => {
                        view! { <OpenBoard snapshot now today found me open panel /> }.into_any()
                    }
                    (Ok(None), _) => to_sign_in(),
                    (Err(error), _) | (_, Err(error)) => problem::view(&error),
                }
            })}}
        </Suspense>
    }
    .into_any()
}

/// The outline of a board, while it is fetched.
fn skeleton() -> AnyView {
    let columns = [4, 3, 5, 2].map(|cards| {
        view! {
            <div class="column-skeleton">
                <span class="skeleton head"></span>
                {(0..cards).map(|_| view! { <span class="skeleton card"></span> }).collect_view()}
            </div>
        }
    });
    view! {
        <div class="board-page" aria-busy="true">
            <div class="header"></div>
            <main id="main" class="board-skeleton">
                <h1 class="visually-hidden">"Loading the board"</h1>
                {columns.into_iter().collect_view()}
            </main>
        </div>
    }
    .into_any()
}

#[component]
fn OpenBoard(
    snapshot: Snapshot,
    now: Timestamp,
    today: Day,
    found: Option<Vec<TaskId>>,
    me: User,
    open: Memo<Option<TaskId>>,
    panel: CardPanel,
) -> impl IntoView {
    let store = open_board(backend(), snapshot, &me, now, today);
    Hues::provide(store.members());
    let query = use_query_map();
    let filter = BoardFilter::provide(store, untrack(|| query.with(FilterQuery::parse)), found);
    let address = BoardAddress::expect(store.project_id());
    // A card's address leaves the filter out: the link may be for someone else.
    let of = Callback::new(move |id: TaskId| address.card_path(id));
    let show = Callback::new(move |id: TaskId| address.show(id));
    let close = Callback::new(move |()| address.close());
    follow_address(filter, address);
    let unsearched = find_descriptions(store, filter);

    // Not in the panel: leptos_meta 0.8 keeps the text of a rebuilt title, and reads it after its task is gone.
    let early = untrack(|| store.title(open.get())).unwrap_or_default();
    let title = move || store.title(open.try_get().flatten()).unwrap_or_else(|| early.clone());
    view! {
        <Title text=title />
        <div class="board-page">
            <BoardHeader store filter user=me />
            {move || ending(store.link().get())}
            {move || unreadable(store)}
            {move || unsearched.get().map(not_searched)}
            <RejectedList store open show />
            <main id="main" class="board-main">
                <BoardView store open=show address=of />
            </main>
            {panel(store, address, close)}
        </div>
    }
    .into_any()
}

/// The notice that descriptions are not searched, and why.
fn not_searched(why: &'static str) -> AnyView {
    view! {
        <div class="notice banner" role="status" data-testid="not-searched">
            <Icon name="search" />
            <p>{why}</p>
        </div>
    }
    .into_any()
}

/// The notice that this build cannot read some cards, or some changes that an earlier page stored.
fn unreadable(store: BoardStore) -> Option<AnyView> {
    let (cards, changes) = (store.unreadable().get(), store.unreadable_ops().get());
    let cards = match cards {
        0 => None,
        1 => Some("1 card can't be shown. It is kept.".to_owned()),
        _ => Some(format!("{cards} cards can't be shown. They are kept.")),
    };
    let changes = match changes {
        0 => None,
        1 => Some("1 of your changes can't be read. It is kept, but not sent.".to_owned()),
        _ => Some(format!("{changes} of your changes can't be read. They are kept, but not sent.")),
    };
    let discard = changes.is_some().then(|| {
        let act = move |_| store.discard_unreadable();
        view! { <button class="button small" type="button" on:click=act>"Discard changes"</button> }.into_any()
    });
    let lines: Vec<String> = cards.into_iter().chain(changes).collect();
    if lines.is_empty() {
        return None;
    }
    let view = view! {
        <div class="notice banner" role="status" data-testid="unreadable">
            <Icon name="alert" />
            <p>{lines.join(" ")}</p>
            {discard}
        </div>
    };
    Some(view.into_any())
}

/// The bar: navigation, the members, the filter, the state of the connection, the bell and the account.
#[component]
fn BoardHeader(store: BoardStore, filter: BoardFilter, user: User) -> impl IntoView {
    // On a narrow page the filter is a row below, behind a button.
    let filter_open = RwSignal::new(false);
    let settings = format!("/projects/{}/settings", store.project_id());
    view! {
        <header class="header board-header">
            {skip_link("Skip to the board", focus_board)}
            <Home />
            <h1 class="board-name">{move || store.project().with(|project| project.name.clone())}</h1>
            <A href=settings attr:class="icon-button header-settings" attr:aria-label="Project settings" attr:title="Project settings">
                <Icon name="gear" />
            </A>
            <MemberFaces store filter />
            // In place of a gap: it takes the remaining room, so that nothing moves when its text changes.
            <ConnectionPill store />
            <FilterBar store filter open=filter_open />
            <FilterToggle filter open=filter_open />
            <OversightLink project=store.project_id() />
            <Bell user=user.id />
            <AccountMenu user project=store.project_id() />
        </header>
    }
    .into_any()
}
