//! The WASM entry of Lockstep, and its only I/O in the browser.
//!
//! ```text
//! browser   implements `app::backend::Backend`      http           fetch, with op ids and API errors
//! board     drives `engine::session::Session`       tab_connection one tab's end of a shared connection
//! bell      drives `engine::session::Bell`          offline_store  a board's queue and snapshot in IndexedDB
//! copies    stored boards and pages, and their removal             departure      a page whose session is over
//! ended_access   copies that may not be shown any more             session_doubt  signs that the session is over
//! alerts    desktop notifications                   user           the user that the page and its requests name
//! socket · channel · page_lifecycle · frame · clipboard · clock · random · storage · local · lock · tab · journal
//! legacy_comments · worker · build · blocked: one browser facility each
//! ```
//!
//! The engine makes all decisions: this crate passes in what happened and carries out the effects.

mod alerts;
mod bell;
mod blocked;
mod board;
mod browser;
mod build;
mod channel;
mod clipboard;
mod clock;
mod copies;
mod departure;
mod ended_access;
mod frame;
mod http;
mod journal;
mod legacy_comments;
mod local;
mod lock;
mod offline_store;
mod page_lifecycle;
mod random;
mod session_doubt;
mod socket;
mod storage;
mod tab;
mod tab_connection;
mod user;
mod worker;

use std::sync::Arc;

use app::{App, backend::Backend};
use leptos::prelude::provide_context;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::browser::Browser;

/// Hydrates the page that the server rendered. The page calls it once.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    departure::begin();
    leptos::mount::hydrate_body(|| {
        provide_context::<Arc<dyn Backend>>(Arc::new(Browser));
        App()
    });
}
