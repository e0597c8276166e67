//! An event listener that is taken off again when it is dropped. For what Leptos has no words for:
//! the capture phase, and listeners that may prevent scrolling.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// A listener on some element, for as long as it lives.
pub(crate) struct DomListener {
    target: EventTarget,
    event: &'static str,
    capture: bool,
    run: Closure<dyn FnMut(Event)>,
}

/// When a listener hears of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Before the element that it happened on.
    Capture,
    /// After it.
    Bubble,
}

impl DomListener {
    /// Listens. The listener may prevent what the browser would do.
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
        // Said, because browsers take touch listeners on the window for passive ones.
        options.set_passive(false);
        // Cannot fail: the arguments are of the right kinds.
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
