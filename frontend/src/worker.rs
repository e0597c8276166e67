//! The service worker, which opens boards without a network, and shows notifications on Android. There is none outside of `https` and `localhost`.

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

/// Has the page of a board kept.
pub(crate) fn keep(project: ProjectId, user: UserId) {
    post(&[("keep", format!("/projects/{project}")), ("user", user.to_string())]);
}

/// Has the pages of all other users forgotten.
pub(crate) fn keep_only(user: UserId) {
    post(&[("only", user.to_string())]);
}

/// Has all pages forgotten.
pub(crate) fn forget_pages() {
    post(&[("forget", "all".to_owned())]);
}

/// Has the page of a board forgotten, and the list kept anew that named it.
pub(crate) fn drop_page(project: ProjectId, user: UserId) {
    post(&[("drop", format!("/projects/{project}")), ("user", user.to_string())]);
}

/// Shows a notification outside of the page. A click on it opens the address that is its data.
pub(crate) fn show(title: &str, options: NotificationOptions) {
    let Some(container) = container() else { return };
    let title = title.to_owned();
    spawn_local(async move {
        if let Ok(ready) = JsFuture::from(container.ready()).await {
            // Refused where the user has changed their mind since.
            let _ = JsFuture::from(ready.unchecked_into::<Registration>().show(&title, &options)).await;
        }
    });
}

fn post(fields: &[(&str, String)]) {
    // Under `cargo leptos watch` the files have no versions, and what was kept would be served for good.
    let (Some(container), Some(_)) = (container(), build::version()) else { return };
    let message = Object::new();
    for (name, value) in fields {
        // Cannot fail: it is our own object.
        let _ = Reflect::set(&message, &(*name).into(), &value.into());
    }
    spawn_local(async move {
        // Refused where the browser stores nothing: boards then open with a network only.
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
