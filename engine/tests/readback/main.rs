//! Compatibility: each side reads what the other writes, in this build and earlier ones.

mod answers;
mod arbitrary;
mod fields;
mod golden;
mod queues;
mod unreadable;
mod wire;

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

/// Writes a value and reads it again.
fn again<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let text = serde_json::to_string(value).expect("it can be written");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Checks that a value round-trips.
#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    assert_eq!(again(value), *value);
}
