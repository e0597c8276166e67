//! Connections between users and the server that break, mid-message or silently.

use std::time::Duration;

use engine::{
    session::Link,
    wire::{DEAD_AFTER_MS, PING_INTERVAL_MS},
};
use server::realtime::Timing;

use super::{
    board,
    proof::settled,
    server_with,
    tab::{Tab, Way},
    until,
};
use crate::harness::{Proxy, Weather, on_both_databases};

/// The factor by which everything runs faster than in reality, at both ends.
const HASTE: u32 = 10;
/// Tabs behind the faulty connection.
const BEHIND: usize = 4;

fn hasty() -> Timing {
    let ping = Duration::from_millis(PING_INTERVAL_MS) / HASTE;
    Timing { ping, pong: Duration::from_millis(DEAD_AFTER_MS) / HASTE - ping, ..Timing::default() }
}

on_both_databases! {
    async fn cut_slow_and_half_open_connections_lose_and_repeat_nothing(db: Db) {
        let server = server_with(db, hasty()).await;
        let proxy = Proxy::start(server.addr().to_string()).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let mut tabs = Vec::new();
        for number in 0..BEHIND + 2 {
            let node = if number < BEHIND { proxy.addr() } else { server.addr() };
            tabs.push(Tab::open(&ann, project, Way { nodes: vec![node], haste: HASTE }).await);
        }
        let counts = || server.state().services.realtime.health().counts;

        for _ in 0..3 {
            let start = tabs[BEHIND].sight().seq;
            for tab in &mut tabs {
                tab.rename(task, 10);
            }
            tabs[BEHIND].shows("events", |sight| sight.seq > start + 15).await;
            let before: Vec<_> = tabs[..BEHIND].iter().map(|tab| tab.sight().sockets).collect();
            proxy.cut();
            for (tab, before) in tabs.iter_mut().zip(before) {
                tab.shows("another socket", |sight| sight.sockets > before && sight.link == Link::Live).await;
            }
        }
        for tab in &mut tabs {
            tab.keeps_up(0).await;
        }
        assert!(counts().recoveries >= BEHIND as u64, "{:?}", counts());

        proxy.set(Weather::Slow(Duration::from_millis(50)));
        for tab in &mut tabs {
            tab.rename(task, 5);
        }
        for tab in &mut tabs {
            tab.keeps_up(0).await;
        }

        // Nothing gets through any more, silently: both ends notice by the silence.
        proxy.set(Weather::HalfOpen);
        for tab in &mut tabs {
            tab.rename(task, 5);
        }
        for tab in &mut tabs[..BEHIND] {
            tab.shows("that the connection is gone", |sight| sight.link != Link::Live).await;
        }
        for tab in &mut tabs[BEHIND..] {
            tab.keeps_up(0).await;
            assert_eq!(tab.sight().link, Link::Live, "nobody else is disturbed");
        }
        until("the server gives them up", async || counts().closed_silent >= BEHIND as u64).await;
        proxy.set(Weather::Fair);
        settled(&ann, project, tabs).await;
        assert_eq!(counts().queue_drops, 0);
    }
}
