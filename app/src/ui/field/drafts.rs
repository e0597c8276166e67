//! Drafts: texts that were typed into a field and not saved.
//!
//! This browser stores them under a key that names the user, the field and the card, so they survive a reload, a crash
//! and the end of the session, and no other user sees them.

use engine::{UserId, mention};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::{
    date::{DayWords as _, clock_time, local_day},
    ui::dom::fresh_id,
};

/// The most drafts of one field. Beyond that the oldest is dropped.
const MOST: usize = 10;

/// A text that was typed and not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredDraft {
    /// Distinguishes it from the field's other drafts.
    id: String,
    /// When it was last changed, in milliseconds since 1970.
    at: i64,
    /// The text.
    pub(crate) text: String,
    /// What the field stored with it: the version that was read, or the column.
    pub(crate) note: Option<String>,
}

/// All drafts of one field, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct DraftList(Vec<StoredDraft>);

impl DraftList {
    /// Parses the stored list. Skips entries that it cannot read.
    fn parse(text: &str) -> Self {
        let list: Value = serde_json::from_str(text).unwrap_or_default();
        let draft = |value: &Value| {
            let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
            let at = value.get("at").and_then(Value::as_i64)?;
            Some(StoredDraft { id: text("id")?, at, text: text("text")?, note: text("note") })
        };
        Self(list.as_array().map(|all| all.iter().filter_map(draft).collect()).unwrap_or_default())
    }

    /// Serialises the list; `None` when it is empty.
    fn to_text(&self) -> Option<String> {
        let draft = |StoredDraft { id, at, text, note }: &StoredDraft| json!({ "id": id, "at": at, "text": text, "note": note });
        (!self.0.is_empty()).then(|| Value::Array(self.0.iter().map(draft).collect()).to_string())
    }

    /// Replaces the draft with the same id. A blank draft is removed.
    fn upsert(&mut self, draft: StoredDraft) {
        self.remove(&draft.id);
        if !draft.text.trim().is_empty() {
            self.0.push(draft);
        }
        let surplus = self.0.len().saturating_sub(MOST);
        self.0.drain(..surplus);
    }

    fn remove(&mut self, id: &str) {
        self.0.retain(|draft| draft.id != id);
    }

    /// The newest draft that is not `own` and differs from `shown`.
    fn offer(&self, own: Option<&str>, shown: &str) -> Option<&StoredDraft> {
        self.0.iter().rev().find(|draft| Some(draft.id.as_str()) != own && draft.text.trim() != shown.trim())
    }
}

/// The drafts of one field of one card, for the user whom the page shows.
#[derive(Clone, Copy)]
pub(crate) struct Drafts {
    key: StoredValue<String>,
    all: RwSignal<DraftList>,
    /// The id of the draft that is being typed.
    own: RwSignal<Option<String>>,
}

impl Drafts {
    /// The drafts of `field` of a card, or of whatever has the id `of`. They are read once the page is hydrated.
    pub(crate) fn new(me: UserId, field: &'static str, of: impl std::fmt::Display) -> Self {
        let drafts = Self {
            key: StoredValue::new(key(me, field, of)),
            all: RwSignal::new(DraftList::default()),
            own: RwSignal::new(None),
        };
        // Effects run in the browser only.
        Effect::new(move |_| drafts.load());
        drafts
    }

    fn load(self) {
        if let Some(key) = self.key.try_get_value() {
            self.all.try_set(read(&key));
        }
    }

    /// Adopts a text that an earlier build stored under this key.
    pub(crate) fn adopt(self, key: String) {
        Effect::new(move |_| {
            let storage = window().local_storage().ok().flatten();
            let Some(text) = storage.as_ref().and_then(|storage| storage.get_item(&key).ok().flatten()) else { return };
            self.keep(&text, None);
            self.release();
            if let Some(storage) = storage {
                let _ = storage.remove_item(&key);
            }
        });
    }

    /// Stores what was typed. On each key, because a crash gives no warning.
    pub(crate) fn keep(self, text: &str, note: Option<String>) {
        let Some(own) = self.own.try_get_untracked() else { return };
        let id = own.or_else(|| fresh_id().map(|id| id.to_string()));
        let Some(id) = id else { return };
        self.own.set(Some(id.clone()));
        let at = js_sys::Date::now() as i64;
        self.change(|all| all.upsert(StoredDraft { id, at, text: text.to_owned(), note }));
    }

    /// Removes the draft when its editing ends: it was saved or cancelled.
    pub(crate) fn drop_own(self) {
        if let Some(id) = self.own.try_get_untracked().flatten() {
            self.own.set(None);
            self.change(|all| all.remove(&id));
        }
    }

    /// Keeps the draft when its editing ends undecided: it is offered again.
    pub(crate) fn release(self) {
        self.own.try_set(None);
    }

    /// Removes the drafts whose text has been saved.
    pub(crate) fn saved(self, text: &str) {
        let same = |all: &DraftList| all.0.iter().any(|draft| draft.text.trim() == text.trim());
        if self.all.try_with_untracked(same) == Some(true) {
            self.change(|all| all.0.retain(|draft| draft.text.trim() != text.trim()));
        }
    }

    /// Tracks the draft to offer beside a field that shows `shown`.
    pub(crate) fn offered(self, shown: &str) -> Option<StoredDraft> {
        self.own.with(|own| self.all.with(|all| all.offer(own.as_deref(), shown).cloned()))
    }

    /// Resumes a draft: it is the one that is being typed from now on.
    pub(crate) fn resume(self, draft: &StoredDraft) {
        self.own.set(Some(draft.id.clone()));
    }

    /// Discards a draft.
    pub(crate) fn discard(self, draft: &StoredDraft) {
        self.change(|all| all.remove(&draft.id));
    }

    // Read again each time: another tab may have written meanwhile.
    fn change(self, change: impl FnOnce(&mut DraftList)) {
        let Some(key) = self.key.try_get_value() else { return };
        let mut all = read(&key);
        change(&mut all);
        write(&key, all.to_text().as_deref());
        self.all.try_set(all);
    }

    /// The draft that is offered beside the field, with its buttons.
    pub(crate) fn offer(self, shown: Signal<String>, resume: Callback<StoredDraft>) -> AnyView {
        let offered = Memo::new(move |_| shown.with(|shown| self.offered(shown)));
        (move || {
            let draft = offered.get()?;
            let (words, title) = (format!("Draft from {}", when(draft.at)), mention::plain(&draft.text));
            let thrown = draft.clone();
            let view = view! {
                <p class="draft" role="status" data-testid="draft">
                    <span class="draft-when" title=title>{words}</span>
                    <button
                        class="link-button"
                        type="button"
                        on:click=move |_| {
                            self.resume(&draft);
                            resume.run(draft.clone());
                        }
                    >
                        "Continue"
                    </button>
                    <button class="link-button" type="button" on:click=move |_| self.discard(&thrown)>
                        "Discard"
                    </button>
                </p>
            };
            Some(view.into_any())
        })
        .into_any()
    }
}

/// The newest draft of a field that is gone, with a button that discards all of them. In the browser only.
pub(crate) fn orphaned_draft(me: UserId, field: &'static str, of: impl std::fmt::Display) -> Option<String> {
    read(&key(me, field, of)).0.pop().map(|draft| draft.text)
}

/// Discards all drafts of a field. In the browser only.
pub(crate) fn clear(me: UserId, field: &'static str, of: impl std::fmt::Display) {
    write(&key(me, field, of), None);
}

fn key(me: UserId, field: &str, of: impl std::fmt::Display) -> String {
    format!("draft:{me}:{field}:{of}")
}

fn read(key: &str) -> DraftList {
    let stored = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(key).ok().flatten());
    stored.map(|text| DraftList::parse(&text)).unwrap_or_default()
}

// Where storage is disabled, a draft lasts as long as its field.
fn write(key: &str, text: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match text {
            Some(text) => storage.set_item(key, text),
            None => storage.remove_item(key),
        };
    }
}

/// `10:42` today, `24 Nov` before. In the browser only.
fn when(at: i64) -> String {
    let moment = engine::Timestamp::from_millis(at);
    let today = local_day(engine::Timestamp::from_millis(js_sys::Date::now() as i64));
    let day = local_day(moment);
    if day == today { clock_time(moment) } else { day.plain(today) }
}

#[cfg(test)]
mod tests;
