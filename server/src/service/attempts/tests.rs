use super::*;
use crate::config::Config;

fn attempts(per_minute: u32, failures_per_hour: u32) -> Attempts {
    let folder = tempfile::tempdir().unwrap();
    let secret = Secret::load(&Config::isolated(folder.path())).unwrap();
    Attempts::new(AttemptLimits { per_minute, failures_per_hour }, secret, None)
}

fn at(text: &str) -> AttemptOrigin<'static> {
    AttemptOrigin::Address(text.parse().unwrap())
}

/// How many of `tries` attempts from these addresses pass.
async fn passed(attempts: &Attempts, account: &str, tries: u32, address: impl Fn(u32) -> String) -> u32 {
    let mut passed = 0;
    for number in 0..tries {
        if let Ok(attempt) = attempts.begin(account, at(&address(number))).await {
            attempt.fail().await;
            passed += 1;
        }
    }
    passed
}

#[tokio::test]
async fn an_ipv6_network_counts_as_one_address_and_mapped_ipv4_as_ipv4() {
    let attempts = attempts(10, 0);
    assert_eq!(passed(&attempts, "ann@example.org", 250, |n| format!("2001:db8::{n:x}")).await, 10);
    assert_eq!(passed(&attempts, "ann@example.org", 1, |_| "2001:db8:0:1::1".into()).await, 1, "another network");
    let both = |n: u32| if n.is_multiple_of(2) { "192.0.2.1".into() } else { "::ffff:192.0.2.1".into() };
    assert_eq!(passed(&attempts, "ann@example.org", 50, both).await, 10);
}

#[tokio::test]
async fn an_account_is_the_same_in_any_spelling() {
    let attempts = attempts(3, 0);
    for name in ["Ann@Example.org", "\u{ff41}nn@example.org", "ann@example.org "] {
        assert_eq!(passed(&attempts, name, 1, |_| "192.0.2.1".into()).await, 1);
    }
    assert_eq!(passed(&attempts, "ann@example.org", 1, |_| "192.0.2.1".into()).await, 0);
    assert_eq!(passed(&attempts, "bob@example.org", 1, |_| "192.0.2.1".into()).await, 1);
}

#[tokio::test]
async fn failures_from_anywhere_slow_strangers_down_but_not_the_owners_device() {
    let attempts = attempts(10, 20);
    let everywhere = |n: u32| format!("198.51.{}.{}", n / 250, n % 250);
    assert_eq!(passed(&attempts, "ann@example.org", 400, everywhere).await, 20);
    let wait = attempts.begin("ann@example.org", at("203.0.113.9")).await.err().unwrap();
    assert!(wait > Duration::from_secs(100) && wait <= Duration::from_secs(180), "{wait:?}");
    assert!(attempts.begin("bob@example.org", at("203.0.113.9")).await.is_ok(), "another account");
    let device = AttemptOrigin::Device("hers");
    for _ in 0..10 {
        attempts.begin("ann@example.org", device).await.ok().unwrap().fail().await;
    }
    assert!(attempts.begin("ann@example.org", device).await.is_err(), "it has a budget, too");
    assert!(attempts.begin("ann@example.org", AttemptOrigin::Device("her phone")).await.is_ok());
}

#[tokio::test]
async fn success_costs_nothing_and_attempts_in_progress_may_fail() {
    let attempts = attempts(0, 5);
    for _ in 0..50 {
        drop(attempts.begin("ann@example.org", at("192.0.2.1")).await.ok().unwrap());
    }
    let mut under_way = Vec::new();
    for _ in 0..5 {
        under_way.push(attempts.begin("ann@example.org", at("192.0.2.1")).await.ok().unwrap());
    }
    assert!(attempts.begin("ann@example.org", at("192.0.2.2")).await.is_err(), "all of these may fail");
    drop(under_way);
    assert!(attempts.begin("ann@example.org", at("192.0.2.2")).await.is_ok());
    assert!(attempts.0.as_ref().unwrap().tables().pending.is_empty(), "nothing is remembered of what is over");
}

#[tokio::test]
async fn long_addresses_use_no_memory() {
    let attempts = attempts(1000, 0);
    let long = format!("{}@example.org", "a".repeat(100_000));
    assert_eq!(passed(&attempts, &long, 5, |n| format!("192.0.2.{n}")).await, 5);
    assert_eq!(size_of::<Key>(), 16);
}
