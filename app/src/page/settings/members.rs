//! Who is in the project, and what they may do.

use engine::{Member, Method, Request, Role, UserId};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use serde_json::{Value, json};

use super::{
    Shared,
    invitations::{Invitations, Listed},
};
use crate::{
    avatar::Avatar,
    field::{Choice, Select},
    form::{FormError, Submission},
    icon::Icon,
    page::projects::role_name,
};

const ROLES: [(Role, &str, &str); 3] = [
    (Role::Viewer, "viewer", "Viewer: reads"),
    (Role::Editor, "editor", "Editor: changes cards and columns"),
    (Role::Owner, "owner", "Owner: changes everything"),
];

pub(super) fn word(role: Role) -> String {
    ROLES.iter().find(|(own, ..)| *own == role).map(|(_, word, _)| (*word).to_owned()).unwrap_or_default()
}

pub(super) fn choices(long: bool) -> Signal<Vec<Choice>> {
    let choice = |(role, word, text): &(Role, &str, &str)| {
        ((*word).to_owned(), if long { (*text).to_owned() } else { role_name(*role).to_owned() })
    };
    Signal::stored(ROLES.iter().map(choice).collect::<Vec<Choice>>())
}

/// The ids of those who are in, without those who left.
pub(super) fn current(all: &[Member]) -> Vec<UserId> {
    all.iter().filter(|member| !member.former).map(|member| member.user_id).collect()
}

/// The list of members, and for owners that of `invitations`.
#[component]
pub(super) fn Members(shared: Shared, invitations: Listed) -> impl IntoView {
    let submission = Submission::idle();
    let navigate = use_navigate();
    // Not the row's: by the time of the answer its event may have taken the row away.
    let left = Callback::new(move |_: Value| navigate("/", Default::default()));
    let ids = Memo::new(move |_| shared.store.members().with(|all| current(all)));
    let owner = Memo::new(move |_| shared.is_owner());
    view! {
        <section class="panel" id="members" aria-labelledby="members-title">
            <h2 id="members-title">"Members"</h2>
            <ul class="rows">
                <For each=move || ids.get() key=|id| *id let:id>
                    <Row shared submission left id />
                </For>
            </ul>
            <FormError submission />
            {move || owner.get().then(|| view! { <Invitations shared list=invitations.clone() /> })}
        </section>
    }
    .into_any()
}

#[component]
fn Row(shared: Shared, submission: Submission, left: Callback<Value>, id: UserId) -> impl IntoView {
    let member = Memo::new(move |_| shared.store.member(id));
    let me = shared.store.me() == id;
    let name =
        move || member.with(|member| member.as_ref().map(|Member { name, .. }| name.clone()).unwrap_or_default());
    let email = move || member.with(|member| member.as_ref().map(|member| member.email.clone()));
    let role = Signal::derive(move || {
        member.with(|member| member.as_ref().map(|member| word(member.role)).unwrap_or_default())
    });
    let path = shared.path(&format!("/members/{id}"));
    let done = Callback::new(|_: Value| ());
    let change = {
        let path = path.clone();
        Callback::new(move |role: String| {
            submission.send(Request::new(Method::Patch, path.clone()).json(json!({ "role": role })), done);
        })
    };
    let removed = if me { left } else { done };
    let remove = move |_| submission.send(Request::new(Method::Delete, path.clone()), removed);
    let label = Signal::derive(move || if me { "Leave the project".to_owned() } else { format!("Remove {}", name()) });
    view! {
        <li class="row member-row">
            {move || view! { <Avatar user=id name=name() decorative=true class="avatar-large" /> }}
            <div class="row-text">
                <p class="row-name">
                    {move || name()}
                    {me.then_some(" (you)")}
                </p>
                <p class="quiet">{move || email()}</p>
            </div>
            <Select
                id=format!("role-{id}")
                label="Role"
                bare=true
                value=role
                choices=choices(false)
                disabled=Signal::derive(move || !shared.is_owner() || submission.blocked())
                saves=true
                on_change=change
            />
            <button
                class="icon-button"
                type="button"
                aria-label=move || label.get()
                title=move || label.get()
                hidden=move || !me && !shared.is_owner()
                disabled=move || submission.blocked()
                on:click=remove
            >
                <Icon name=if me { "sign-out" } else { "close" } />
            </button>
        </li>
    }
    .into_any()
}
