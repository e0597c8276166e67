//! The service worker: it opens boards offline, and shows notifications on Android. Not available outside of `https`
//! and `localhost`.

use engine::{ProjectId, UserId};
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::NotificationOptions;

use crate::build;

#[wasm_bindgen]
extern "C" {
    /// `navigator.serviceWorker`.
    type Container;

    #[wasm_bindgen(method)]
    fn register(this: &Container, address: &str) -> Promise;

    #[wasm_bindgen(method, getter)]
    fn ready(this: &Container) -> Promise;

    /// A registration that is ready, and its worker.
    type Registration;

    #[wasm_bindgen(method, getter)]
    fn active(this: &Registration) -> Option<Worker>;

    #[wasm_bindgen(method, js_name = showNotification)]
    fn show(this: &Registration, title: &str, options: &NotificationOptions) -> Promise;

    type Worker;

    #[wasm_bindgen(method, js_name = postMessage)]
    fn post(this: &Worker, message: &JsValue);
}

/// Asks it to cache the page of a board.
pub(crate) fn cache_page(project: ProjectId, user: UserId) {
    post(&[("keep", format!("/projects/{project}")), ("user", user.to_string())]);
}

/// Asks it to delete the cached pages of all other users.
pub(crate) fn drop_other_pages(user: UserId) {
    post(&[("only", user.to_string())]);
}

/// Asks it to delete all cached pages.
pub(crate) fn forget_pages() {
    post(&[("forget", "all".to_owned())]);
}

/// Asks it to delete the page of a board, and to refresh the project list that names it.
pub(crate) fn drop_page(project: ProjectId, user: UserId) {
    post(&[("drop", format!("/projects/{project}")), ("user", user.to_string())]);
}

/// Shows a desktop notification. A click opens the address in its data.
pub(crate) fn show(title: &str, options: NotificationOptions) {
    let Some(container) = container() else { return };
    let title = title.to_owned();
    spawn_local(async move {
        if let Ok(ready) = JsFuture::from(container.ready()).await {
            // Fails if the user has revoked the permission since.
            let _ = JsFuture::from(ready.unchecked_into::<Registration>().show(&title, &options)).await;
        }
    });
}

fn post(fields: &[(&str, String)]) {
    // Under `cargo leptos watch` files have no versions, and a cached page would never expire.
    let (Some(container), Some(_)) = (container(), build::version()) else { return };
    let message = Object::new();
    for (name, value) in fields {
        // Cannot fail: it is our own object.
        let _ = Reflect::set(&message, &(*name).into(), &value.into());
    }
    spawn_local(async move {
        // Fails if the browser stores nothing: boards then open only online.
        if JsFuture::from(container.register("/sw.js")).await.is_ok()
            && let Ok(ready) = JsFuture::from(container.ready()).await
            && let Some(worker) = ready.unchecked_into::<Registration>().active()
        {
            worker.post(&message);
        }
    });
}

fn container() -> Option<Container> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let container = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    container.is_object().then(|| container.unchecked_into())
}
