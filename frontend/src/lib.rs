//! The WASM entry of Lockstep, and all that it asks of the browser.
//!
//! ```text
//! browser  answers `app::backend::Backend`     http    fetch, with op ids and errors as the API has them
//! board    drives `engine::session::Session`   port    one end of a connection that the tabs share, and a timer
//! bell     drives `engine::session::Bell`      shelf   what a board keeps over the end of its page
//! copies   boards and pages, kept for as long as there is access    departure  a page whose session is over
//! ended_access  which copies may not be shown                     session_doubt  who says that it may be over
//! alerts   notifications outside of the page         user    whom the page shows, named by all that it asks for
//! socket · channel · wake · frame · clipboard · clock · random · storage · local · lock · tab · journal · legacy_comments · worker · build · blocked: one thing of the browser each
//! ```
//!
//! All decisions are the engine's: this crate passes in what happened and carries out what comes back.

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

/// Brings the page that the server rendered to life. Called once, by the page.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    departure::begin();
    leptos::mount::hydrate_body(|| {
        provide_context::<Arc<dyn Backend>>(Arc::new(Browser));
        App()
    });
}
