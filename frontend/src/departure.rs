//! A page whose session is over: what it shows goes, and what its user did stays.
//!
//! Whatever says that nobody is signed in (a socket, a request, another tab) has the copies of this user dropped, which can
//! be made again. It is a suspicion until the server confirms it: then every tab of theirs is told, and each goes to the
//! sign-in page in the place of what it showed, so that there is no way back to it. Only a tab whose changes the browser refuses to store stays, for
//! they would be lost; it says that it is signed out.
//!
//! A tab at the sign-in page comes back by itself when its user signs in again in another one. A tab of another user than
//! the one who signs in asks the server as well, and then says so and sends nothing more.

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

/// The channel between the tabs of all builds: its words never change.
const CHANNEL: &str = "lockstep:session";
/// Between two questions to a server that is out of reach, or has yet to find out.
const AGAIN: Duration = Duration::from_secs(3);
/// How often a server that contradicts is asked. It keeps a session for 2 s.
const TIMES: u32 = 3;
/// How long what waits may take to be stored.
const STORING: Duration = Duration::from_secs(5);
const STORING_STEP: Duration = Duration::from_millis(50);
/// Paths of pages for whoever is not signed in.
const OUTSIDE: [&str; 2] = ["/login", "/register"];

/// What tabs tell each other.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SessionMessage {
    /// The session of this user is over.
    SignedOut(UserId),
    /// Somebody has signed in.
    SignedIn,
    /// A page shows this user, who is signed in. An older build, which does not know it, hears the word before.
    Shows(UserId),
}

#[derive(Deserialize)]
struct Me {
    user: User,
}

/// How far it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Here,
    /// It is being found out whether the session is over, or it is, and the page is about to go.
    Leaving,
    /// The user signs out on this page, which goes by itself.
    SigningOut,
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Here) };
    static TABS: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
}

/// Listens to the other tabs and to whatever doubts the session, and takes away the copies that are not of this page's
/// user.
pub(crate) fn begin() {
    session_doubt::on(|doubt| match doubt {
        SessionDoubt::SignedOut => suspect(),
        SessionDoubt::OtherUser => stop(),
    });
    if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
        let listener = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
            match event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                Some(SessionMessage::SignedOut(user)) if user::of_page() == Some(user) => suspect(),
                Some(SessionMessage::SignedIn) => come_back(),
                Some(SessionMessage::Shows(user)) => replaced(user),
                _ => {}
            }
        });
        channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
        // For as long as there is this page.
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

/// The user signs out on this page: it goes by itself, once everything is forgotten.
pub(crate) fn begin_sign_out() {
    STATE.set(State::SigningOut);
}

/// Signing out was refused.
pub(crate) fn give_up_sign_out() {
    STATE.set(State::Here);
}

/// The user has signed out: their other tabs go, too.
pub(crate) fn signed_out(user: UserId) {
    post(&SessionMessage::SignedOut(user));
}

/// Something says that nobody is signed in any more.
fn suspect() {
    let Some(user) = user::of_page() else { return };
    if STATE.get() != State::Here {
        return;
    }
    STATE.set(State::Leaving);
    spawn_local(copies::drop_all(user));
    spawn_local(async move {
        if !is_over(user).await || !leave(user).await {
            // One who signs out meanwhile goes on with that.
            if STATE.get() == State::Leaving {
                STATE.set(State::Here);
            }
        }
    });
}

/// Asks the server whether the session of a user is over. Who cannot be asked has not said so.
async fn is_over(user: UserId) -> bool {
    let mut contradicted = 0;
    loop {
        match me().await {
            Ok(now) if now.id == user => contradicted += 1,
            // Says so on the page, on which their work waits for the first user.
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

/// Goes to the sign-in page, unless that would lose something.
async fn leave(user: UserId) -> bool {
    // What is being typed is saved when its field is left.
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
    // In the place of this page: the way back leads past it.
    location.replace(&format!("/login{next}")).is_ok()
}

/// At the sign-in page, to which this tab was sent: asks for it again, and the server leads back.
fn come_back() {
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

/// Another tab says that this user is signed in. Not that they still are: the server knows.
fn replaced(now: UserId) {
    let is_other = move |now| user::of_page().is_some_and(|user| user != now);
    if !is_other(now) {
        return;
    }
    spawn_local(async move {
        match me().await {
            Ok(now) if is_other(now.id) => stop(),
            Err(error) if error.status == 401 => suspect(),
            // Without a server nothing is sent either. It refuses what this page asks for once it is back.
            Ok(_) | Err(_) => {}
        }
    });
}

/// The browser is signed in as another user: nothing more is sent from this page until its own is.
fn stop() {
    page_lifecycle::other_user();
    user::is_other(true);
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
