//! Web Locks: held by one tab at a time, and released when the tab ends, however it ends.
//!
//! Not every browser has them, and none outside of `https` and `localhost`.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`. Declared here because web-sys has it only as an unstable API, behind a flag.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &JsValue, granted: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method)]
    fn query(this: &LockManager) -> Promise;
}

/// How to request a lock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockRequest {
    /// Wait in the queue.
    Wait,
    /// Take it now, even if another tab has it.
    Steal,
}

/// A lock held by this tab. Dropping it releases it.
pub(crate) struct Held(Function);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Whether the browser has locks.
pub(crate) fn available() -> bool {
    manager().is_some()
}

/// Requests a lock. `granted` gets it; `lost` is called if it is stolen.
pub(crate) fn request(
    name: &str,
    how: LockRequest,
    granted: impl FnOnce(Held) + 'static,
    lost: impl FnOnce() + 'static,
) {
    let Some(manager) = manager() else { return };
    let options = Object::new();
    // Cannot fail: it is our own object.
    let _ = Reflect::set(&options, &"steal".into(), &(how == LockRequest::Steal).into());
    let granted = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
        // The lock is held until this promise resolves.
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        if let Some(release) = release {
            granted(Held(release));
        }
        held.into()
    });
    if let Ok(ended) = manager.request(name, &options, &granted) {
        spawn_local(async move {
            if JsFuture::from(ended).await.is_err() {
                lost();
            }
        });
    }
}

/// The names of all held locks.
pub(crate) async fn names() -> Vec<String> {
    let Some(manager) = manager() else { return Vec::new() };
    let Ok(answer) = JsFuture::from(manager.query()).await else { return Vec::new() };
    let held: Option<Array> = Reflect::get(&answer, &"held".into()).ok().and_then(|held| held.dyn_into().ok());
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    held.into_iter().flat_map(|held| held.iter().filter_map(name).collect::<Vec<_>>()).collect()
}

fn manager() -> Option<LockManager> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}
