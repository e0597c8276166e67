//! The members of the project, and their roles.

use engine::{Member, UserId};
use leptos::prelude::*;

use super::{
    Shared,
    invitations::{Invitations, Listed},
    leave::leave,
    roles::{ROLES, choices, current, word},
};
use crate::{
    project::list::role_name,
    ui::{avatar::Avatar, field::Select, hydrated::Hydrated, icon::Icon},
};

/// The list of members, and for owners the list of invitations.
#[component]
pub(super) fn Members(shared: Shared, invitations: Listed) -> impl IntoView {
    let leave = leave(shared);
    // Not in the row: the row goes with its member.
    let remove =
        Callback::new(move |id: UserId| if id == shared.store.me() { leave() } else { shared.store.remove_member(id) });
    let ids = Memo::new(move |_| shared.store.members().with(|all| current(all)));
    let owner = Memo::new(move |_| shared.is_owner());
    view! {
        <section class="panel" id="members" aria-labelledby="members-title">
            <h2 id="members-title">"Members"</h2>
            <ul class="rows">
                <For each=move || ids.get() key=|id| *id let:id>
                    <Row shared remove id />
                </For>
            </ul>
            {move || owner.get().then(|| view! { <Invitations shared list=invitations.clone() /> })}
        </section>
    }
    .into_any()
}

#[component]
fn Row(shared: Shared, remove: Callback<UserId>, id: UserId) -> impl IntoView {
    let member = Memo::new(move |_| shared.store.member(id));
    let me = shared.store.me() == id;
    let owner = Memo::new(move |_| shared.is_owner());
    let name =
        move || member.with(|member| member.as_ref().map(|Member { name, .. }| name.clone()).unwrap_or_default());
    let email = move || member.with(|member| member.as_ref().map(|member| member.email.clone()));
    let role = Signal::derive(move || {
        member.with(|member| member.as_ref().map(|member| word(member.role)).unwrap_or_default())
    });
    let ready: Hydrated = expect_context();
    let change = Callback::new(move |word: String| {
        if let Some((role, ..)) = ROLES.iter().find(|(_, own, _)| *own == word) {
            shared.store.change_role(id, *role);
        }
    });
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
                        disabled=Signal::derive(move || !ready.get())
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
                disabled=move || !ready.get()
                on:click=move |_| remove.run(id)
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
