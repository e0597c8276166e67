//! Announces new notifications to screen readers: politely, and a burst of them as one number.

use std::time::Duration;

use engine::Notification;
use leptos::prelude::*;

/// The shortest time between two announcements.
const PAUSE: Duration = Duration::from_secs(5);

/// The announcements of new notifications.
#[derive(Clone, Copy)]
pub(super) struct Announcer {
    text: RwSignal<String>,
    /// How many notifications wait to be announced.
    waiting: StoredValue<u32>,
    /// Whether the last announcement is too recent for another one.
    pausing: StoredValue<bool>,
}

impl Announcer {
    pub(super) fn new() -> Self {
        Self { text: RwSignal::new(String::new()), waiting: StoredValue::new(0), pausing: StoredValue::new(false) }
    }

    /// Announces them at once, or later together with others.
    pub(super) fn add(self, notifications: &[Notification]) {
        let count = u32::try_from(notifications.len()).unwrap_or(u32::MAX);
        match notifications {
            _ if self.pausing.get_value() => self.waiting.update_value(|waiting| *waiting += count),
            [] => {}
            [one] => self.say(format!("1 new notification: {}. {}", one.title, one.message)),
            _ => self.say(format!("{count} new notifications")),
        }
    }

    /// Tracks the text of the live region.
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
