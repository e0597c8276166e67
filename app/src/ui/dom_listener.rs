//! An event listener that is removed when it is dropped. For what Leptos does not offer: the capture phase, and
//! listeners that are not passive.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// A listener on an element or the window.
pub(crate) struct DomListener {
    target: EventTarget,
    event: &'static str,
    capture: bool,
    run: Closure<dyn FnMut(Event)>,
}

/// The phase in which a listener is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before the listeners of the target.
    Capture,
    /// After the listeners of the target.
    Bubble,
}

impl DomListener {
    /// Adds a listener, which may prevent the browser's default action.
    pub(crate) fn on<E: JsCast>(
        target: &EventTarget,
        event: &'static str,
        phase: Phase,
        mut run: impl FnMut(&E) + 'static,
    ) -> Self {
        let run = Closure::<dyn FnMut(Event)>::new(move |event: Event| run(event.unchecked_ref()));
        let capture = phase == Phase::Capture;
        let options = AddEventListenerOptions::new();
        options.set_capture(capture);
        // Explicit, because browsers make touch listeners on the window passive by default.
        options.set_passive(false);
        // Cannot fail: the arguments have the right types.
        let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
            event,
            run.as_ref().unchecked_ref(),
            &options,
        );
        Self { target: target.clone(), event, capture, run }
    }
}

impl Drop for DomListener {
    fn drop(&mut self) {
        let run = self.run.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback_and_bool(self.event, run, self.capture);
    }
}
