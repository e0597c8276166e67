//! The other tabs of one connection.

use std::collections::BTreeSet;

use crate::TabId;

/// The other tabs that were heard of, until they are gone.
#[derive(Clone, Debug, Default)]
pub(super) struct PeerTabs {
    known: BTreeSet<TabId>,
    /// Those of them in sight.
    visible: BTreeSet<TabId>,
}

impl PeerTabs {
    /// Hears of a tab. True when it was not known.
    pub(super) fn meet(&mut self, tab: TabId) -> bool {
        self.known.insert(tab)
    }

    /// A tab was shown or hidden.
    pub(super) fn see(&mut self, tab: TabId, visible: bool) {
        if visible {
            self.visible.insert(tab);
        } else {
            self.visible.remove(&tab);
        }
    }

    /// A tab is gone.
    pub(super) fn forget(&mut self, tab: TabId) {
        self.known.remove(&tab);
        self.visible.remove(&tab);
    }

    /// A tab that somebody looks at.
    pub(super) fn in_sight(&self) -> Option<TabId> {
        self.visible.first().copied()
    }
}
