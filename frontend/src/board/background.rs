//! Boards that no page of this tab shows, and for which there is still something to send: those that were left with
//! work to do, and those for which a page that is gone has left ops on the shelf.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::{Rc, Weak},
    sync::Arc,
};

use app::backend::Sink;
use engine::{
    ApiError, Board, Method, Op, ProjectId, Request, Snapshot, TabId, TaskId, Timestamp, UserId,
    session::{Changes, Link, OpenThread, RejectedOp, TaskProgress},
    wire::Presence,
};
use gloo_timers::future::sleep;
use wasm_bindgen_futures::spawn_local;

use super::Driver;
use crate::{
    copies, http,
    lock::{self, LockRequest},
    offline_store, tab, user,
};

/// How often a board looks whether it has found what there is on its offline_store, and how many times.
const SEARCH_INTERVAL: std::time::Duration = std::time::Duration::from_secs(2);
const SEARCHES: u32 = 10;

type Key = (UserId, ProjectId);

thread_local! {
    /// What is shown here, and by how many pages: one comes before the last one goes. Its own shelf finds what waits.
    static SHOWN: RefCell<HashMap<Key, usize>> = RefCell::default();
    /// All boards of this page.
    static ALL: RefCell<Vec<Weak<Driver>>> = RefCell::default();
    /// What goes on without being shown.
    static BACKGROUND: RefCell<HashMap<Key, Rc<Driver>>> = RefCell::default();
    /// Tabs after which this one looks for what they have left.
    static WATCHED: RefCell<HashSet<(UserId, TabId)>> = RefCell::default();
}

/// A board begins.
pub(super) fn begun(driver: &Weak<Driver>) {
    ALL.with_borrow_mut(|all| {
        all.retain(|driver| driver.strong_count() > 0);
        all.push(Weak::clone(driver));
    });
}

/// Whether all that waits here would outlive this page.
pub(crate) fn is_safe() -> bool {
    ALL.with_borrow(|all| all.iter().filter_map(Weak::upgrade).all(|driver| driver.store.is_safe()))
}

/// A page shows this board: it goes on from what its shelf has.
pub(super) fn show(me: UserId, project: ProjectId) {
    SHOWN.with_borrow_mut(|shown| *shown.entry((me, project)).or_default() += 1);
    let background = BACKGROUND.with_borrow_mut(|background| background.remove(&(me, project)));
    // Not while the table is borrowed: what is dropped may look into it.
    drop(background);
}

/// The page of this board is gone. The board goes on for as long as it is [at work](Driver::is_at_work).
pub(super) fn hide(driver: &Rc<Driver>) {
    let key = (driver.me, driver.project);
    SHOWN.with_borrow_mut(|shown| {
        if let Some(pages) = shown.get_mut(&key) {
            *pages -= 1;
        }
        shown.retain(|_, pages| *pages > 0);
    });
    // What it would tell is for signals that are gone. Words in passing would not be seen, either.
    driver.sink.replace(Arc::new(NoPage));
    driver.session.borrow_mut().leave();
    let before = BACKGROUND.with_borrow_mut(|background| background.insert(key, Rc::clone(driver)));
    drop(before);
}

/// This board has nothing left to do, unless a page shows it.
pub(super) fn leave(driver: &Driver) {
    let key = (driver.me, driver.project);
    let own = |background: &Rc<Driver>| std::ptr::eq(Rc::as_ptr(background), driver);
    let background =
        BACKGROUND.with_borrow_mut(
            |background| if background.get(&key).is_some_and(own) { background.remove(&key) } else { None },
        );
    drop(background);
}

/// Hands an op to a board that was left and is still at work, if there is one.
pub(crate) fn submit_behind(me: UserId, project: ProjectId, op: &Op) -> bool {
    let background = BACKGROUND.with_borrow(|background| background.get(&(me, project)).cloned());
    if let Some(driver) = &background {
        driver.submit(op.clone());
    }
    background.is_some()
}

/// Sends what waits for boards that are not shown here. One tab of the browser does it at a time, the next one finds
/// what is left. Without locks nobody would know whose ops belong to a tab that lives: they wait for their board.
pub(crate) fn send_waiting(me: UserId) {
    // There is a server again: those that had given up need not wait for their next chance.
    let background = BACKGROUND.with_borrow(|background| background.values().cloned().collect::<Vec<_>>());
    for driver in background {
        driver.connection.retry();
    }
    if !lock::exist() {
        return;
    }
    let lock_name = format!("lockstep:waiting:{me}");
    let granted = move |held| {
        spawn_local(async move {
            // First those that live: what one of them leaves from here on is found when it goes.
            tab::others().await.into_iter().for_each(|tab| watch(me, tab));
            for project in offline_store::waiting(me).await {
                send_waiting_of(me, project).await;
            }
            drop(held);
        });
    };
    lock::ask(&lock_name, LockRequest::Wait, granted, || ());
}

/// Sends what `tab` leaves behind, when it goes: no page of its board may be open then, and no connection break.
pub(crate) fn watch(me: UserId, tab: TabId) {
    if lock::exist() && WATCHED.with_borrow_mut(|watched| watched.insert((me, tab))) {
        tab::when_gone(tab, move |held| {
            drop(held);
            WATCHED.with_borrow_mut(|watched| watched.remove(&(me, tab)));
            if user::of_page() == Some(me) {
                send_waiting(me);
            }
        });
    }
}

/// Lets go of all that is not shown of a user who signs out.
pub(crate) fn forget(me: UserId) {
    let background =
        BACKGROUND.with_borrow_mut(|background| background.extract_if(|(user, _), _| *user == me).collect::<Vec<_>>());
    drop(background);
}

/// Opens a board without a page, until all is sent that waits for it and belongs to no tab that lives.
async fn send_waiting_of(me: UserId, project: ProjectId) {
    let key = (me, project);
    let is_open = || {
        SHOWN.with_borrow(|shown| shown.contains_key(&key))
            || BACKGROUND.with_borrow(|background| background.contains_key(&key))
    };
    if is_open() {
        return;
    }
    let board = Request::new(Method::Get, format!("/api/projects/{project}/board"));
    // What cannot be opened now is tried again after the next break; what is gone says so on its own page.
    let snapshot = match http::send::<Snapshot>(&board, None).await {
        Ok(snapshot) => snapshot,
        Err(error) => return copies::seen(me, project, &error).await,
    };
    // Its page may have been opened meanwhile.
    if is_open() {
        return;
    }
    let driver = Driver::begin(snapshot, me, Arc::new(NoPage));
    driver.searching.set(true);
    // Nobody asked for this page to be there without a network.
    driver.page_cached.set(true);
    let this = Rc::downgrade(&driver);
    BACKGROUND.with_borrow_mut(|background| background.insert(key, driver));
    for _ in 0..SEARCHES {
        sleep(SEARCH_INTERVAL).await;
        let Some(store) = this.upgrade().map(|driver| Rc::clone(&driver.store)) else { return };
        // A browser under load takes its time to read what is stored.
        if store.has_all().await {
            break;
        }
    }
    if let Some(driver) = this.upgrade() {
        driver.searching.set(false);
        driver.run();
    }
}

/// Where there is no page. What is refused waits on the offline_store, and is shown with its board.
struct NoPage;

impl Sink for NoPage {
    fn changed(&self, _: &Board, _: &Changes, _: &dyn Fn(TaskId) -> TaskProgress) {}
    fn link(&self, _: Link, _: usize, _: bool, _: Option<Timestamp>) {}
    fn refused(&self, _: &Op, _: &ApiError) {}
    fn unmade(&self, _: &[RejectedOp], _: usize) {}
    fn not_stored(&self) {}
    fn presence(&self, _: &[Presence]) {}
    fn thread(&self, _: Option<&OpenThread>) {}
}
