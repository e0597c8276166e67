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
    undo::UndoOffer,
};

const ROLES: [(Role, &str, &str); 3] = [
    (Role::Viewer, "viewer", "Viewer: view only"),
    (Role::Editor, "editor", "Editor: cards and columns"),
    (Role::Owner, "owner", "Owner: everything"),
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
    let offer = UndoOffer::expect();
    // Not the row's: by the time of the answer its event may have taken the row away.
    let removed = Callback::new(move |answer: Value| {
        // From text, as everything else is read: another deserialiser would be downloaded for this alone.
        let member = answer.get("member").and_then(|member| serde_json::from_str::<Member>(&member.to_string()).ok());
        let Some(Member { user_id, name, .. }) = member else { return };
        let path = shared.path(&format!("/members/{user_id}/restore"));
        let restore = Request::new(Method::Post, path);
        if user_id != shared.store.me() {
            return offer.show(format!("Removed {name}"), restore, || ());
        }
        let project = untrack(|| shared.store.title(None)).unwrap_or_default();
        let back = format!("/projects/{}/settings", shared.project_id());
        let again = navigate.clone();
        offer.show(format!("You left “{project}”"), restore, move || again(&back, Default::default()));
        navigate("/", Default::default());
    });
    let ids = Memo::new(move |_| shared.store.members().with(|all| current(all)));
    let owner = Memo::new(move |_| shared.is_owner());
    view! {
        <section class="panel" id="members" aria-labelledby="members-title">
            <h2 id="members-title">"Members"</h2>
            <ul class="rows">
                <For each=move || ids.get() key=|id| *id let:id>
                    <Row shared submission removed id />
                </For>
            </ul>
            <FormError submission />
            {move || owner.get().then(|| view! { <Invitations shared list=invitations.clone() /> })}
        </section>
    }
    .into_any()
}

#[component]
fn Row(shared: Shared, submission: Submission, removed: Callback<Value>, id: UserId) -> impl IntoView {
    let member = Memo::new(move |_| shared.store.member(id));
    let me = shared.store.me() == id;
    let owner = Memo::new(move |_| shared.is_owner());
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
            {move || {
                if !owner.get() {
                    return view! { <span class="row-role">{move || role_words(member)}</span> }.into_any();
                }
                view! {
                    <Select
                        id=format!("role-{id}")
                        label="Role"
                        bare=true
                        value=role
                        choices=choices(false)
                        disabled=Signal::derive(move || submission.blocked())
                        saves=true
                        on_change=change
                    />
                }
                    .into_any()
            }}
            <button
                class="icon-button"
                type="button"
                aria-label=move || label.get()
                title=move || label.get()
                hidden=move || !me && !owner.get()
                disabled=move || submission.blocked()
                on:click=remove
            >
                <Icon name=if me { "sign-out" } else { "close" } />
            </button>
        </li>
    }
    .into_any()
}

fn role_words(member: Memo<Option<Member>>) -> &'static str {
    member.with(|member| member.as_ref().map(|member| role_name(member.role)).unwrap_or_default())
}
