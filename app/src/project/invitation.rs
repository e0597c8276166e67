//! The page of an invitation: who invites to which project, and the button that accepts. For everyone who has the link.

use engine::{ApiError, InvitationOffer, Method, Request, Role, Timestamp, User, request::escape, time::DAY_MS};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_params_map};
use serde_json::Value;

use crate::{
    backend::Site,
    header::Logo,
    page::problem,
    response::respond,
    session::{AuthSession, backend},
    ui::{
        form::{FormError, Submission, SubmitButton},
        icon::Icon,
    },
};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// `/invitations/:token`
pub(crate) fn invitation() -> AnyView {
    let (session, backend) = (AuthSession::expect(), backend());
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    let offer = Resource::new(
        move || token.get(),
        move |token| {
            let backend = backend.clone();
            async move { Ok((backend.invitation(token).await?, backend.site().await?, backend.now())) }
        },
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let path = format!("{}{}", engine::invitation::PATH, token.get_untracked());
                match (session.user().await, offer.await) {
                    (Ok(user), Ok((offer, site, now))) => shown(path, user, offer, &site, now),
                    (Err(error), _) | (_, Err(error)) => ended(&error),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// How long an invitation can still be accepted: `expires in 7 days`.
pub(super) fn remaining(end: Timestamp, now: Timestamp) -> String {
    let left = (end.millis() - now.millis()).max(0);
    match (left.saturating_add(HOUR_MS) / DAY_MS, left / HOUR_MS) {
        (_, 0) => "expires within the hour".to_owned(),
        (0 | 1, 1) => "expires in 1 hour".to_owned(),
        (0, hours) => format!("expires in {hours} hours"),
        (1, _) => "expires in 1 day".to_owned(),
        (days, _) => format!("expires in {days} days"),
    }
}

fn shown(path: String, user: Option<User>, offer: InvitationOffer, site: &Site, now: Timestamp) -> AnyView {
    let InvitationOffer { project, invited_by, role, email, expires_at, joined } = offer;
    if let Some(id) = joined {
        return sheet(
            format!("You're already in {project}"),
            view! {
                <p class="invitation-actions">
                    <a class="button primary" href=format!("/projects/{id}")>"Open board"</a>
                </p>
            }
            .into_any(),
        );
    }
    let by = invited_by.unwrap_or_else(|| "The admin of this server".to_owned());
    let whose =
        email.as_ref().map_or_else(|| "This link works for one person".to_owned(), |email| format!("It's for {email}"));
    let what = view! {
        <p>{by}" invites you to this project as "{rights(role)}"."</p>
        <p class="quiet">{whose}" and "{remaining(expires_at, now)}"."</p>
    };
    let next = escape(&path);
    let actions = match user {
        None => signed_out(&next, site.registration_open, email.is_some()),
        Some(user) if email.as_ref().is_some_and(|email| !is_same_address(email, &user.email)) => {
            for_another(&next, &user, &email.unwrap_or_default())
        }
        Some(user) => accepting(path, &next, &user),
    };
    sheet(format!("Join {project}"), view! { {what} {actions} }.into_any())
}

/// Whether two addresses are the same. The server decides; this predicts what it will say.
fn is_same_address(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

const fn rights(role: Role) -> &'static str {
    match role {
        Role::Viewer => "a viewer, who can view the board",
        Role::Editor => "an editor, who can edit cards and columns",
        Role::Owner => "an owner, who can change everything",
    }
}

fn signed_out(next: &str, open: bool, addressed: bool) -> AnyView {
    let (register, login) = (format!("/register?next={next}"), format!("/login?next={next}"));
    let may_register = open || addressed;
    view! {
        <p class="invitation-actions">
            {may_register.then(|| view! { <a class="button primary" href=register>"Create an account"</a> })}
            <a class="button" class:primary=!may_register href=login>
                {if may_register { "Sign in" } else { "Sign in to accept" }}
            </a>
        </p>
        {(!may_register)
            .then(|| {
                view! {
                    <p class="quiet">
                        "Registration is closed. Ask for an invitation to your e-mail address."
                    </p>
                }
            })}
    }
    .into_any()
}

fn for_another(next: &str, user: &User, email: &str) -> AnyView {
    view! {
        <div class="notice wait">
            <Icon name="alert" />
            <p>{format!("You're signed in as {}. Only {email} can accept this invitation.", user.email)}</p>
        </div>
        <p class="invitation-actions">
            <a class="button primary" href=format!("/login?switch=1&next={next}")>"Switch account"</a>
            <a class="button" href="/">"All projects"</a>
        </p>
    }
    .into_any()
}

fn accepting(path: String, next: &str, user: &User) -> AnyView {
    let (submission, declining) = (Submission::idle(), Submission::idle());
    let declined = RwSignal::new(false);
    let decline = Request::new(Method::Post, format!("/api{path}/decline"));
    let decline = move |_| declining.send(decline.clone(), Callback::new(move |_: Value| declined.set(true)));
    let navigate = use_navigate();
    let done = Callback::new(move |answer: Value| {
        let project = answer.pointer("/project/id").and_then(Value::as_str);
        navigate(&project.map_or_else(|| "/".to_owned(), |id| format!("/projects/{id}")), Default::default());
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submission.send(Request::new(Method::Post, format!("/api{path}/accept")), done);
    };
    view! {
        <form class="form" method="post" on:submit=send hidden=move || declined.get()>
            <FormError submission />
            <FormError submission=declining />
            <SubmitButton label="Accept invitation" busy="Joining…" submission />
            <button class="button" type="button" disabled=move || declining.blocked() || submission.busy() on:click=decline>
                {move || if declining.busy() { "Declining…" } else { "Decline" }}
            </button>
        </form>
        <p role="status">{move || declined.get().then_some("You declined this invitation.")}</p>
        <p class="invitation-actions" hidden=move || !declined.get()>
            <a class="button" href="/">"All projects"</a>
        </p>
        <p class="sign-in-other">
            {format!("Signed in as {}. ", user.email)}
            <a href=format!("/login?switch=1&next={next}")>"Use another account"</a>
        </p>
    }
    .into_any()
}

/// The page of an expired or unknown invitation.
fn ended(error: &ApiError) -> AnyView {
    const AGAIN: &str = "Ask for a new one.";
    let (title, text) = match error.code.as_ref() {
        "invitation_expired" => ("This invitation has expired", AGAIN),
        "invitation_revoked" => ("This invitation was revoked", "Use the newest link you got, or ask for a new one."),
        "invitation_declined" => ("This invitation was declined", AGAIN),
        "invitation_used" => ("This invitation was already used", AGAIN),
        "invitation_void" => (
            "This invitation is no longer valid",
            "The person who invited you can no longer invite to this project. Ask another owner.",
        ),
        "project_deleted" => ("This project was deleted", "There's nothing left to join."),
        "invitation_not_found" => ("Invitation not found", "Check that the link is complete."),
        _ => return problem::view(error),
    };
    if error.status >= 400 {
        respond(error.status);
    }
    sheet(
        title.to_owned(),
        view! {
            <p class="quiet">{text}</p>
            <p class="invitation-actions"><a class="button" href="/">"All projects"</a></p>
        }
        .into_any(),
    )
}

fn sheet(title: String, content: AnyView) -> AnyView {
    view! {
        <Title text="Invitation" />
        <main id="main" class="sign-in">
            <div class="sign-in-sheet invitation" data-testid="invitation">
                <p class="sign-in-brand">
                    <Logo />
                    "Lockstep"
                </p>
                <h1>{title}</h1>
                {content}
            </div>
        </main>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remaining_time_has_the_largest_unit() {
        for (left, words) in [
            (7 * DAY_MS, "expires in 7 days"),
            (7 * DAY_MS - 5000, "expires in 7 days"),
            (2 * DAY_MS - 2 * HOUR_MS, "expires in 1 day"),
            (20 * HOUR_MS, "expires in 20 hours"),
            (HOUR_MS, "expires in 1 hour"),
            (HOUR_MS - 1, "expires within the hour"),
            (-5, "expires within the hour"),
        ] {
            let now = Timestamp::from_millis(1_000_000_000_000);
            assert_eq!(remaining(now.plus(left), now), words);
        }
    }
}
