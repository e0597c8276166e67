//! The build of this page, and its replacement by a newer one.

use std::{cell::Cell, time::Duration};

use gloo_timers::future::sleep;
use wasm_bindgen_futures::spawn_local;

use crate::{page_lifecycle, random};

/// A hidden page reloads at a random time within this, in milliseconds, so that pages do not all reload at once.
const SPREAD_MS: u64 = 60_000;
/// Matches while the user is typing, or has something open that a reload would close.
const BUSY: &str = "dialog[open], input:focus, textarea:focus";

thread_local! {
    static BEGUN: Cell<bool> = const { Cell::new(false) };
}

/// The version in the addresses of this page's files. `None` under `cargo leptos watch`.
pub(crate) fn version() -> Option<String> {
    let sheet = web_sys::window()?.document()?.get_element_by_id("leptos")?;
    Some(sheet.get_attribute("href")?.split_once("?v=")?.1.to_owned())
}

/// Reloads the page for a newer build once it is hidden and idle, and `may` agrees.
pub(crate) fn renew(may: impl Fn() -> bool + 'static) {
    if BEGUN.replace(true) {
        return;
    }
    spawn_local(async move {
        loop {
            sleep(Duration::from_millis(random::number() % SPREAD_MS)).await;
            if page_lifecycle::is_hidden() && !is_busy() && may() {
                reload();
            }
        }
    });
}

fn is_busy() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_none_or(|document| document.query_selector(BUSY).is_ok_and(|busy| busy.is_some()))
}

fn reload() {
    if let Some(window) = web_sys::window() {
        // Cannot fail for our own document.
        let _ = window.location().reload();
    }
}
