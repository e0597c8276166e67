//! The list of projects.

use std::sync::Arc;

use engine::{Method, Project, ProjectId, Request, Role, Timestamp, User, limit};
use leptos::{html, prelude::*};
use leptos_meta::Title;
use leptos_router::{components::A, hooks::use_navigate};
use serde_json::{Value, json};

use super::left_projects::LeftProjects;
use crate::{
    board::mark_new_board,
    confirm_address::ConfirmAddressHint,
    date::{ago, full},
    header::Header,
    page::{problem, signed_in},
    session::backend,
    ui::{
        field::{TextField, line_of},
        focus::focus_first_field,
        form::{FormError, Submission, SubmitButton},
        icon::Icon,
    },
};

/// `/`
pub(crate) fn list() -> AnyView {
    let backend = backend();
    let left = LeftProjects::expect();
    let projects = Resource::new(
        || (),
        move |()| {
            let backend = backend.clone();
            async move {
                let confirmed = left.confirmed();
                let projects = backend.projects().await?;
                confirmed.into_iter().for_each(|project| left.forget(project));
                // The time comes with the list, so that the server and the browser render the same words.
                Ok::<_, engine::ApiError>((projects, backend.now()))
            }
        },
    );
    signed_in(Arc::new(move |user: User| {
        view! {
            <Title text="Projects" />
            <Header user />
            <main id="main" class="page">
                <ConfirmAddressHint />
                <Suspense fallback=skeleton>
                    {move || Suspend::new(async move {
                        match projects.await {
                            Ok((projects, now)) => view! { <List projects now /> }.into_any(),
                            Err(error) => problem::notice(&error),
                        }
                    })}
                </Suspense>
            </main>
        }
        .into_any()
    }))
}

/// The outline of the list, while it is fetched.
fn skeleton() -> AnyView {
    view! {
        <div class="page-head"><h1>"Projects"</h1></div>
        <div class="project-list" aria-busy="true">
            {(0..3).map(|_| view! { <span class="skeleton project-skeleton"></span> }).collect_view()}
        </div>
    }
    .into_any()
}

#[component]
fn List(projects: Vec<Project>, now: Timestamp) -> impl IntoView {
    let left = LeftProjects::expect();
    let ids: Vec<ProjectId> = projects.iter().map(|project| project.id).collect();
    let none = Memo::new(move |_| ids.iter().all(|id| left.hides(*id)));
    let creating = RwSignal::new(false);
    view! {
        <div class="page-head">
            <h1>"Projects"</h1>
            <button
                class="button primary"
                type="button"
                aria-expanded=move || creating.get().to_string()
                hidden=move || creating.get() || none.get()
                on:click=move |_| creating.set(true)
            >
                <Icon name="plus" />
                "New project"
            </button>
        </div>
        {move || (creating.get() || none.get()).then(|| view! { <NewProject creating first=none.get() /> })}
        <ul class="project-list">
            {move || {
                let shown = projects.iter().filter(|project| !left.hides(project.id)).cloned();
                shown.map(|project| row(project, now)).collect_view()
            }}
        </ul>
    }
    .into_any()
}

fn row(project: Project, now: Timestamp) -> AnyView {
    let role = project.role.map(role_name);
    view! {
        <li>
            <A href=format!("/projects/{}", project.id) attr:class="project-row">
                <span class="project-mark" aria-hidden="true"><Icon name="board" /></span>
                <span class="project-name" dir="auto">{project.name}</span>
                <span class="project-role">{role}</span>
                <span class="project-time quiet">
                    "Updated "
                    <time datetime=project.updated_at.to_string() title=full(project.updated_at)>
                        {ago(project.updated_at, now)}
                    </time>
                </span>
                <Icon name="chevron-right" />
            </A>
        </li>
    }
    .into_any()
}

/// The name of a role.
pub(super) const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Editor => "Editor",
        Role::Owner => "Owner",
    }
}

#[component]
fn NewProject(creating: RwSignal<bool>, first: bool) -> impl IntoView {
    let submission = Submission::idle();
    let name = RwSignal::new(String::new());
    let node = NodeRef::<html::Input>::new();
    let navigate = use_navigate();
    if first {
        focus_first_field(".new-project form");
    }
    Effect::new(move || {
        if !first && let Some(input) = node.get() {
            // Fails only for an element that is not in the document.
            let _ = input.focus();
        }
    });
    let done = Callback::new(move |answer: Value| {
        let id = answer.get("project").and_then(|project| project.get("id")).and_then(Value::as_str);
        mark_new_board();
        navigate(&format!("/projects/{}", id.unwrap_or_default()), Default::default());
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(name) = line_of(submission, "name", &name.get_untracked(), limit::NAME) {
            submission.send(Request::new(Method::Post, "/api/projects").json(json!({ "name": name })), done);
        }
    };
    view! {
        <section class="panel new-project">
            {first
                .then(|| {
                    view! {
                        <div class="empty">
                            <Icon name="board" />
                            <p>"Create your first project."</p>
                        </div>
                    }
                })}
            <form
                class="form inline"
                method="post"
                on:submit=send
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        creating.set(false);
                    }
                }
            >
                <TextField
                    label="Project name"
                    name="name"
                    value=name
                    submission
                    required=true
                    max=limit::NAME
                    node
                />
                <div class="form-actions">
                    <SubmitButton label="Create project" busy="Creating…" submission />
                    {(!first)
                        .then(|| {
                            view! {
                                <button class="button" type="button" on:click=move |_| creating.set(false)>
                                    "Cancel"
                                </button>
                            }
                        })}
                </div>
                <FormError submission fields=&["name"] />
            </form>
        </section>
    }
    .into_any()
}
