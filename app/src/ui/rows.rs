//! Keyed lists, whose rows keep their elements while others come and go. One `<For>` for all lists: a generic one for
//! each kind of row would add to the download.

use std::fmt::Display;

use leptos::prelude::*;

/// A row, to be rendered if it is new.
pub(crate) struct KeyedRow {
    key: String,
    make: Box<dyn FnOnce() -> AnyView + Send>,
}

impl KeyedRow {
    /// A row identified by `key`. `make` is called when there is no row with that key yet.
    pub(crate) fn new(key: impl Display, make: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self { key: key.to_string(), make: Box::new(make) }
    }
}

/// The rows that `each` returns, in its order. What it reads is tracked.
pub(crate) fn rows(each: impl Fn() -> Vec<KeyedRow> + Send + 'static) -> AnyView {
    let each: Box<dyn Fn() -> Vec<KeyedRow> + Send> = Box::new(each);
    view! { <For each key=|row| row.key.clone() children=|row| (row.make)() /> }.into_any()
}
