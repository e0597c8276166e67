//! The settings of a project: its name, columns, members and deletion. Live, like the board: other users' changes show
//! at once.

mod columns;
mod danger;
mod invitations;
mod leave;
mod members;
mod roles;

use engine::{Day, Method, ProjectId, Request, Role, Snapshot, TaskId, Timestamp, User, limit};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, components::A, hooks::use_navigate};
use serde_json::json;

use crate::{
    board::{BoardStore, ConnectionPill, RejectedList, ending, open_board},
    header::{AccountMenu, Bell, Home, OversightLink},
    page::{no_such_project, problem, project_in_address, to_sign_in},
    session::{AuthSession, backend},
    ui::{
        avatar::Hues,
        field::{LineField, Rule, Save},
        form::Submission,
        icon::Icon,
    },
};
use columns::Columns;
use danger::Danger;
use invitations::Listed;
use members::Members;

/// `/projects/:id/settings`
pub(crate) fn settings() -> AnyView {
    let session = AuthSession::expect();
    let project = project_in_address();
    let backend = backend();
    let page = Resource::new(
        move || project.get(),
        move |project| {
            let backend = backend.clone();
            async move {
                let snapshot = backend.board(project.ok_or_else(no_such_project)?).await?;
                let owns = snapshot.project.role == Some(Role::Owner);
                // A failed fetch is repeated by the page.
                let invitations = if owns { backend.invitations(snapshot.project.id).await.ok() } else { None };
                Ok((snapshot, invitations, backend.now()))
            }
        },
    );
    view! {
        <Suspense fallback=|| view! { <div class="header" aria-busy="true"></div> }>
            {move || Suspend::new(async move {
                match (session.user().await, page.await) {
                    (Ok(Some(me)), Ok((snapshot, invitations, now))) => {
                        let invitations = invitations.map(|invitations| (invitations, now));
                        view! { <Settings snapshot invitations now me /> }.into_any()
                    }
                    (Ok(None), _) => to_sign_in(),
                    (Err(error), _) | (_, Err(error)) => problem::view(&error),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// What every section needs: the live project, and the reader's rights.
#[derive(Clone, Copy)]
struct Shared {
    store: BoardStore,
    /// The request that deletes the project.
    deletion: Submission,
}

impl Shared {
    fn project_id(self) -> ProjectId {
        self.store.project_id()
    }

    /// The path of a part of the project under `/api`.
    fn path(self, rest: &str) -> String {
        format!("/api/projects/{}{rest}", self.project_id())
    }

    /// Tracks whether the reader can change columns.
    fn can_edit(self) -> bool {
        self.store.role() >= Role::Editor
    }

    /// Tracks whether the reader can change members and the project itself.
    fn is_owner(self) -> bool {
        self.store.role() == Role::Owner
    }
}

#[component]
fn Settings(snapshot: Snapshot, invitations: Listed, now: Timestamp, me: User) -> impl IntoView {
    let store = open_board(backend(), snapshot, &me, now, Day::utc(now));
    Hues::provide(store.members());
    let shared = Shared { store, deletion: Submission::idle() };
    let name = move || store.project().with(|project| project.name.clone());
    let board = format!("/projects/{}", shared.project_id());
    let (navigate, address) = (use_navigate(), board.clone());
    let show =
        Callback::new(move |task: TaskId| navigate(&format!("{address}?task={task}"), NavigateOptions::default()));
    let no_card = Memo::new(|_| None);
    let first = untrack(|| store.title(None)).unwrap_or_default();
    view! {
        <Title text=move || format!("Settings of {}", store.title(None).unwrap_or_else(|| first.clone())) />
        <header class="header">
            <Home />
            <A href=board.clone() attr:class="crumb">{move || name()}</A>
            <ConnectionPill store />
            <OversightLink project=shared.project_id() />
            <Bell user=me.id />
            <AccountMenu user=me />
        </header>
        // A reader who deletes the project is led away, and needs no notice that it is gone.
        {move || if shared.deletion.busy() { None } else { ending(store.link().get()) }}
        <RejectedList store open=no_card show />
        <main id="main" class="page settings">
            <div class="page-head">
                <h1>"Project settings"</h1>
                <A href=board attr:class="button">
                    <Icon name="board" />
                    "Open board"
                </A>
            </div>
            {move || {
                (!shared.is_owner())
                    .then(|| {
                        let text = if shared.can_edit() {
                            "Editors can change columns. Ask an owner for the rest."
                        } else {
                            "You have view-only access. Ask an owner to change anything here."
                        };
                        view! { <p class="notice info">{text}</p> }.into_any()
                    })
            }}
            <General shared />
            <Columns shared />
            <Members shared invitations />
            {move || shared.is_owner().then(|| view! { <Danger shared /> })}
        </main>
    }
    .into_any()
}

#[component]
fn General(shared: Shared) -> impl IntoView {
    let value = Signal::derive(move || shared.store.project().with(|project| project.name.clone()));
    let save =
        Callback::new(move |name: String| Request::new(Method::Patch, shared.path("")).json(json!({ "name": name })));
    let owner = Memo::new(move |_| shared.is_owner());
    view! {
        <section class="panel" aria-labelledby="general-title">
            <h2 id="general-title">"General"</h2>
            {move || {
                if !owner.get() {
                    return view! {
                        <dl class="field">
                            <dt class="label">"Name"</dt>
                            <dd dir="auto">{move || value.get()}</dd>
                        </dl>
                    }
                        .into_any();
                }
                view! {
                    <div class="field">
                        <LineField
                            id="project-name"
                            label="Name"
                            value
                            locked=Signal::stored(false)
                            takes=Rule::Line { max: limit::NAME, optional: false }
                            save=Save::Request(save)
                        />
                    </div>
                }
                    .into_any()
            }}
        </section>
    }
    .into_any()
}
