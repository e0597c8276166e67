//! A board's offline store: its waiting ops and its last snapshot, in IndexedDB.
//!
//! Each page writes its ops under its own key, named after its tab. The ops of a closed tab are taken over by the page
//! that gets that tab's lock first; they are stored in the new place before they leave the old one.

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    rc::{Rc, Weak},
    time::Duration,
};

use engine::{ProjectId, Snapshot, TabId, UserId, session::PersistedQueue, sorted::SortedSet};
use gloo_timers::future::sleep;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::spawn_local;

use crate::{
    ended_access, journal, legacy_comments,
    lock::Held,
    random,
    storage::{self, Stored, WriteDurability},
    tab,
};

/// Wait before the next attempt after the browser refused to store.
const AGAIN: Duration = Duration::from_secs(5);

/// Key prefix of boards; the user and the project follow.
const BOARDS: &str = "board/";

/// A board, as of the time when it was last current.
#[derive(Serialize, Deserialize)]
struct SavedBoard<S> {
    /// When, in milliseconds.
    at: u64,
    snapshot: S,
}

/// What the store reports to its board.
pub(crate) enum OfflineStoreNotice {
    /// A queue left by an earlier page or a closed tab.
    Found(PersistedQueue),
    /// The browser refuses to store the queue. Reported once; the store keeps trying.
    NotStored,
}

/// The offline store of one board page.
pub(crate) struct OfflineStore {
    /// Key prefix of this board's queues; the tab and the page follow.
    queues: String,
    own: String,
    user: UserId,
    project: ProjectId,
    board: String,
    /// Reports to the board. False if the board is gone.
    notify: Box<dyn Fn(OfflineStoreNotice) -> bool>,
    /// The queue to write next.
    next: RefCell<Option<PersistedQueue>>,
    writing: Cell<bool>,
    /// Whether what waits would outlive this page.
    safe: Cell<bool>,
    /// Whether the board was told that the browser refuses to store.
    warned: Cell<bool>,
    /// Keys of other pages whose ops this page took over, with the locks of their tabs: kept until the ops are stored
    /// with this page's own.
    taken: RefCell<Vec<(String, Rc<Option<Held>>)>>,
    watched: RefCell<HashSet<TabId>>,
    this: Weak<OfflineStore>,
}

impl OfflineStore {
    /// Opens the store of a board. `notify` gets the queues that earlier pages left, now and whenever another tab
    /// closes.
    pub(crate) fn new(
        user: UserId,
        project: ProjectId,
        notify: impl Fn(OfflineStoreNotice) -> bool + 'static,
    ) -> Rc<Self> {
        let queues = format!("{}{project}/", queues_of(user));
        let store = Rc::new_cyclic(|this| Self {
            own: format!("{queues}{}/{}", tab::id(), random::op_id()),
            queues,
            user,
            project,
            board: board_key(user, project),
            notify: Box::new(notify),
            next: RefCell::default(),
            writing: Cell::default(),
            safe: Cell::new(true),
            warned: Cell::default(),
            taken: RefCell::default(),
            watched: RefCell::default(),
            this: Weak::clone(this),
        });
        spawn_local(collect(Rc::clone(&store), user, project));
        store
    }

    /// Takes over the queue of `tab` when it closes.
    pub(crate) fn watch(&self, tab: TabId) {
        if tab != tab::id() && self.watched.borrow_mut().insert(tab) {
            let this = Weak::clone(&self.this);
            tab::when_gone(tab, move |held| {
                if let Some(store) = this.upgrade() {
                    spawn_local(async move { store.take(tab, held).await });
                }
            });
        }
    }

    /// Stores the queue, replacing the previous one.
    pub(crate) fn save_queue(&self, queue: PersistedQueue) {
        if queue.is_empty() {
            // All ops are answered. If an older copy is found later, it is sent under the same op ids.
            let taken = self.taken.borrow();
            taken.iter().map(|(key, _)| key).chain([&self.own]).for_each(|key| journal::forget(key));
            self.safe.set(true);
        } else if let Ok(text) = serde_json::to_string(&queue) {
            self.safe.set(journal::write(&self.own, &text));
        }
        self.next.replace(Some(queue));
        if self.writing.replace(true) {
            return;
        }
        let Some(mut store) = self.this.upgrade() else { return };
        spawn_local(async move {
            while let Some(queue) = store.next.take() {
                if store.write(&queue).await {
                    if store.next.borrow().is_none() {
                        store.safe.set(true);
                    }
                    continue;
                }
                if !queue.is_empty() && !store.warned.replace(true) {
                    (store.notify)(OfflineStoreNotice::NotStored);
                }
                // A newer queue takes precedence.
                store.next.borrow_mut().get_or_insert(queue);
                let this = Rc::downgrade(&store);
                drop(store);
                sleep(AGAIN).await;
                let Some(still) = this.upgrade() else { return };
                store = still;
            }
            store.writing.set(false);
        });
    }

    /// Whether what waits would outlive this page.
    pub(crate) fn is_safe(&self) -> bool {
        self.safe.get()
    }

    /// Stores the board, if its user still has access.
    pub(crate) fn save_board(&self, snapshot: Snapshot, at: u64) {
        if !ended_access::may_keep(self.user, self.project) {
            return;
        }
        let key = self.board.clone();
        spawn_local(async move {
            if let Ok(text) = serde_json::to_string(&SavedBoard { at, snapshot }) {
                // Without it the board cannot open offline, but nothing is lost.
                let _ = storage::put(&key, Some(&text), &[], WriteDurability::Relaxed).await;
            }
        });
    }

    /// The stored board, and when it was current, in milliseconds.
    pub(crate) async fn board(&self) -> Option<(Snapshot, u64)> {
        let text = storage::get(&self.board).await.ok()??;
        let photo: SavedBoard<Snapshot> = serde_json::from_str(&text).ok()?;
        ended_access::may_show(self.user, self.project, photo.at).then_some((photo.snapshot, photo.at))
    }

    /// Stores the queue and, in the same transaction, removes the queues it was taken over from. Returns whether it is
    /// stored.
    async fn write(&self, queue: &PersistedQueue) -> bool {
        let Ok(text) = serde_json::to_string(queue) else { return false };
        // The keys stay in the list meanwhile: the queue may become empty before this is stored, and then they are
        // removed at once.
        let gone: Vec<String> = self.taken.borrow().iter().map(|(key, _)| key.clone()).collect();
        let text = (!queue.is_empty()).then_some(text.as_str());
        let stored = storage::put(&self.own, text, &gone, WriteDurability::Strict).await.is_ok();
        if stored {
            legacy_comments::remove(&gone);
            gone.iter().for_each(|key| journal::forget(key));
            if let Some(text) = text {
                journal::settle(&self.own, text);
            }
            self.taken.borrow_mut().retain(|(key, _)| !gone.contains(key));
        }
        stored
    }

    /// Passes ops to the board, and removes their old keys once they are stored with its own. Without a board they stay
    /// there.
    fn take_over(&self, keys: Vec<String>, queue: PersistedQueue, held: &Rc<Option<Held>>) {
        if (self.notify)(OfflineStoreNotice::Found(queue)) {
            self.taken.borrow_mut().extend(keys.into_iter().map(|key| (key, Rc::clone(held))));
        }
    }

    /// Takes over the queues of a closed tab, or of an earlier page of this one.
    async fn take(&self, tab: TabId, held: Option<Held>) {
        let held = Rc::new(held);
        for (key, text) in queues(&format!("{}{tab}/", self.queues)).await {
            if !self.has(&key) {
                self.take_over(vec![key], PersistedQueue::read(&text), &held);
            }
        }
    }

    /// Whether this page has the ops under a key.
    fn has(&self, key: &str) -> bool {
        key == self.own || self.taken.borrow().iter().any(|(taken, _)| taken == key)
    }

    /// Whether this page has all waiting ops of this board that belong to no other live tab.
    pub(crate) async fn has_all(&self) -> bool {
        let others = tab::others().await;
        let lives = |key: &str| tab_of(key, &self.queues).is_some_and(|tab| others.contains(&tab));
        let all = queues(&self.queues).await;
        all.iter().all(|(key, text)| self.has(key) || lives(key) || PersistedQueue::read(text).pending_ops.is_empty())
    }
}

async fn collect(store: Rc<OfflineStore>, user: UserId, project: ProjectId) {
    let (keys, queue) = legacy_comments::find(user, project);
    if !keys.is_empty() {
        store.take_over(keys, queue, &Rc::new(None));
    }
    store.take(tab::id(), None).await;
    let keys = queues(&store.queues).await;
    let left = keys.iter().filter_map(|(key, _)| tab_of(key, &store.queues));
    for tab in left.chain(tab::others().await) {
        store.watch(tab);
    }
}

/// A user's stored board.
pub(crate) async fn stored_board(user: Option<UserId>, project: ProjectId) -> Option<Snapshot> {
    let user = user?;
    let text = storage::get(&board_key(user, project)).await.ok()??;
    let SavedBoard { at, snapshot } = serde_json::from_str(&text).ok()?;
    ended_access::may_show(user, project, at).then_some(snapshot)
}

/// The boards with waiting ops of a user that no other live tab has.
pub(crate) async fn waiting(user: UserId) -> Vec<ProjectId> {
    let (begin, others) = (queues_of(user), tab::others().await);
    let all = queues(&begin).await;
    let waits = |text: &str| !PersistedQueue::read(text).pending_ops.is_empty();
    let of_board = |key: &str| {
        let mut parts = key.strip_prefix(&begin)?.split('/');
        let (board, tab): (ProjectId, TabId) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        (!others.contains(&tab)).then_some(board)
    };
    let mut boards: SortedSet<_> =
        all.iter().filter(|(_, text)| waits(text)).filter_map(|(key, _)| of_board(key)).collect();
    boards.extend(legacy_comments::boards(user));
    boards.into_iter().collect()
}

/// Number of a user's stored ops on all boards: waiting, rejected or unreadable.
pub(crate) async fn unsent(user: UserId) -> usize {
    queues(&queues_of(user)).await.iter().map(|(_, text)| PersistedQueue::read(text).len()).sum()
}

/// Deletes everything stored for a user.
pub(crate) async fn clear(user: UserId) {
    // A browser that cannot delete could not store either.
    let _ = storage::clear(&queues_of(user)).await;
    let _ = clear_boards(user).await;
}

/// Deletes a user's stored boards.
pub(crate) async fn clear_boards(user: UserId) -> Stored<()> {
    storage::clear(&boards_of(user)).await
}

/// Deletes one stored board.
pub(crate) async fn clear_board(user: UserId, project: ProjectId) -> Stored<()> {
    storage::clear(&board_key(user, project)).await
}

/// Deletes the stored boards of other users than `user`.
pub(crate) async fn clear_boards_but(user: Option<UserId>) -> Stored<()> {
    match user {
        Some(user) => storage::clear_but(BOARDS, &format!("{user}/")).await,
        None => storage::clear(BOARDS).await,
    }
}

/// The queues under a key prefix, including those not yet in IndexedDB.
async fn queues(prefix: &str) -> Vec<(String, String)> {
    journal::overlay(prefix, storage::all(prefix).await.unwrap_or_default())
}

/// The tab that wrote a queue of one board.
fn tab_of(key: &str, queues: &str) -> Option<TabId> {
    key.strip_prefix(queues)?.split('/').next()?.parse().ok()
}

fn queues_of(user: UserId) -> String {
    format!("queue/{user}/")
}

fn boards_of(user: UserId) -> String {
    format!("{BOARDS}{user}/")
}

fn board_key(user: UserId, project: ProjectId) -> String {
    format!("{}{project}", boards_of(user))
}
