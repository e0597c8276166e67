//! Messages between the tabs of a browser: a BroadcastChannel.

use engine::session::tabs::TabEnvelope;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

/// A named channel. Dropping it closes it.
pub(crate) struct Channel {
    channel: BroadcastChannel,
    _listener: Closure<dyn Fn(MessageEvent)>,
}

impl Channel {
    /// Calls `on_message` for messages of other tabs. `None` if the browser has no channels.
    pub(crate) fn open(name: &str, on_message: impl Fn(TabEnvelope) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            // The channel's name includes the build, so all its tabs use the same format.
            if let Some(message) = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok()) {
                on_message(message);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self { channel, _listener: on_message })
    }

    /// Sends a message to all other tabs.
    pub(crate) fn post(&self, message: &TabEnvelope) {
        if let Ok(text) = serde_json::to_string(message) {
            // Fails only once it is closed.
            let _ = self.channel.post_message(&text.into());
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}
