//! The open and declined invitations to a project, and the form for a new one. For owners.

use std::time::Duration;

use engine::{Invitation, Method, Request, Role, Timestamp, UserId, limit};
use leptos::{ev, html, prelude::*, task::spawn_local};
use serde_json::{Value, json};

use super::{
    Shared,
    roles::{choices, current, word},
};
use crate::{
    backend::Backend,
    project::{invitation::remaining, list::role_name},
    session::backend,
    ui::{
        dialog::Confirm,
        field::{Select, TextField, read_only},
        form::{FormError, Submission, SubmitButton},
        icon::Icon,
        rows::{KeyedRow, rows},
    },
};
use std::sync::Arc;

/// The list as last fetched, and when that was.
pub(super) type Listed = Option<(Vec<Invitation>, Timestamp)>;

/// How often the list is fetched again: invitations are not in the log, so no socket reports them.
const AGAIN: Duration = Duration::from_secs(20);
/// How long a button shows that it has copied.
const SAID: Duration = Duration::from_secs(3);

#[derive(Clone, Copy)]
struct Pending {
    shared: Shared,
    backend: StoredValue<Arc<dyn Backend>>,
    /// `None` until it is fetched.
    list: RwSignal<Listed>,
    /// The last one that was created on this page.
    created: RwSignal<Option<Invitation>>,
}

impl Pending {
    /// Fetches the list again. The old one stays until the new one arrives.
    fn load(self) {
        let Some(backend) = self.backend.try_get_value() else { return };
        let project = self.shared.project_id();
        spawn_local(async move {
            if let Ok(list) = backend.invitations(project).await {
                let now = backend.now();
                self.list.try_set(Some((list, now)));
            }
        });
    }
}

/// The list and the form. `list` is the one that came with the page.
#[component]
pub(super) fn Invitations(shared: Shared, list: Listed) -> impl IntoView {
    let pending = Pending {
        shared,
        backend: StoredValue::new(backend()),
        list: RwSignal::new(list),
        created: RwSignal::new(None),
    };
    // A member who joins or leaves may change the list.
    Effect::new(move |before: Option<Vec<UserId>>| {
        let members = shared.store.members().with(|all| current(all));
        if before.is_some_and(|before| before != members) || pending.list.with_untracked(Option::is_none) {
            pending.load();
        }
        members
    });
    // Another owner's change shows after a while, and at once when the reader comes back to this page.
    Effect::new(move || {
        if let Ok(timer) = set_interval_with_handle(move || pending.load(), AGAIN) {
            on_cleanup(move || timer.clear());
        }
        let back = window_event_listener(ev::focus, move |_| pending.load());
        on_cleanup(move || back.remove());
    });
    let revoking = Submission::idle();
    let each = move || {
        let (list, now) = pending.list.get().unwrap_or_else(|| (Vec::new(), Timestamp::from_millis(0)));
        let key = |one: &Invitation| format!("{} {}", one.id, one.declined_at.is_some());
        list.into_iter().map(|one| KeyedRow::new(key(&one), move || row(pending, revoking, one, now))).collect()
    };
    let any = move || pending.list.with(|list| list.as_ref().is_some_and(|(list, _)| !list.is_empty()));
    view! {
        <div class="invitations" hidden=move || !any()>
            <h3 id="invitations-title">"Pending invitations"</h3>
            <ul class="rows" aria-labelledby="invitations-title" data-testid="invitations">{rows(each)}</ul>
            <FormError submission=revoking />
        </div>
        {form(pending)}
    }
    .into_any()
}

fn row(pending: Pending, revoking: Submission, one: Invitation, now: Timestamp) -> AnyView {
    let addressee = addressee(&one);
    let name = one.email.clone().unwrap_or_else(|| "Link for one person".to_owned());
    let by = one.invited_by.clone().unwrap_or_else(|| "the operator".to_owned());
    let sent = if one.mailed { "e-mailed" } else { "not e-mailed" };
    let sent = one.email.is_some().then(|| format!(" · {sent}"));
    let declined = one.declined_at.is_some();
    let state = if declined { "declined".to_owned() } else { remaining(one.expires_at, now) };
    let details = format!("{} · invited by {by} · {state}", role_name(one.role));
    let (act, label) = match declined {
        true => ("Remove", format!("Remove the declined invitation for {addressee}")),
        false => ("Revoke", format!("Revoke the invitation for {addressee}")),
    };
    let path = format!("/api/invitations/{}", one.id);
    let revoked = Callback::new(move |_: Value| {
        pending.created.try_update(|created| *created = created.take().filter(|created| created.id != one.id));
        pending.load();
    });
    let revoke = Callback::new(move |()| revoking.send(Request::new(Method::Delete, path.clone()), revoked));
    // Revoking a link is final, so the page asks first. A declined invitation only leaves the list.
    let asking = RwSignal::new(false);
    let press = move |_| if declined { revoke.run(()) } else { asking.set(true) };
    let question = format!("Revoke the invitation for {addressee}?");
    view! {
        <li class="row invitation-row">
            <span class="invitation-mark" aria-hidden="true">
                <Icon name=if one.email.is_some() { "at" } else { "link" } />
            </span>
            <div class="row-text">
                <p class="row-name" title=addressee.clone()>{name}</p>
                <p class="quiet">{details}{sent}</p>
            </div>
            <div class="row-actions">
                {(!declined).then(|| copy_link(one.url, format!("Copy link for {addressee}")))}
                <button
                    class="icon-button"
                    type="button"
                    aria-label=label.clone()
                    title=act
                    disabled=move || revoking.blocked()
                    on:click=press
                >
                    <Icon name="close" />
                </button>
                <Confirm
                    open=asking
                    id=format!("revoke-{}", one.id)
                    title=question
                    text="Its link stops working. You can invite them again.".to_owned()
                    action="Revoke"
                    on_confirm=revoke
                />
            </div>
        </li>
    }
    .into_any()
}

fn addressee(one: &Invitation) -> String {
    one.email.clone().unwrap_or_else(|| "one person with the link".to_owned())
}

/// A button that copies a link. Where the browser refuses, an input with the link, to copy by hand.
fn copy_link(url: Option<String>, label: String) -> AnyView {
    let Some(url) = url else {
        return view! { <span class="quiet">"Link unavailable"</span> }.into_any();
    };
    let (api, node) = (backend(), NodeRef::<html::Input>::new());
    let (copied, by_hand) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let copy = move |_| {
        // Without a public URL, the server knows only the path.
        let origin = if url.starts_with('/') { location().origin().unwrap_or_default() } else { String::new() };
        let link = format!("{origin}{url}");
        let reply = api.copy_text(link.clone());
        spawn_local(async move {
            if reply.await.is_ok() {
                copied.try_set(true);
                set_timeout(
                    move || {
                        copied.try_set(false);
                    },
                    SAID,
                );
            } else {
                by_hand.try_set(Some(link));
            }
        });
    };
    Effect::new(move || {
        if let Some(input) = node.get() {
            let _ = input.focus();
            input.select();
        }
    });
    view! {
        {move || match by_hand.get() {
            Some(link) => read_only("input invitation-link", "Invitation link", link, node),
            None => ().into_any(),
        }}
        <button class="button small copy-link" type="button" aria-label=label on:click=copy>
            {move || if copied.get() { view! { <Icon name="check" /> } } else { view! { <Icon name="copy" /> } }}
            <span>{move || if copied.get() { "Copied" } else { "Copy link" }}</span>
        </button>
        <span class="visually-hidden" role="status">{move || copied.get().then_some("Link copied")}</span>
    }
    .into_any()
}

fn form(pending: Pending) -> AnyView {
    let submission = Submission::idle();
    let email = RwSignal::new(String::new());
    let role = RwSignal::new(word(Role::Editor));
    let done = Callback::new(move |answer: Value| {
        email.set(String::new());
        let created = answer.get("invitation").map(Value::to_string);
        pending.created.set(created.and_then(|created| serde_json::from_str(&created).ok()));
        pending.load();
    });
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let email = email.with_untracked(|email| Some(email.trim().to_owned()).filter(|email| !email.is_empty()));
        let body = json!({ "email": email, "role": role.get_untracked() });
        submission.send(Request::new(Method::Post, pending.shared.path("/invitations")).json(body), done);
    };
    view! {
        <form class="form invite" method="post" on:submit=send>
            <TextField
                label="Invite by e-mail"
                name="email"
                kind="email"
                value=email
                submission
                hint="Leave it empty to get a link for one person."
                max=limit::EMAIL
            />
            <div class="field">
                <Select
                    id="invite-role"
                    label="Role"
                    value=role
                    choices=choices(true)
                    on_change=Callback::new(move |value| role.set(value))
                />
            </div>
            <SubmitButton label="Invite" busy="Inviting…" submission />
            <FormError submission fields=&["email"] />
            <div class="invite-made" role="status">
                {move || pending.created.get().map(created)}
            </div>
        </form>
    }
    .into_any()
}

/// The result of the form: the link, and whether an e-mail is on its way.
fn created(one: Invitation) -> AnyView {
    let text = match &one.email {
        Some(email) if one.mailed => format!("Invitation sent to {email}. You can also send the link yourself."),
        Some(email) => format!("Invitation ready. Send the link to {email}."),
        None => "Link ready. The link works for one person, for 7 days.".to_owned(),
    };
    view! {
        <div class="notice info">
            <p>{text}</p>
            {copy_link(one.url, "Copy link of the new invitation".to_owned())}
        </div>
    }
    .into_any()
}
