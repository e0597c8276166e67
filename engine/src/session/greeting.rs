//! What one session can tell that of another tab.

use serde::Serialize;

use super::Session;
use crate::{Epoch, wire::Presence};

impl Session {
    /// The frame that brings the session of another tab to where this one is: it begins as a socket does, and fetches
    /// what it has missed. `None` while this one does not know.
    pub fn greeting(&self) -> Option<String> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename = "sync")]
        struct Greeting<'a> {
            epoch: Epoch,
            seq: u64,
            recovered: bool,
            events: [(); 0],
            presence: &'a [Presence],
        }
        let greeting = Greeting {
            epoch: self.cursor.epoch(),
            seq: self.cursor.top(),
            recovered: true,
            events: [],
            presence: self.people.all(),
        };
        self.synced.then(|| serde_json::to_string(&greeting).ok()).flatten()
    }
}
