//! Runs plans: many seeds, one seed or a saved plan. Shrinks failures before it shows them.

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    plan::Plan,
    world::{RunResult, World},
};

/// Default number of seeds.
const SEEDS: u64 = 200;
/// Most runs for shrinking a plan.
const SHRINKING: u32 = 2_000;

/// Runs a plan. Returns the message of a broken promise.
fn run(plan: &Plan) -> Result<RunResult, String> {
    let ran = panic::catch_unwind(AssertUnwindSafe(|| World::run(plan)));
    ran.map_err(|panic| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast::<&str>().map_or_else(|_| "?".to_owned(), |text| (*text).to_owned()),
    })
}

/// Removes steps that a failing plan does not need.
fn shrink(mut plan: Plan) -> Plan {
    let (mut part, mut runs) = (plan.steps.len().div_ceil(2), 0);
    loop {
        let (mut from, mut smaller) = (0, false);
        while from < plan.steps.len() && runs < SHRINKING {
            let mut less = plan.clone();
            less.steps.drain(from..(from + part).min(plan.steps.len()));
            runs += 1;
            if run(&less).is_err() {
                (plan, smaller) = (less, true);
            } else {
                from += part;
            }
        }
        if runs >= SHRINKING || (part == 1 && !smaller) {
            return plan;
        }
        part = part.div_ceil(2);
    }
}

/// Shrinks and saves a failing plan, and fails.
fn fail(plan: Plan, what: &str) -> ! {
    let (seed, before) = (plan.seed, plan.steps.len());
    println!("seed {seed}: {what}");
    if set("LOCKSTEP_SHRINK").is_some_and(|shrink| shrink == "0") {
        panic!("seed {seed} failed");
    }
    let plan = shrink(plan);
    let small = run(&plan).err().unwrap_or_default();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("sim-{seed}.json"));
    fs::write(&path, serde_json::to_string_pretty(&plan).unwrap()).unwrap();
    println!("with {} of its {before} steps: {small}", plan.steps.len());
    for step in &plan.steps {
        println!("  {}", serde_json::to_string(step).unwrap());
    }
    println!("replay: make sim PLAN={}", path.display());
    panic!("seed {seed} failed");
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[test]
fn every_plan_keeps_the_promises() {
    let loud = panic::take_hook();
    // A failure is printed once, after shrinking.
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(plans);
    panic::set_hook(loud);
    if let Err(panic) = result {
        panic::resume_unwind(panic);
    }
}

fn plans() {
    if let Some(path) = set("LOCKSTEP_PLAN").map(PathBuf::from) {
        let plan: Plan = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        return println!("{:?}", run(&plan).unwrap_or_else(|what| fail(plan, &what)));
    }
    let number = |name: &str| set(name).map(|text| text.parse::<u64>().unwrap());
    let (first, count) = match number("LOCKSTEP_SEED") {
        Some(seed) => (seed, 1),
        None => (0, number("LOCKSTEP_SEEDS").unwrap_or(SEEDS)),
    };
    let (started, mut rest) = (Instant::now(), 0);
    for seed in first..first + count {
        let plan = Plan::new(seed);
        rest = run(&plan).unwrap_or_else(|what| fail(plan, &what)).settling.max(rest);
        if (seed + 1).is_multiple_of(1_000) {
            println!("{} seeds in {:.0?}, longest rest {:.1} s", seed + 1, started.elapsed(), rest as f64 / 1000.0);
        }
    }
    println!("{count} seeds in {:.1?}, longest rest {:.1} s", started.elapsed(), rest as f64 / 1000.0);
}

#[test]
fn a_plan_runs_the_same_each_time() {
    for seed in 0..5 {
        let plan = Plan::new(seed);
        assert_eq!(World::run(&plan), World::run(&plan));
    }
}
