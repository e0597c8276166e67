//! Randomness from the browser's cryptographic source.

use engine::{OpId, TabId};
use uuid::Builder;

use crate::clock;

/// A random number.
pub(crate) fn number() -> u64 {
    u64::from_ne_bytes(bytes())
}

/// A new op id: a UUIDv7.
pub(crate) fn op_id() -> OpId {
    OpId::new(
        Builder::from_unix_timestamp_millis(u64::try_from(clock::server().millis()).unwrap_or_default(), &bytes())
            .into_uuid(),
    )
}

/// A name for a tab: a UUIDv4.
pub(crate) fn tab_id() -> TabId {
    TabId::new(Builder::from_random_bytes(bytes()).into_uuid())
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Some(crypto) = web_sys::window().and_then(|window| window.crypto().ok()) {
        // Fails only for more than 65 536 bytes.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}
