//! Which columns are collapsed to a strip. Each reader chooses; the browser stores it.

use engine::{StatusId, sorted::SortedSet};
use leptos::prelude::*;

use super::store::BoardStore;

/// The collapsed columns of one board.
#[derive(Clone, Copy)]
pub(super) struct CollapsedColumns {
    ids: RwSignal<SortedSet<StatusId>>,
    key: StoredValue<String>,
}

impl CollapsedColumns {
    /// The columns that the reader has collapsed in this browser. Read once the page is hydrated:
    /// `document/collapsed.js` collapses them for the first paint.
    pub(super) fn new(store: BoardStore) -> Self {
        let key = format!("collapsed:{}:{}", store.me(), store.project_id());
        let collapsed = Self { ids: RwSignal::new(SortedSet::new()), key: StoredValue::new(key) };
        // Effects run in the browser only.
        Effect::new(move |_| {
            let stored = storage().and_then(|storage| storage.get_item(&collapsed.key.get_value()).ok().flatten());
            let ids = stored.iter().flat_map(|text| text.split(' ')).filter_map(|id| id.parse().ok()).collect();
            collapsed.ids.set(ids);
        });
        collapsed
    }

    /// Tracks whether a column is collapsed.
    pub(super) fn has(self, id: StatusId) -> bool {
        self.ids.with(|ids| ids.contains(&id))
    }

    /// Collapses a column, or expands it.
    pub(super) fn set(self, id: StatusId, collapsed: bool) {
        let changed = self.ids.try_update(|ids| if collapsed { ids.insert(id) } else { ids.remove(&id) });
        if changed != Some(true) {
            return;
        }
        let text = self.ids.with_untracked(|ids| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        if let Some(storage) = storage() {
            // Where storage is disabled, the choice lasts as long as the page.
            let key = self.key.get_value();
            let _ = if text.is_empty() { storage.remove_item(&key) } else { storage.set_item(&key, &text) };
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
