//! The user's time zone, as their browser knows it.

use std::sync::Arc;

use engine::{Method, Request, UserId};
use js_sys::{Array, Function, Intl, Object, Reflect};
use leptos::{prelude::*, task::spawn_local};
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};

use crate::backend::Backend;

/// The time zone of a user who never chose one.
const UNSET: &str = "UTC";

/// The browser's time zone, by its IANA name.
pub(crate) fn of_browser() -> Option<String> {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}

/// Every time zone that the browser knows. Only UTC where it does not list them.
pub(crate) fn all() -> Vec<String> {
    let ask = || -> Result<Array, JsValue> {
        let intl = Reflect::get(&js_sys::global(), &"Intl".into())?;
        let ask: Function = Reflect::get(&intl, &"supportedValuesOf".into())?.dyn_into()?;
        ask.call1(&intl, &"timeZone".into())?.dyn_into()
    };
    let zones = ask().unwrap_or_default();
    [UNSET.to_owned()].into_iter().chain(zones.iter().filter_map(|zone| zone.as_string())).collect()
}

/// Sets the time zone of a user who has none, once per browser: a user who goes back to UTC keeps it.
pub(super) fn set_from_browser(backend: Arc<dyn Backend>, me: UserId) {
    let Some(zone) = of_browser().filter(|zone| zone != UNSET) else { return };
    let key = format!("zone:{me}");
    let Some(storage) = window().local_storage().ok().flatten() else { return };
    if storage.get_item(&key).is_ok_and(|set| set.is_some()) {
        return;
    }
    spawn_local(async move {
        let Ok(mut preferences) = backend.preferences().await else { return };
        if preferences.time_zone == UNSET {
            preferences.time_zone.clone_from(&zone);
            let put = Request::new(Method::Put, "/api/notifications/preferences").json(json!(preferences));
            if backend.send(put).await.is_err() {
                return;
            }
        }
        let _ = storage.set_item(&key, &zone);
    });
}
