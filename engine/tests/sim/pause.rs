//! Tabs that are paused or hidden for a while.

use std::collections::VecDeque;

use engine::session::SharedSocketInput;

use crate::{plan::TABS, scheduled::Scheduled, tab::Signal, world::World};

/// Input that waits for a paused tab.
pub(crate) struct Asleep {
    stopped: Stopped,
    pub(crate) came: VecDeque<Signal>,
}

/// Why a tab is paused.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stopped {
    Stuck,
    Lid,
    Frozen,
}

impl World {
    /// Pauses a tab without its browser's knowledge.
    pub(crate) fn sleep(&mut self, tab: usize, ms: u64) {
        self.stop_tab(tab, Stopped::Stuck, ms);
    }

    /// Pauses all tabs of a laptop.
    pub(crate) fn laptop_sleep(&mut self, client: usize, ms: u64) {
        for tab in (0..TABS).filter(|tab| tab / 2 == client) {
            self.stop_tab(tab, Stopped::Lid, ms);
        }
    }

    /// Freezes a tab, as its browser does.
    pub(crate) fn freeze(&mut self, tab: usize, ms: u64) {
        if self.tabs[tab].runs() {
            self.shared_input(tab, SharedSocketInput::Frozen);
            self.stop_tab(tab, Stopped::Frozen, ms);
        }
    }

    fn stop_tab(&mut self, tab: usize, stopped: Stopped, ms: u64) {
        let it = &mut self.tabs[tab];
        if it.runs() {
            it.asleep = Some(Asleep { stopped, came: VecDeque::new() });
            let generation = it.generation;
            self.schedule(self.now + ms, Scheduled::Awake { tab, generation });
        }
    }

    pub(crate) fn awake(&mut self, tab: usize) {
        let now = self.now;
        let it = &mut self.tabs[tab];
        let Some(Asleep { stopped, came }) = it.asleep.take() else { return };
        it.awake_since = now;
        match stopped {
            // Due timers fire before all queued input.
            Stopped::Stuck => self.tick_tab(tab),
            Stopped::Lid => self.signal(tab, Signal::Woken),
            Stopped::Frozen => {
                self.shared_input(tab, SharedSocketInput::Thawed);
                self.signal(tab, Signal::Woken);
            }
        }
        for signal in came {
            self.signal(tab, signal);
        }
        self.tick_tab(tab);
    }

    /// Hides a tab.
    pub(crate) fn hide(&mut self, tab: usize, ms: u64) {
        if self.tabs[tab].page.is_some() && !std::mem::replace(&mut self.tabs[tab].hidden, true) {
            let generation = self.tabs[tab].generation;
            self.signal(tab, Signal::Visible(false));
            self.schedule(self.now + ms, Scheduled::Shown { tab, generation });
        }
    }

    pub(crate) fn show(&mut self, tab: usize) {
        if std::mem::take(&mut self.tabs[tab].hidden) {
            self.tabs[tab].shown_since = self.now;
            self.signal(tab, Signal::Visible(true));
            self.signal(tab, Signal::Woken);
        }
    }
}
