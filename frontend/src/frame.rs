//! Calls before the next animation frame.

use std::{cell::Cell, rc::Rc};

use wasm_bindgen::{JsCast, closure::Closure};

/// Calls a function once before the next animation frame, however often it is requested. Dropping it cancels the
/// request.
pub(crate) struct NextFrame {
    draw: Closure<dyn Fn()>,
    asked: Rc<Cell<Option<i32>>>,
}

impl NextFrame {
    /// Prepares calls of `draw`.
    pub(crate) fn new(draw: impl Fn() + 'static) -> Self {
        let asked = Rc::new(Cell::new(None));
        let called = Rc::clone(&asked);
        let draw = Closure::new(move || {
            called.set(None);
            draw();
        });
        Self { draw, asked }
    }

    /// Requests the call. A hidden page gets it once it is shown.
    pub(crate) fn ask(&self) {
        if self.asked.get().is_none()
            && let Some(window) = web_sys::window()
        {
            self.asked.set(window.request_animation_frame(self.draw.as_ref().unchecked_ref()).ok());
        }
    }
}

impl Drop for NextFrame {
    fn drop(&mut self) {
        if let (Some(asked), Some(window)) = (self.asked.get(), web_sys::window()) {
            let _ = window.cancel_animation_frame(asked);
        }
    }
}
