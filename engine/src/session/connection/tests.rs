use proptest::prelude::*;

use super::*;

const ABNORMAL: u16 = 1006;

fn live(now: u64) -> Connection {
    let mut connection = Connection::new(now);
    assert_eq!(connection.tick(now, 0), Step::Connect);
    connection.heard(now);
    connection.caught_up(now);
    assert_eq!(connection.link(), Link::Live);
    connection
}

/// Lets the wait pass and the attempt fail.
fn fail(connection: &mut Connection, now: &mut u64) {
    *now = connection.wake_at().unwrap().max(*now);
    assert_eq!(connection.tick(*now, 7), Step::Connect);
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
    assert_eq!(connection.woken(now + 1, 0), Step::Connect);
    assert_eq!(connection.link(), Link::Offline, "a probe is not shown");
    connection.heard(now + 2);
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
    assert_eq!(connection.tick(100, 0), Step::Connect);
    connection.heard(100);
    connection.caught_up(100);
    connection.closed(ABNORMAL, None, 100 + STABLE_MS - 1, 0);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 2 });

    let mut connection = live(0);
    connection.closed(ABNORMAL, None, 100, 0);
    assert_eq!(connection.tick(100, 0), Step::Connect);
    connection.heard(100);
    connection.caught_up(100);
    connection.closed(ABNORMAL, None, 100 + STABLE_MS, 0);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 1 });
}

#[test]
fn a_server_that_accepts_and_closes_is_not_hammered() {
    let mut connection = live(0);
    connection.closed(close::NO_PONG, None, 50, 400);
    assert_eq!(connection.wake_at(), Some(450));
    let mut connection = live(0);
    connection.closed(close::NO_PONG, None, STABLE_MS, 400);
    assert_eq!(connection.wake_at(), Some(STABLE_MS));
}

#[test]
fn bye_says_when_to_come_back() {
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
        assert_eq!(connection.retry(2), Step::Rest);
        assert_eq!(connection.tick(u64::MAX, 0), Step::Rest);
        // But for somebody who may have signed in again meanwhile.
        let woken = if link == Link::SignedOut { Step::Connect } else { Step::Rest };
        assert_eq!(connection.woken(2, 0), woken);
    }
}

#[test]
fn a_silent_socket_is_dead_by_the_clock() {
    let mut connection = live(0);
    connection.heard(1_000);
    assert_eq!(connection.tick(1_000 + DEAD_AFTER_MS - 1, 0), Step::Rest);
    assert_eq!(connection.tick(1_000 + DEAD_AFTER_MS, 0), Step::Close);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 1 });
    assert_eq!(connection.tick(1_000 + DEAD_AFTER_MS, 0), Step::Connect, "it comes back without waiting");
}

#[test]
fn a_socket_that_brings_no_first_frame_is_given_up() {
    let mut connection = Connection::new(0);
    assert_eq!(connection.tick(0, 0), Step::Connect);
    assert_eq!(connection.tick(FIRST_FRAME_MS, 0), Step::Close);
    assert_eq!(connection.link(), Link::Reconnecting { attempt: 1 });
}

#[test]
fn a_page_that_wakes_doubts_its_socket() {
    let mut connection = live(0);
    assert_eq!(connection.woken(DOUBT_AFTER_MS - 1, 0), Step::Rest);
    assert_eq!(connection.woken(DOUBT_AFTER_MS, 0), Step::Ping);
    assert_eq!(connection.woken(DOUBT_AFTER_MS + 1, 0), Step::Rest, "one question at a time");
    connection.heard(DOUBT_AFTER_MS + 2);
    assert_eq!(connection.wake_at(), Some(DOUBT_AFTER_MS + 2 + DEAD_AFTER_MS));

    let mut connection = live(0);
    assert_eq!(connection.woken(DOUBT_AFTER_MS, 0), Step::Ping);
    assert_eq!(connection.tick(DOUBT_AFTER_MS + DOUBT_MS, 0), Step::Close);

    let mut slept = live(0);
    assert_eq!(slept.woken(3_600_000, 0), Step::Close, "an hour of sleep");
}

#[test]
fn a_timer_that_was_held_up_lets_the_frames_speak_first() {
    let late = DEAD_AFTER_MS + 20_000;
    let mut thawed = live(0);
    assert_eq!(thawed.tick(late, 0), Step::Rest);
    thawed.heard(late + 1);
    assert_eq!((thawed.link(), thawed.wake_at()), (Link::Live, Some(late + 1 + DEAD_AFTER_MS)));

    let mut silent = live(0);
    assert_eq!(silent.tick(late, 0), Step::Rest);
    assert_eq!(silent.wake_at(), Some(late + GRACE_MS));
    assert_eq!(silent.tick(late + GRACE_MS, 0), Step::Close, "once only");

    let mut slept = live(0);
    assert_eq!(slept.tick(3_600_000, 0), Step::Close, "after an hour there is nothing to wait for");
}

#[test]
fn timers_once_a_minute_do_not_make_a_live_tab_offline() {
    let mut connection = live(0);
    let mut now = 0;
    for _ in 0..60 {
        // The server's pings wake a hidden tab in time, its timers do not.
        for ping in [now + 25_000, now + 50_000] {
            connection.heard(ping);
        }
        now += 60_000;
        assert_eq!(connection.tick(now, 0), Step::Rest);
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
    ]
}

#[test]
fn a_page_that_is_signed_out_asks_again_when_somebody_comes_back_to_it() {
    let mut connection = Connection::new(0);
    connection.tick(0, 0);
    connection.closed(close::SIGN_IN, None, 5, 0);
    assert_eq!((connection.link(), connection.wake_at()), (Link::SignedOut, None), "no timer asks");
    assert_eq!(connection.woken(60_000, 0), Step::Connect);
    connection.closed(close::SIGN_IN, None, 60_005, 0);
    assert_eq!(connection.link(), Link::SignedOut);
    // Signed in again in another tab, of the same browser.
    assert_eq!(connection.woken(90_000, 0), Step::Connect);
    connection.caught_up(90_010);
    assert_eq!(connection.link(), Link::Live);
    // Who has no access gets none by coming back.
    connection.closed(close::NO_ACCESS, None, 90_020, 0);
    assert_eq!(connection.woken(99_000, 0), Step::Rest);
}

proptest! {
    /// Whatever happens, it never opens two sockets, always has a next thing to do, and shows
    /// Offline exactly when five attempts have failed since the last stable connection.
    #[test]
    fn no_order_of_events_confuses_it(steps in prop::collection::vec((happening(), any::<u64>()), 1..200)) {
        let mut connection = Connection::new(0);
        let (mut now, mut socket) = (0, false);
        for (step, random) in steps {
            now += random % 997;
            let had = connection.has_socket();
            let answer = match step {
                Happening::Tick(later) => { now += later; connection.tick(now, random) }
                Happening::Heard => { connection.heard(now); Step::Rest }
                Happening::CaughtUp => { connection.caught_up(now); Step::Rest }
                Happening::Closed(code, retry) => {
                    connection.closed(code, retry, now, random);
                    socket = false;
                    Step::Rest
                }
                Happening::Woken => connection.woken(now, random),
                Happening::Retry => connection.retry(now),
            };
            match answer {
                Step::Connect => { prop_assert!(!socket && !had); socket = true }
                Step::Close => { prop_assert!(socket && had); socket = false }
                Step::Ping => prop_assert!(socket),
                Step::Rest => {}
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
