//! The pages and components of Lockstep, for the server (first paint) and the browser (hydrated).
//!
//! ```text
//! backend   the only way out            document  the HTML around the app
//! session   who is signed in            page      one module a route
//! filter    which cards are shown       message   a refusal in words
//! board     the live board              toast     short messages at the foot
//! column    how a column is changed  field     all fields, of all pages
//! header    the bar on top              bell      what concerns one, on every page
//! chart     charts of our own
//! other_user: a page whose user is no longer signed in
//! announce_others: whether what others do is read out
//! left_projects: what no list shows any more     undo: a request that takes an act back
//! confirm_address: a hint that an address waits to be confirmed
//! response: its status, and whom its page shows
//! hydrated: whether the page reacts yet
//! avatar, date, dialog, form, icon, rows, theme: small shared parts
//! ```
//!
//! [`App`] finds its `Arc<dyn Backend>` in the context: the server provides one a request, the
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
