//! Sessions and a small server on a network that loses, repeats, delays and reorders, in virtual time.
//! Everything follows from one seed; `LOCKSTEP_SEED=… cargo test -p engine --test sim` replays a failure.

#![expect(clippy::unwrap_used, reason = "where the simulated world is not as it should be, the test fails")]
#![expect(clippy::print_stdout, reason = "the seed of a failure")]

mod dice;
mod promises;
mod server;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use world::World;

/// Seeds of one run of the tests.
const SEEDS: u64 = 60;

fn each_seed(run: impl Fn(u64)) {
    let seeds = match std::env::var("LOCKSTEP_SEED") {
        Ok(seed) => {
            let seed: u64 = seed.parse().unwrap();
            seed..seed + 1
        }
        Err(_) => 0..SEEDS,
    };
    for seed in seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(seed))) {
            println!("replay with LOCKSTEP_SEED={seed}");
            resume_unwind(panic);
        }
    }
}

#[test]
fn two_sessions_converge() {
    each_seed(|seed| World::new(seed, 2).run(60));
}

#[test]
fn five_sessions_converge() {
    each_seed(|seed| World::new(seed, 5).run(120));
}
