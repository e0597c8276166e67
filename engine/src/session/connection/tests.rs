use proptest::prelude::*;

use super::*;

const ABNORMAL: u16 = 1006;

fn live(now: u64) -> Connection {
    let mut connection = Connection::new(now);
    assert_eq!(connection.tick(now, 0), ConnectionStep::Connect);
    connection.frame_received(now);
    connection.caught_up(now);
    assert_eq!(connection.link(), Link::Live);
    connection
}

/// Advances past the wait, and has the attempt fail.
fn fail(connection: &mut Connection, now: &mut u64) {
    *now = connection.wake_at().unwrap().max(*now);
    assert_eq!(connection.tick(*now, 7), ConnectionStep::Connect);
    connection.closed(ABNORMAL, None, *now, 7);
}

#[test]
fn five_attempts_then_offline_then_probes() {
    let mut connection = live(0);
    let mut now = STABLE_MS;
    connection.closed(ABNORMAL, None, now, 7);
    for attempt in 1..=ATTEMPTS {
        assert_eq!(connection.link(), Link::Reconnecting { attempt });
        fail(&mut connection, &mut now);
    }
    for _ in 0..3 {
        assert_eq!(connection.link(), Link::Offline);
        assert_eq!(connection.wake_at(), Some(now + PROBE_MS));
        fail(&mut connection, &mut now);
    }
    assert_eq!(connection.woken(now + 1, 0), ConnectionStep::Connect);
    assert_eq!(connection.link(), Link::Offline, "a probe is not shown");
    connection.frame_received(now + 2);
    connection.caught_up(now + 2);
    assert_eq!(connection.link(), Link::Live);
}

#[test]
fn a_first_connect_that_fails_counts_too() {
    let mut connection = Connection::new(0);
    let mut now = 0;
    assert_eq!(connection.link(), Link::Connecting);
    fail(&mut connection, &mut now);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 1 });
}

#[test]
fn failures_are_forgotten_after_ten_seconds_of_live_and_not_before() {
    let mut connection = live(0);
    connection.closed(ABNORMAL, None, 100, 0);
    assert_eq!(connection.tick(100, 0), ConnectionStep::Connect);
    connection.frame_received(100);
    connection.caught_up(100);
    connection.closed(ABNORMAL, None, 100 + STABLE_MS - 1, 0);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 2 });

    let mut connection = live(0);
    connection.closed(ABNORMAL, None, 100, 0);
    assert_eq!(connection.tick(100, 0), ConnectionStep::Connect);
    connection.frame_received(100);
    connection.caught_up(100);
    connection.closed(ABNORMAL, None, 100 + STABLE_MS, 0);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 1 });
}

#[test]
fn a_server_that_closes_every_socket_is_retried_with_backoff() {
    let mut connection = live(0);
    connection.closed(close::NO_PONG, None, 50, 400);
    assert_eq!(connection.wake_at(), Some(450));
    let mut connection = live(0);
    connection.closed(close::NO_PONG, None, STABLE_MS, 400);
    assert_eq!(connection.wake_at(), Some(STABLE_MS));
}

#[test]
fn bye_sets_the_time_of_the_next_attempt() {
    let mut connection = live(0);
    connection.closed(close::GOING_AWAY, Some(1_234), 1_000, 0);
    assert_eq!(connection.wake_at(), Some(2_234));
}

#[test]
fn final_codes_end_it() {
    for (code, link) in [
        (close::SIGN_IN, Link::SignedOut),
        (close::NO_ACCESS, Link::NoAccess),
        (close::CLIENT_TOO_OLD, Link::Outdated),
        (close::BAD_FRAME, Link::Outdated),
    ] {
        let mut connection = live(0);
        connection.closed(code, None, 1, 0);
        assert_eq!(connection.link(), link);
        assert_eq!(connection.wake_at(), None);
        assert_eq!(connection.retry(2, 0), ConnectionStep::Rest);
        assert_eq!(connection.tick(u64::MAX, 0), ConnectionStep::Rest);
        // Except for a user who may have signed in again meanwhile.
        let woken = if link == Link::SignedOut { ConnectionStep::Connect } else { ConnectionStep::Rest };
        assert_eq!(connection.woken(2, 0), woken);
    }
}

#[test]
fn a_silent_socket_is_closed_after_the_timeout() {
    let mut connection = live(0);
    connection.frame_received(1_000);
    assert_eq!(connection.tick(1_000 + DEAD_AFTER_MS - 1, 0), ConnectionStep::Rest);
    assert_eq!(connection.tick(1_000 + DEAD_AFTER_MS, 0), ConnectionStep::Close);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 1 });
    assert_eq!(connection.tick(1_000 + DEAD_AFTER_MS, 0), ConnectionStep::Connect, "it comes back without waiting");
}

#[test]
fn a_socket_without_a_first_frame_is_given_up() {
    let mut connection = Connection::new(0);
    assert_eq!(connection.tick(0, 0), ConnectionStep::Connect);
    assert_eq!(connection.tick(FIRST_FRAME_MS, 0), ConnectionStep::Close);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 1 });
}

#[test]
fn a_waking_page_pings_its_socket() {
    let mut connection = live(0);
    assert_eq!(connection.woken(DOUBT_AFTER_MS - 1, 0), ConnectionStep::Rest);
    assert_eq!(connection.woken(DOUBT_AFTER_MS, 0), ConnectionStep::Ping);
    assert_eq!(connection.woken(DOUBT_AFTER_MS + 1, 0), ConnectionStep::Rest, "one question at a time");
    connection.pong(DOUBT_AFTER_MS + 2);
    assert_eq!(connection.wake_at(), Some(DOUBT_AFTER_MS + 2 + DEAD_AFTER_MS));

    let mut connection = live(0);
    assert_eq!(connection.woken(DOUBT_AFTER_MS, 0), ConnectionStep::Ping);
    assert_eq!(connection.tick(DOUBT_AFTER_MS + DOUBT_MS, 0), ConnectionStep::Close);

    let mut slept = live(0);
    assert_eq!(slept.woken(3_600_000, 0), ConnectionStep::Close, "an hour of sleep");
}

#[test]
fn a_late_timer_lets_delayed_frames_arrive_first() {
    let late = DEAD_AFTER_MS + 20_000;
    let mut thawed = live(0);
    assert_eq!(thawed.tick(late, 0), ConnectionStep::Rest);
    thawed.frame_received(late + 1);
    assert_eq!((thawed.link(), thawed.wake_at()), (Link::Live, Some(late + 1 + DEAD_AFTER_MS)));

    let mut silent = live(0);
    assert_eq!(silent.tick(late, 0), ConnectionStep::Rest);
    assert_eq!(silent.wake_at(), Some(late + GRACE_MS));
    assert_eq!(silent.tick(late + GRACE_MS, 0), ConnectionStep::Close, "once only");

    let mut slept = live(0);
    assert_eq!(slept.tick(3_600_000, 0), ConnectionStep::Close, "after an hour there is nothing to wait for");
}

#[test]
fn throttled_timers_do_not_take_a_live_tab_offline() {
    let mut connection = live(0);
    let mut now = 0;
    for _ in 0..60 {
        // The server's pings wake a hidden tab in time, its timers do not.
        for ping in [now + 25_000, now + 50_000] {
            connection.frame_received(ping);
        }
        now += 60_000;
        assert_eq!(connection.tick(now, 0), ConnectionStep::Rest);
        assert_eq!(connection.link(), Link::Live);
    }
}

#[derive(Clone, Copy, Debug)]
enum Happening {
    Tick(u64),
    Heard,
    CaughtUp,
    Closed(u16, Option<u64>),
    Woken,
    Retry,
    Pong,
    Touched,
    Network(bool),
    Asked(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    let code = prop_oneof![Just(ABNORMAL), Just(1000), 4100..4300_u16];
    prop_oneof![
        (0..60_000_u64).prop_map(Happening::Tick),
        Just(Happening::Heard),
        Just(Happening::CaughtUp),
        (code, prop::option::of(0..5_000_u64)).prop_map(|(code, retry)| Happening::Closed(code, retry)),
        Just(Happening::Woken),
        Just(Happening::Retry),
        Just(Happening::Pong),
        Just(Happening::Touched),
        any::<bool>().prop_map(Happening::Network),
        any::<bool>().prop_map(Happening::Asked),
    ]
}

#[test]
fn a_signed_out_page_retries_when_its_user_returns() {
    let mut connection = Connection::new(0);
    connection.tick(0, 0);
    connection.closed(close::SIGN_IN, None, 5, 0);
    assert_eq!((connection.link(), connection.wake_at()), (Link::SignedOut, None), "no timer asks");
    assert_eq!(connection.woken(60_000, 0), ConnectionStep::Connect);
    connection.closed(close::SIGN_IN, None, 60_005, 0);
    assert_eq!(connection.link(), Link::SignedOut);
    // Signed in again in another tab, of the same browser.
    assert_eq!(connection.woken(90_000, 0), ConnectionStep::Connect);
    connection.caught_up(90_010);
    assert_eq!(connection.link(), Link::Live);
    // A user without access does not get it by returning.
    connection.closed(close::NO_ACCESS, None, 90_020, 0);
    assert_eq!(connection.woken(99_000, 0), ConnectionStep::Rest);
}

proptest! {
    /// In any order of events it opens a second socket only to replace a hanging one, always has a next wake-up, and
    /// shows Offline exactly when five attempts have failed since the last stable connection.
    #[test]
    fn the_bell_survives_any_order_of_events(steps in prop::collection::vec((happening(), any::<u64>()), 1..200)) {
        let mut connection = Connection::new(0);
        let (mut now, mut socket, mut silent_since) = (0, false, None);
        for (step, random) in steps {
            now += random % 997;
            let had = connection.has_socket();
            let answer = match step {
                Happening::Tick(later) => { now += later; connection.tick(now, random) }
                Happening::Heard => { connection.frame_received(now); silent_since = None; ConnectionStep::Rest }
                Happening::CaughtUp => { connection.caught_up(now); silent_since = None; ConnectionStep::Rest }
                Happening::Closed(code, retry) => {
                    connection.closed(code, retry, now, random);
                    socket = false;
                    ConnectionStep::Rest
                }
                Happening::Woken => connection.woken(now, random),
                Happening::Retry => connection.retry(now, random),
                Happening::Network(online) => connection.network(online, now, random),
                Happening::Pong => { connection.pong(now); ConnectionStep::Rest }
                Happening::Touched => { connection.user_acted(now); connection.tick(now, random) }
                Happening::Asked(answered) => { connection.request_finished(answered, now, random); connection.tick(now, random) }
            };
            match answer {
                ConnectionStep::Connect => {
                    prop_assert_eq!(socket, had);
                    prop_assert!(!had || silent_since.is_some_and(|since| now >= since + 1_000), "{:?}", silent_since);
                    (socket, silent_since) = (true, Some(now));
                }
                ConnectionStep::Close => { prop_assert!(socket && had); socket = false }
                ConnectionStep::Ping => prop_assert!(socket),
                ConnectionStep::Rest => {}
            }
            prop_assert_eq!(socket, connection.has_socket());
            if let Link::Reconnecting { attempt } = connection.link() {
                prop_assert!((1..=ATTEMPTS).contains(&attempt));
            }
            let wake = connection.wake_at();
            prop_assert!(wake.is_some_and(|at| at <= now + PROBE_MS.max(DEAD_AFTER_MS)), "{:?}", wake);
        }
    }
}

/// An Offline connection whose socket was opened at `now` and is silent.
fn hanging(now: &mut u64) -> Connection {
    let mut connection = Connection::new(*now);
    for _ in 0..=ATTEMPTS {
        fail(&mut connection, now);
    }
    assert_eq!(connection.link(), Link::Offline);
    assert_eq!(connection.retry(*now, 0), ConnectionStep::Connect);
    connection
}

#[test]
fn retry_replaces_a_socket_that_hangs() {
    let mut now = 0;
    let mut connection = hanging(&mut now);
    assert_eq!(connection.wake_at(), Some(now + FIRST_FRAME_MS), "nobody waits");
    now += 3_000;
    assert_eq!(connection.retry(now, 0), ConnectionStep::Connect);
    assert_eq!(connection.wake_at(), Some(now + FIRST_FRAME_MS), "the new one has all the time");
    connection.frame_received(now + 10);
    connection.caught_up(now + 10);
    assert_eq!(connection.link(), Link::Live);
}

#[test]
fn retry_replaces_a_young_socket_after_its_first_second() {
    let mut now = 0;
    let mut connection = hanging(&mut now);
    for later in [0, 10, 999] {
        assert_eq!(connection.retry(now + later, 0), ConnectionStep::Rest);
    }
    assert_eq!(connection.wake_at(), Some(now + 1_000));
    assert_eq!(connection.tick(now + 999, 0), ConnectionStep::Rest);
    assert_eq!(connection.tick(now + 1_000, 0), ConnectionStep::Connect, "although nobody presses again");
    assert_eq!(connection.wake_at(), Some(now + 1_000 + FIRST_FRAME_MS));

    let mut now = 0;
    let mut connection = hanging(&mut now);
    assert_eq!(connection.retry(now + 10, 0), ConnectionStep::Rest);
    connection.frame_received(now + 20);
    assert_eq!(connection.tick(now + 1_000, 0), ConnectionStep::Rest, "it speaks");
    assert_eq!(connection.retry(now + 5_000, 0), ConnectionStep::Rest);
}

#[test]
fn repeated_retries_let_a_slow_network_connect() {
    let mut now = 0;
    let mut connection = hanging(&mut now);
    let mut opened = now;
    // Pressed twice a second, in a network that takes three seconds for an upgrade.
    for _ in 0..40 {
        now += 500;
        if connection.retry(now, 0) == ConnectionStep::Connect {
            opened = now;
        } else if now >= opened + 3_000 {
            connection.frame_received(now);
            connection.caught_up(now);
            break;
        }
    }
    assert_eq!(connection.link(), Link::Live);
}

#[test]
fn repeated_retries_do_not_hide_a_dead_network() {
    let mut connection = live(0);
    let mut now = STABLE_MS;
    connection.closed(ABNORMAL, None, now, 7);
    for _ in 0..2_000 {
        now += 100;
        connection.retry(now, 7);
        connection.tick(now, 7);
    }
    assert_eq!(connection.link(), Link::Offline);
}

#[test]
fn a_waking_page_replaces_a_hanging_socket_but_not_a_young_one() {
    let mut connection = Connection::new(0);
    assert_eq!(connection.tick(0, 0), ConnectionStep::Connect);
    assert_eq!(connection.woken(999, 0), ConnectionStep::Rest);
    assert_eq!(connection.wake_at(), Some(FIRST_FRAME_MS), "its user did not ask for anything");
    assert_eq!(connection.woken(1_000, 0), ConnectionStep::Connect);
    assert_eq!(connection.link(), Link::Connecting, "no attempt has failed");
    assert_eq!(connection.woken(2_500, 0), ConnectionStep::Rest, "the next one has twice the time");
    assert_eq!(connection.woken(3_000, 0), ConnectionStep::Connect);
}

#[test]
fn a_socket_that_hung_does_not_affect_the_next_attempt() {
    let mut now = 0;
    let mut connection = hanging(&mut now);
    for wait in [1_000, 2_000, 4_000] {
        now += wait;
        assert_eq!(connection.retry(now, 0), ConnectionStep::Connect);
    }
    now += FIRST_FRAME_MS;
    assert_eq!(connection.tick(now, 0), ConnectionStep::Close);
    assert_eq!(connection.retry(now, 0), ConnectionStep::Connect);
    assert_eq!(connection.retry(now + 1_000, 0), ConnectionStep::Connect, "a second again");
}
