//! Waits before retries.

/// Full jitter: a random wait from 0 up to 0.5 s · 2ⁿ, capped at 20 s, so that the clients of a server that went away
/// do not return at the same time. `failures` counts from 0; the result is in milliseconds.
pub(super) fn full_jitter(failures: u32, random: u64) -> u64 {
    const BASE_MS: u64 = 500;
    const CAP_MS: u64 = 20_000;
    let ceiling = BASE_MS.saturating_mul(1 << failures.min(16)).min(CAP_MS);
    random % ceiling
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let longest = |failures| full_jitter(failures, 499 + 500 * ((1 << failures.min(6)) - 1));
        assert_eq!([0, 1, 2, 3, 4, 5].map(longest), [499, 999, 1_999, 3_999, 7_999, 15_999]);
        assert_eq!(full_jitter(6, 19_999), 19_999);
        assert_eq!(full_jitter(u32::MAX, 20_000), 0);
    }
}
