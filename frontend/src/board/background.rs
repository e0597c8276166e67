//! Boards without a page that still have ops to send: ones that the user left, and ones for which closed tabs stored
//! ops.

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

/// How often, and how many times, a board checks whether it has found all stored ops.
const SEARCH_INTERVAL: std::time::Duration = std::time::Duration::from_secs(2);
const SEARCHES: u32 = 10;

type Key = (UserId, ProjectId);

thread_local! {
    /// The boards shown, with their number of pages: the next page may open before the last one closes. Each finds its
    /// own waiting ops.
    static SHOWN: RefCell<HashMap<Key, usize>> = RefCell::default();
    /// Every board driver of this page.
    static ALL: RefCell<Vec<Weak<Driver>>> = RefCell::default();
    /// Drivers without a page.
    static BACKGROUND: RefCell<HashMap<Key, Rc<Driver>>> = RefCell::default();
    /// Tabs whose stored ops this one sends when they close.
    static WATCHED: RefCell<HashSet<(UserId, TabId)>> = RefCell::default();
}

/// Registers a driver.
pub(super) fn begun(driver: &Weak<Driver>) {
    ALL.with_borrow_mut(|all| {
        all.retain(|driver| driver.strong_count() > 0);
        all.push(Weak::clone(driver));
    });
}

/// Whether all waiting ops would survive the end of this page.
pub(crate) fn is_safe() -> bool {
    ALL.with_borrow(|all| all.iter().filter_map(Weak::upgrade).all(|driver| driver.store.is_safe()))
}

/// Records that a page shows this board, and drops its background driver: the page starts from the stored queue.
pub(super) fn show(me: UserId, project: ProjectId) {
    SHOWN.with_borrow_mut(|shown| *shown.entry((me, project)).or_default() += 1);
    let background = BACKGROUND.with_borrow_mut(|background| background.remove(&(me, project)));
    // Dropped after the borrow: a driver's drop may access the map.
    drop(background);
}

/// Moves a driver whose page is gone to the background, while it is [at work](Driver::is_at_work).
pub(super) fn hide(driver: &Rc<Driver>) {
    let key = (driver.me, driver.project);
    SHOWN.with_borrow_mut(|shown| {
        if let Some(pages) = shown.get_mut(&key) {
            *pages -= 1;
        }
        shown.retain(|_, pages| *pages > 0);
    });
    // Its signals are gone, and nobody would see a toast.
    driver.sink.replace(Arc::new(NoPage));
    driver.session.borrow_mut().leave();
    let before = BACKGROUND.with_borrow_mut(|background| background.insert(key, Rc::clone(driver)));
    drop(before);
}

/// Drops a background driver that has nothing left to do.
pub(super) fn leave(driver: &Driver) {
    let key = (driver.me, driver.project);
    let own = |background: &Rc<Driver>| std::ptr::eq(Rc::as_ptr(background), driver);
    let background =
        BACKGROUND.with_borrow_mut(
            |background| if background.get(&key).is_some_and(own) { background.remove(&key) } else { None },
        );
    drop(background);
}

/// Submits an op to a board in the background, if there is one.
pub(crate) fn submit_behind(me: UserId, project: ProjectId, op: &Op) -> bool {
    let background = BACKGROUND.with_borrow(|background| background.get(&(me, project)).cloned());
    if let Some(driver) = &background {
        driver.submit(op.clone());
    }
    background.is_some()
}

/// Sends waiting ops of boards that are not shown here. One tab at a time does so; the next one finds what is left.
/// Without locks no tab can tell which ops belong to a live tab, so they wait for their board to be opened.
pub(crate) fn send_waiting(me: UserId) {
    // The server is reachable again: drivers that had given up retry at once.
    let background = BACKGROUND.with_borrow(|background| background.values().cloned().collect::<Vec<_>>());
    for driver in background {
        driver.connection.retry();
    }
    if !lock::available() {
        return;
    }
    let lock_name = format!("lockstep:waiting:{me}");
    let granted = move |held| {
        spawn_local(async move {
            // Watch the live tabs first: ops that one of them leaves from now on are found when it closes.
            tab::others().await.into_iter().for_each(|tab| watch(me, tab));
            for project in offline_store::waiting(me).await {
                send_waiting_of(me, project).await;
            }
            drop(held);
        });
    };
    lock::request(&lock_name, LockRequest::Wait, granted, || ());
}

/// Sends the ops that `tab` leaves when it closes, even if no page of their board is open and no connection breaks.
pub(crate) fn watch(me: UserId, tab: TabId) {
    if lock::available() && WATCHED.with_borrow_mut(|watched| watched.insert((me, tab))) {
        tab::when_gone(tab, move |held| {
            drop(held);
            WATCHED.with_borrow_mut(|watched| watched.remove(&(me, tab)));
            if user::of_page() == Some(me) {
                send_waiting(me);
            }
        });
    }
}

/// Drops the background drivers of a user who signs out.
pub(crate) fn forget(me: UserId) {
    let background =
        BACKGROUND.with_borrow_mut(|background| background.extract_if(|(user, _), _| *user == me).collect::<Vec<_>>());
    drop(background);
}

/// Opens a board without a page until all its ops that belong to no live tab are sent.
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
    // A failure is retried after the next break; a deleted board is reported on its own page.
    let snapshot = match http::send::<Snapshot>(&board, None).await {
        Ok(snapshot) => snapshot,
        Err(error) => return copies::drop_if_refused(me, project, &error).await,
    };
    // Its page may have opened meanwhile.
    if is_open() {
        return;
    }
    let driver = Driver::begin(snapshot, me, Arc::new(NoPage));
    driver.searching.set(true);
    // Its page was not visited, so it is not cached.
    driver.page_cached.set(true);
    let this = Rc::downgrade(&driver);
    BACKGROUND.with_borrow_mut(|background| background.insert(key, driver));
    for _ in 0..SEARCHES {
        sleep(SEARCH_INTERVAL).await;
        let Some(store) = this.upgrade().map(|driver| Rc::clone(&driver.store)) else { return };
        // A busy browser may take a while to read the store.
        if store.has_all().await {
            break;
        }
    }
    if let Some(driver) = this.upgrade() {
        driver.searching.set(false);
        driver.run();
    }
}

/// The sink without a page. Rejected ops stay in the store and show when the board is opened.
struct NoPage;

impl Sink for NoPage {
    fn changed(&self, _: &Board, _: &Changes, _: &dyn Fn(TaskId) -> TaskProgress) {}
    fn link(&self, _: Link, _: usize, _: bool, _: Option<Timestamp>) {}
    fn refused(&self, _: &Op, _: &ApiError) {}
    fn rejected(&self, _: &[RejectedOp], _: usize) {}
    fn not_stored(&self) {}
    fn presence(&self, _: &[Presence]) {}
    fn thread(&self, _: Option<&OpenThread>) {}
}
