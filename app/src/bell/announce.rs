//! What a screen reader hears of new notifications: politely, and not each of a flood.

use std::time::Duration;

use engine::Notification;
use leptos::prelude::*;

/// The least time between two sentences.
const PAUSE: Duration = Duration::from_secs(5);

/// Reads new notifications out.
#[derive(Clone, Copy)]
pub(super) struct Announcer {
    text: RwSignal<String>,
    /// How many came that nobody has heard of.
    waiting: StoredValue<u32>,
    /// Whether the last sentence is too fresh for another one.
    pausing: StoredValue<bool>,
}

impl Announcer {
    pub(super) fn new() -> Self {
        Self { text: RwSignal::new(String::new()), waiting: StoredValue::new(0), pausing: StoredValue::new(false) }
    }

    /// Says it at once, or later and together with others.
    pub(super) fn add(self, notifications: &[Notification]) {
        let count = u32::try_from(notifications.len()).unwrap_or(u32::MAX);
        match notifications {
            _ if self.pausing.get_value() => self.waiting.update_value(|waiting| *waiting += count),
            [] => {}
            [one] => self.say(format!("1 new notification: {}. {}", one.title, one.message)),
            _ => self.say(format!("{count} new notifications")),
        }
    }

    /// Tracks what is said.
    pub(super) fn text(self) -> String {
        self.text.get()
    }

    fn say(self, sentence: String) {
        self.text.set(sentence);
        self.pausing.set_value(true);
        set_timeout(
            move || {
                self.pausing.set_value(false);
                match self.waiting.try_update_value(std::mem::take).unwrap_or_default() {
                    0 => {}
                    1 => self.say("1 new notification".to_owned()),
                    count => self.say(format!("{count} new notifications")),
                }
            },
            PAUSE,
        );
    }
}
