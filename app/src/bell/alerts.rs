//! The switch for desktop notifications. The browser asks for permission only when the user presses it.

use leptos::{prelude::*, task::spawn_local};

use super::BellState;
use crate::{backend::Alerts, ui::icon::Icon};

impl BellState {
    /// Tracks whether this browser shows desktop notifications.
    pub(crate) fn alerts(self) -> Alerts {
        self.alerts.get()
    }

    /// Turns desktop notifications on, for which the browser asks its user, or off.
    pub(crate) fn set_alerts(self, on: bool) {
        let Some(backend) = self.backend.get_value() else { return };
        let reply = backend.set_alerts(on);
        spawn_local(async move {
            if let Ok(state) = reply.await {
                self.alerts.set(state);
            }
        });
    }
}

/// The foot of the bell's list, until desktop notifications are on or the browser refuses them.
pub(super) fn offer(state: BellState) -> Option<AnyView> {
    let button = || {
        view! {
            <div class="bell-foot">
                <button class="button small" type="button" on:click=move |_| state.set_alerts(true)>
                    <Icon name="monitor" />
                    "Notify me in this browser"
                </button>
            </div>
        }
        .into_any()
    };
    (state.alerts() == Alerts::Off).then(button)
}
