//! Waits of a node before it retries.

/// The waits, in milliseconds; the last one repeats.
const STEPS: [u64; 6] = [100, 250, 500, 1000, 2000, 5000];

/// The wait after a number of earlier failures: from 100 ms to 5 s, randomly up to a fifth shorter or longer, so that
/// processes that failed together do not retry together. In milliseconds.
pub fn stepped(failures: usize, random: u64) -> u64 {
    let step = STEPS[failures.min(STEPS.len() - 1)];
    let spread = step * 2 / 5;
    step - spread / 2 + random % (spread + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_to_five_seconds_and_stays_there() {
        for (failures, step) in STEPS.into_iter().chain([5000, 5000]).enumerate() {
            for random in [0, 1, 2_000, u64::MAX] {
                let wait = stepped(failures, random);
                assert!((step * 4 / 5..=step * 6 / 5).contains(&wait), "{wait} of {step} ms");
            }
        }
    }
}
