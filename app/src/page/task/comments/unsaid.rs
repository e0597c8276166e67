//! Comments that are not sent yet, and texts that are not finished. They outlive the panel and the page: this
//! browser stores them until they are sent or given up.

use std::{sync::Arc, time::Duration};

use engine::{
    CommentId, Method, OpId, Request, TaskId, Timestamp, UserId,
    comment::{CommentChanged, CommentDraft},
    session::{Link, ThreadInput},
};
use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{backend::Backend, board::BoardStore, message::sentence, session::backend};

/// After a request that nobody answered.
const PAUSE: Duration = Duration::from_secs(3);

/// A comment on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Unsent {
    pub(super) id: CommentId,
    pub(super) task: TaskId,
    pub(super) draft: CommentDraft,
    pub(super) written_at: Timestamp,
    /// Why the server did not take it. Its author decides what becomes of it.
    #[serde(skip)]
    pub(super) refused: Option<String>,
}

/// What waits on one board's page, for all its tasks. Lives in the context.
#[derive(Clone, Copy)]
pub(in crate::page) struct Unsaid {
    store: BoardStore,
    backend: StoredValue<Arc<dyn Backend>>,
    waiting: RwSignal<Vec<Unsent>>,
    /// Whether one is being sent.
    busy: StoredValue<bool>,
    /// Whether nobody has answered the last time.
    silent: RwSignal<bool>,
}

impl Unsaid {
    /// Takes up what an earlier page has left, and sends it whenever there is a connection.
    pub(in crate::page) fn provide(store: BoardStore) {
        let this = Self {
            store,
            backend: StoredValue::new(backend()),
            waiting: RwSignal::new(Vec::new()),
            busy: StoredValue::new(false),
            silent: RwSignal::new(false),
        };
        provide_context(this);
        Effect::new(move |before: Option<()>| {
            if before.is_none() {
                this.waiting.set(this.left_over());
            }
            if store.link().get().is_current() {
                this.send();
            }
        });
    }

    /// Tracks what waits for one task, in the order in which it was written.
    pub(super) fn of(self, task: TaskId) -> Vec<Unsent> {
        self.waiting.with(|all| all.iter().filter(|one| one.task == task).cloned().collect())
    }

    /// Tracks whether there is a connection to send it by.
    pub(super) fn is_connected(self) -> bool {
        self.store.link().get().is_current() && !self.silent.get()
    }

    /// Sends a comment, now or once there is a connection.
    pub(super) fn say(self, task: TaskId, draft: CommentDraft) {
        let (Some(id), Some(backend)) = (draft.id, self.backend.try_get_value()) else { return };
        let one = Unsent { id, task, draft, written_at: backend.now(), refused: None };
        keep(&self.key(id), Some(&json!(one).to_string()));
        self.waiting.update(|all| all.push(one));
        self.send();
    }

    /// Tries one again that was refused.
    pub(super) fn again(self, id: CommentId) {
        self.refuse(id, None);
        self.send();
    }

    /// Takes one away that was sent, or is given up.
    pub(super) fn remove(self, id: CommentId) {
        keep(&self.key(id), None);
        self.waiting.try_update(|all| all.retain(|one| one.id != id));
    }

    fn refuse(self, id: CommentId, reason: Option<String>) {
        self.waiting.try_update(|all| {
            if let Some(one) = all.iter_mut().find(|one| one.id == id) {
                one.refused = reason;
            }
        });
    }

    /// Sends the first one, and then the next.
    fn send(self) {
        let next = self.waiting.try_with_untracked(|all| all.iter().find(|one| one.refused.is_none()).cloned());
        let (Some(Some(Unsent { id, task, draft, .. })), Some(false)) = (next, self.busy.try_get_value()) else {
            return;
        };
        let request = Request::new(Method::Post, format!("/api/tasks/{task}/comments")).json(json!(draft));
        // The same op id each time, here and in another tab: it is said once.
        let reply = self.backend.with_value(|backend| backend.send_as(OpId::new(id.uuid()), request));
        self.busy.set_value(true);
        spawn_local(async move {
            let answer = reply.await;
            if self.busy.try_set_value(false).is_some() {
                // The page is gone: the next one finds it stored.
                return;
            }
            self.silent.set(answer.as_ref().is_err_and(|error| error.status == 0));
            match answer {
                Ok(value) => {
                    // From text, as everything else is read. The socket brings it, too, in any order.
                    if let Ok(CommentChanged { comment, watching, .. }) = serde_json::from_str(&value.to_string()) {
                        self.store.tell_thread(ThreadInput::Written(Box::new(comment)));
                        self.store.tell_thread(ThreadInput::Watching(watching));
                    }
                    self.remove(id);
                    self.send();
                }
                // Nobody answered: once there is a connection again, or in a while.
                Err(error) if error.status == 0 => {
                    let again = move || {
                        if self.store.link().try_get_untracked().is_some_and(Link::is_current) {
                            self.send();
                        }
                    };
                    set_timeout(again, PAUSE);
                }
                // It was not looked at, and waits for its author.
                Err(error) if error.code == "other_user" => {}
                Err(error) => {
                    self.refuse(id, Some(sentence(&error).into_owned()));
                    self.send();
                }
            }
        });
    }

    /// What earlier pages stored, in the order in which it was written.
    fn left_over(self) -> Vec<Unsent> {
        let Ok(Some(storage)) = window().local_storage() else { return Vec::new() };
        let begin = self.begin();
        let keys = (0..storage.length().unwrap_or_default()).filter_map(|at| storage.key(at).ok().flatten());
        let texts = keys.filter(|key| key.starts_with(&begin)).filter_map(|key| stored(&key));
        let mut all: Vec<Unsent> = texts.filter_map(|text| serde_json::from_str(&text).ok()).collect();
        all.sort_by_key(|one| one.id);
        all
    }

    /// Each one has a key of its own: other tabs store theirs beside it.
    fn key(self, id: CommentId) -> String {
        format!("{}{id}", self.begin())
    }

    fn begin(self) -> String {
        format!("unsent:{}:{}:", self.store.me(), self.store.project_id())
    }
}

/// The key of an unfinished text: a new comment on a task, or the rewriting of one.
pub(super) fn draft_key(me: UserId, of: impl std::fmt::Display) -> String {
    format!("draft:{me}:{of}")
}

/// A stored text. In the browser only.
pub(super) fn stored(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Stores a text, or takes it away. In the browser only. Where nothing can be stored it lives as long as the page.
pub(super) fn keep(key: &str, text: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match text {
            Some(text) if !text.is_empty() => storage.set_item(key, text),
            _ => storage.remove_item(key),
        };
    }
}
