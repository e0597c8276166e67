//! What finds out what nobody said.
//!
//! Between a commit and its note lies a moment in which a process can die, or a request be dropped
//! with its client; and a bus may lose what it likes. So each node compares the ends of its rooms'
//! logs with the database, all in one query that reads a row a room.

use std::{sync::Weak, time::Duration};

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::hub::Hub;

/// Compares all rooms with the database, for as long as there is a hub.
pub(super) async fn compare(hub: Weak<Hub>, every: Duration) {
    let mut ticks = ticks(every);
    loop {
        ticks.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        hub.compare(hub.projects()).await;
    }
}

/// Compares all bells with the database, for as long as there is a hub.
pub(super) async fn bells(hub: Weak<Hub>, every: Duration) {
    let mut ticks = ticks(every);
    loop {
        ticks.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        hub.bells().check(hub.bells().users()).await;
    }
}

/// Compares the bells of which it is doubtful what they were told, for as long as there is a hub.
pub(super) async fn settle(hub: Weak<Hub>, every: Duration) {
    let mut ticks = ticks(every);
    loop {
        ticks.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        hub.bells().settle().await;
    }
}

/// Closes sockets whose session or membership ended, for as long as there is a hub.
pub(super) async fn access(hub: Weak<Hub>, every: Duration) {
    let mut ticks = ticks(every);
    loop {
        ticks.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        hub.check_access().await;
    }
}

/// Lets rooms in which nothing happened give back what they keep.
pub(super) async fn trim(hub: Weak<Hub>, every: Duration) {
    let mut ticks = ticks(every);
    loop {
        ticks.tick().await;
        let Some(hub) = hub.upgrade() else { return };
        hub.trim_quiet_rooms();
    }
}

/// Every so often, and not at once. When a round took long, the next one waits as long as ever.
fn ticks(every: Duration) -> Interval {
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
