use crate::{
    session::{
        Connection, ConnectionStep, Link,
        connection::{ATTEMPTS, RESTART_MS, doubt::*},
    },
    wire::close,
};

const ABNORMAL: u16 = 1006;

fn live(now: u64) -> Connection {
    let mut connection = Connection::new(now);
    assert_eq!(connection.tick(now, 0), ConnectionStep::Connect);
    connection.frame_received(now);
    connection.caught_up(now);
    connection
}

#[test]
fn a_lost_network_is_offline_at_once() {
    let mut connection = live(0);
    assert_eq!(connection.network(false, 100, 0), ConnectionStep::Ping);
    assert_eq!(connection.link(), Link::Offline);
    assert!(connection.has_socket(), "the socket gets its chance");
    assert_eq!(connection.tick(100 + DOUBT_MS - 1, 0), ConnectionStep::Rest);
    assert_eq!(connection.tick(100 + DOUBT_MS, 0), ConnectionStep::Close);
    assert_eq!(connection.link(), Link::Offline, "and not Reconnecting");
    assert_eq!(connection.network(true, 60_000, 0), ConnectionStep::Connect);
    assert_ne!(connection.link(), Link::Offline);
    connection.frame_received(60_010);
    connection.caught_up(60_010);
    assert_eq!(connection.link(), Link::Live);
}

#[test]
fn a_server_on_the_same_computer_needs_no_network() {
    let mut connection = live(0);
    assert_eq!(connection.network(false, 100, 0), ConnectionStep::Ping);
    connection.frame_received(105);
    connection.pong(105);
    assert_eq!((connection.link(), connection.wake_at()), (Link::Live, Some(105 + DEAD_AFTER_MS)));

    let mut connection = live(0);
    connection.network(false, 100, 0);
    connection.request_finished(true, 130, 0);
    assert_eq!(connection.link(), Link::Live, "a request was answered");
}

#[test]
fn a_frame_in_flight_does_not_answer_a_ping() {
    let mut connection = live(0);
    assert_eq!(connection.network(false, 1_000, 0), ConnectionStep::Ping);
    connection.frame_received(1_020);
    assert_eq!(connection.link(), Link::Offline);
    assert_eq!(connection.tick(1_000 + DOUBT_MS, 0), ConnectionStep::Close);

    let mut busy = live(0);
    assert_eq!(busy.network(false, 1_000, 0), ConnectionStep::Ping);
    busy.frame_received(1_000 + IN_FLIGHT_MS);
    assert_eq!(busy.link(), Link::Live, "other frames may be queued before the pong");
    assert_eq!(busy.tick(1_000 + DOUBT_MS, 0), ConnectionStep::Rest);
}

#[test]
fn a_page_opened_without_a_network_is_offline() {
    let mut connection = Connection::new(0);
    assert_eq!(connection.network(false, 0, 0), ConnectionStep::Rest);
    assert_eq!(connection.tick(0, 0), ConnectionStep::Connect, "it tries all the same");
    assert_eq!(connection.link(), Link::Offline);
    connection.frame_received(30);
    connection.caught_up(30);
    assert_eq!(connection.link(), Link::Live);
}

#[test]
fn an_unanswered_request_raises_a_doubt() {
    let mut connection = live(0);
    assert_eq!(connection.doubts_at(500), Some(500 + UNANSWERED_MS));
    connection.awaits_answer(500, 500 + UNANSWERED_MS - 1);
    assert_eq!(connection.tick(500 + UNANSWERED_MS - 1, 0), ConnectionStep::Rest);
    connection.awaits_answer(500, 500 + UNANSWERED_MS);
    assert_eq!(connection.tick(500 + UNANSWERED_MS, 0), ConnectionStep::Ping);
    connection.awaits_answer(500, 500 + UNANSWERED_MS + 1);
    assert_eq!(connection.tick(500 + UNANSWERED_MS + 1, 0), ConnectionStep::Rest, "one question at a time");
    assert_eq!(connection.tick(500 + UNANSWERED_MS + DOUBT_MS, 0), ConnectionStep::Close, "3 s after the request");

    let mut busy = live(0);
    busy.frame_received(700);
    assert_eq!(busy.doubts_at(500), None, "a socket that speaks is not asked");
    busy.awaits_answer(500, 2_000);
    assert_eq!(busy.tick(2_000, 0), ConnectionStep::Rest);
}

#[test]
fn a_failed_request_raises_a_doubt() {
    let mut connection = live(0);
    connection.request_finished(false, IN_FLIGHT_MS - 1, 0);
    assert_eq!(connection.tick(IN_FLIGHT_MS - 1, 0), ConnectionStep::Rest, "it spoke just now");
    connection.request_finished(false, IN_FLIGHT_MS, 0);
    assert_eq!(connection.tick(IN_FLIGHT_MS, 0), ConnectionStep::Ping);
}

#[test]
fn user_activity_pings_a_silent_socket() {
    let mut connection = live(0);
    connection.user_acted(DOUBT_AFTER_MS - 1);
    assert_eq!(connection.tick(DOUBT_AFTER_MS - 1, 0), ConnectionStep::Rest);
    connection.user_acted(DOUBT_AFTER_MS);
    assert_eq!(connection.tick(DOUBT_AFTER_MS, 0), ConnectionStep::Ping);
    connection.pong(DOUBT_AFTER_MS + 20);
    assert_eq!(connection.wake_at(), Some(DOUBT_AFTER_MS + 20 + DEAD_AFTER_MS));

    // It does not hurry a connection that waits.
    let mut waiting = live(0);
    waiting.closed(ABNORMAL, None, 20_000, 499);
    waiting.user_acted(20_001);
    assert_eq!(waiting.tick(20_001, 0), ConnectionStep::Rest);
}

#[test]
fn a_second_restart_soon_after_the_first_does_not_end_in_offline() {
    let mut connection = live(0);
    let mut now = 60_000;
    for _ in 0..4 {
        connection.closed(close::GOING_AWAY, Some(200), now, 0);
        assert_eq!(connection.link(), Link::Reconnecting { attempt: 1 });
        let back = now + 3_000;
        // Attempts follow each other closely while the server starts.
        while now < back {
            now = connection.wake_at().unwrap().max(now) + 1;
            match connection.tick(now, 100) {
                ConnectionStep::Connect if now < back => connection.closed(ABNORMAL, None, now + 5, 100),
                _ => {}
            }
            assert_ne!(connection.link(), Link::Offline, "at {now}");
        }
        now += 50;
        connection.frame_received(now);
        connection.caught_up(now);
        assert_eq!(connection.link(), Link::Live);
        now += 2_000;
    }
}

#[test]
fn a_server_that_does_not_return_after_bye_leads_to_offline() {
    let mut connection = live(0);
    connection.closed(close::GOING_AWAY, Some(200), 60_000, 0);
    let mut now = 60_000;
    let mut attempts = 0;
    while connection.link() != Link::Offline {
        now = connection.wake_at().unwrap();
        assert_eq!(connection.tick(now, 15_999), ConnectionStep::Connect);
        connection.closed(ABNORMAL, None, now, 15_999);
        attempts += 1;
    }
    assert!(now <= 60_000 + 200 + 2 * RESTART_MS, "{now}");
    assert!(attempts >= ATTEMPTS);
}
