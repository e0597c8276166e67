//! The pages and components of Lockstep, for the server (first paint) and the browser (hydrated).
//!
//! ```text
//! app        the routes                       document         the HTML around the app
//! backend    the app's only I/O               session          the signed-in user
//! ui         fields, dialogs, toasts, drag …  header           the bar on top of every page
//!
//! features, each a folder with its pages:
//! board      a project's board                card             the panel of the open card
//! bell       notifications, on every page     oversight        workload, heatmap, report, flow
//! project    the list, settings, invitations  account, sign_in
//!
//! page       the sign-in guard, error pages   response         the status and the user of a page
//! message    refusals in words                date, language, theme
//! other_user, confirm_address, announce_others   notices and a choice that several pages share
//! ```
//!
//! A feature uses `ui` and what is at the root. `scripts/modules/walls.mjs` says which feature may use which other one.
//!
//! [`App`] finds its `Arc<dyn Backend>` in the context: the server provides one per request, the
//! browser one before it hydrates.

#[expect(unreachable_pub, reason = "what #[component] generates is `pub`, whatever the component is")]
mod account;
#[expect(unreachable_pub, reason = "what #[component] generates is `pub`, whatever the component is")]
mod announce_others;
pub mod app;
pub mod backend;
pub mod bell;
pub mod board;
#[expect(unreachable_pub, reason = "what #[component] generates is `pub`, whatever the component is")]
mod card;
pub mod confirm_address;
pub mod date;
pub mod document;
pub mod header;
mod language;
pub mod message;
pub mod other_user;
mod oversight;
mod page;
#[expect(unreachable_pub, reason = "what #[component] generates is `pub`, whatever the component is")]
mod project;
mod response;
pub mod session;
#[expect(unreachable_pub, reason = "what #[component] generates is `pub`, whatever the component is")]
mod sign_in;
pub mod theme;
pub mod ui;

pub use app::App;
pub use document::{Assets, WORKER, shell};
pub use response::{PageUser, Respond};
