//! The HTML document around the app, which only the server writes.

use std::sync::Arc;

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use leptos_meta::MetaTags;

use crate::{App, backend::Backend, response::PageUser};

/// Starts the app, and shows a message where it cannot: a page that looks ready but is not would be worse.
const BOOT: &str = include_str!("document/boot.js");
/// Applies the stored theme before the first paint, so that the page does not flash.
const THEME: &str = include_str!("document/theme.js");
/// Collapses the columns that the reader has collapsed, before the first paint.
const COLLAPSED: &str = include_str!("document/collapsed.js");

/// The service worker. Served at the root, because it controls only pages below its own path.
pub const WORKER: &str = include_str!("document/worker.js");

/// The addresses of the built files, which contain a hash of their content. The server provides one per request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet.
    pub css: String,
    /// The JavaScript that loads the module.
    pub js: String,
    /// The WASM module.
    pub wasm: String,
}

/// The document around the app. [`Assets`] come from the context.
///
/// # Panics
/// Without [`Assets`] in the context.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Assets { css, js, wasm } = expect_context();
    let user = use_context::<PageUser>().map(|PageUser(user)| user.to_string());
    let now = use_context::<Arc<dyn Backend>>().map(|backend| backend.now().millis().to_string());
    let boot = format!("{BOOT}({js:?},{wasm:?});");
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#f8f9fb" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0e1014" />
                <meta
                    name="description"
                    content="A live kanban board: every open browser shows the same board at the same time."
                />
                {now.map(|now| view! { <meta name="lockstep-now" content=now /> })}
                {user.map(|user| view! { <meta name="lockstep-user" content=user /> })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link id="leptos" rel="stylesheet" href=css />
                // An empty `crossorigin`: the module is fetched by CORS without credentials, and the browser uses a
                // preload only where the modes agree.
                <link rel="modulepreload" href=js crossorigin="" />
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="" />
                <script nonce=use_nonce()>{THEME}</script>
                <script nonce=use_nonce()>{COLLAPSED}</script>
                <script type="module" nonce=use_nonce()>{boot}</script>
                <AutoReload options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
