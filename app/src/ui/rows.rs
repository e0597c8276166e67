//! Lists whose rows stay what they are while others come and go. One piece of code for all of them: each kind of
//! row with a `<For>` of its own would be downloaded as such.

use std::fmt::Display;

use leptos::prelude::*;

/// A row, should it be new.
pub(crate) struct KeyedRow {
    key: String,
    make: Box<dyn FnOnce() -> AnyView + Send>,
}

impl KeyedRow {
    /// A row that `key` tells from the others. `make` is called where there is no row with that key yet.
    pub(crate) fn new(key: impl Display, make: impl FnOnce() -> AnyView + Send + 'static) -> Self {
        Self { key: key.to_string(), make: Box::new(make) }
    }
}

/// The rows that `each` tells of, in its order. What it reads is tracked.
pub(crate) fn rows(each: impl Fn() -> Vec<KeyedRow> + Send + 'static) -> AnyView {
    let each: Box<dyn Fn() -> Vec<KeyedRow> + Send> = Box::new(each);
    view! { <For each key=|row| row.key.clone() children=|row| (row.make)() /> }.into_any()
}
