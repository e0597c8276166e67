//! Leaving a page whose session is over: its copies are removed, the user's ops stay.
//!
//! A sign that the session is over (from a socket, a request or another tab) removes this user's copies, which can be
//! fetched again. It is only a suspicion until the server confirms it. Then each of the user's tabs is told, and
//! replaces its page by the sign-in page, so that Back does not lead to it. Only a tab whose ops the browser refuses to
//! store stays, since they would be lost; it shows that it is signed out.
//!
//! A tab at the sign-in page returns by itself when its user signs in again in another tab. A tab of another user asks the
//! server, then says that the browser is signed in as somebody else, and sends nothing more.

use std::{cell::Cell, cell::RefCell, time::Duration};

use engine::{ApiError, Method, Request, User, UserId, request::escape};
use gloo_timers::future::sleep;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, HtmlElement, MessageEvent};

use crate::{
    board, copies, http, page_lifecycle,
    session_doubt::{self, SessionDoubt},
    user,
};

/// The channel between the tabs of all builds: its messages never change.
const CHANNEL: &str = "lockstep:session";
/// Wait between two questions to a server that is unreachable or not yet sure.
const AGAIN: Duration = Duration::from_secs(3);
/// How often a server that contradicts is asked. It caches a session for 2 s.
const TIMES: u32 = 3;
/// How long waiting ops may take to be stored.
const STORING: Duration = Duration::from_secs(5);
const STORING_STEP: Duration = Duration::from_millis(50);
/// Paths of pages for users who are not signed in.
const OUTSIDE: [&str; 2] = ["/login", "/register"];

/// Messages between tabs.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SessionMessage {
    /// The session of this user is over.
    SignedOut(UserId),
    /// A user has signed in.
    SignedIn,
    /// A page shows this signed-in user. Older builds do not know it, and get `SignedIn` before it.
    Shows(UserId),
}

#[derive(Deserialize)]
struct Me {
    user: User,
}

/// Progress of leaving the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Here,
    /// The server is being asked whether the session is over, or the page is about to leave.
    Leaving,
    /// The user is signing out on this page.
    SigningOut,
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Here) };
    static TABS: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
}

/// Listens to other tabs and to session doubts, and removes the copies of other users.
pub(crate) fn begin() {
    session_doubt::on(|doubt| match doubt {
        SessionDoubt::SignedOut => verify_session(),
        SessionDoubt::OtherUser => stop(),
    });
    if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
        let listener = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
            match event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                Some(SessionMessage::SignedOut(user)) if user::of_page() == Some(user) => verify_session(),
                Some(SessionMessage::SignedIn) => return_after_sign_in(),
                Some(SessionMessage::Shows(user)) => on_other_user(user),
                _ => {}
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // Lives as long as the page.
        listener.forget();
        TABS.set(Some(channel));
    }
    let user = user::of_page();
    if let Some(user) = user {
        signed_in(user);
    }
    spawn_local(copies::keep_only(user));
}

/// Tells the other tabs that a user is signed in.
pub(crate) fn signed_in(user: UserId) {
    post(&SessionMessage::SignedIn);
    post(&SessionMessage::Shows(user));
}

/// Records that the user signs out here: the page leaves by itself once everything is deleted.
pub(crate) fn begin_sign_out() {
    STATE.set(State::SigningOut);
}

/// Records that signing out was refused.
pub(crate) fn give_up_sign_out() {
    STATE.set(State::Here);
}

/// Tells the user's other tabs that the user has signed out.
pub(crate) fn signed_out(user: UserId) {
    post(&SessionMessage::SignedOut(user));
}

/// Handles a sign that the session is over.
fn verify_session() {
    let Some(user) = user::of_page() else { return };
    if STATE.get() != State::Here {
        return;
    }
    STATE.set(State::Leaving);
    spawn_local(copies::drop_all(user));
    spawn_local(async move {
        if !is_over(user).await || !go_to_sign_in(user).await {
            // A sign-out that started meanwhile continues.
            if STATE.get() == State::Leaving {
                STATE.set(State::Here);
            }
        }
    });
}

/// Asks the server whether the user's session is over. Without an answer it is not.
async fn is_over(user: UserId) -> bool {
    let mut contradicted = 0;
    loop {
        match me().await {
            Ok(now) if now.id == user => contradicted += 1,
            // The page says so; the first user's ops wait on it.
            Ok(_) => {
                stop();
                return false;
            }
            Err(error) if error.status == 401 => return STATE.get() == State::Leaving,
            Err(_) => {}
        }
        if contradicted == TIMES {
            return false;
        }
        sleep(AGAIN).await;
        if STATE.get() != State::Leaving {
            return false;
        }
    }
}

async fn me() -> Result<User, ApiError> {
    http::send_unnamed(&Request::new(Method::Get, "/api/me")).await.map(|Me { user }| user)
}

/// Opens the sign-in page, unless ops would be lost.
async fn go_to_sign_in(user: UserId) -> bool {
    // A field saves its text when it loses the focus.
    if let Some(field) = active_element() {
        let _ = field.blur();
    }
    post(&SessionMessage::SignedOut(user));
    // Again: a board may have been stored meanwhile.
    copies::drop_all(user).await;
    let mut waited = Duration::ZERO;
    while !board::is_safe() {
        if waited >= STORING {
            return false;
        }
        sleep(STORING_STEP).await;
        waited += STORING_STEP;
    }
    let Some(location) = web_sys::window().map(|window| window.location()) else { return false };
    let here = [location.pathname(), location.search()].into_iter().map(Result::unwrap_or_default).collect::<String>();
    let next = if here == "/" { String::new() } else { format!("?next={}", escape(&here)) };
    // Replaces this page, so that Back skips it.
    location.replace(&format!("/login{next}")).is_ok()
}

/// Reloads the sign-in page if the user has signed in elsewhere; the server then redirects back.
fn return_after_sign_in() {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return };
    let path = location.pathname().unwrap_or_default();
    let switches = location.search().unwrap_or_default().contains("switch=");
    if user::of_page().is_some() || !OUTSIDE.contains(&path.as_str()) || switches {
        return;
    }
    spawn_local(async move {
        if me().await.is_ok() {
            let _ = location.reload();
        }
    });
}

/// Handles a report that another user is signed in. The server knows whether that is still so.
fn on_other_user(now: UserId) {
    let is_other = move |now| user::of_page().is_some_and(|user| user != now);
    if !is_other(now) {
        return;
    }
    spawn_local(async move {
        match me().await {
            Ok(now) if is_other(now.id) => stop(),
            Err(error) if error.status == 401 => verify_session(),
            // Without a server nothing is sent either; it refuses this page's requests once it is back.
            Ok(_) | Err(_) => {}
        }
    });
}

/// Stops the page: the browser is signed in as another user, and nothing is sent until its own is back.
fn stop() {
    page_lifecycle::other_user();
    user::set_other(true);
}

fn post(message: &SessionMessage) {
    let Ok(text) = serde_json::to_string(message) else { return };
    TABS.with_borrow(|tabs| {
        if let Some(tabs) = tabs {
            // Fails only once it is closed.
            let _ = tabs.post_message(&text.into());
        }
    });
}

fn active_element() -> Option<HtmlElement> {
    web_sys::window()?.document()?.active_element()?.dyn_into().ok()
}
