use crate::{
    session::{
        Link,
        connection::{ATTEMPTS, Connection, ConnectionStep, FIRST_FRAME_MS, POLL_MS, PROBE_MS, STABLE_MS},
    },
    wire::close,
};

const ABNORMAL: u16 = 1006;

/// The network between a page and its server.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Network {
    Works,
    /// Sockets are refused, requests are answered.
    Refuses,
    /// Sockets are never answered, requests are.
    Hangs,
    Down,
}

/// A page in virtual time: due actions happen, and each request is answered at once.
struct Page {
    connection: Connection,
    network: Network,
    now: u64,
    polls: Vec<u64>,
    sockets: Vec<u64>,
}

impl Page {
    fn new(network: Network) -> Self {
        Self { connection: Connection::new(0), network, now: 0, polls: Vec::new(), sockets: Vec::new() }
    }

    fn step(&mut self, step: ConnectionStep) {
        if step != ConnectionStep::Connect {
            return;
        }
        self.sockets.push(self.now);
        match self.network {
            Network::Works => {
                self.connection.frame_received(self.now);
                self.connection.caught_up(self.now);
            }
            Network::Refuses | Network::Down => self.connection.closed(ABNORMAL, None, self.now, 400),
            Network::Hangs => {}
        }
    }

    /// Advances time.
    fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        loop {
            let wakes = [self.connection.wake_at(), self.connection.polls_at()];
            let Some(at) = wakes.into_iter().flatten().min().filter(|at| *at <= until) else { break };
            assert!(self.now <= at || self.now < until, "it does not stand still");
            self.now = self.now.max(at);
            if self.network == Network::Works && self.connection.link() == Link::Live {
                self.connection.frame_received(self.now);
            }
            if self.connection.polls_at().is_some_and(|at| at <= self.now) {
                self.polls.push(self.now);
                self.connection.request_finished(self.network != Network::Down, self.now, 7);
            }
            let step = self.connection.tick(self.now, 400);
            self.step(step);
        }
        self.now = until;
    }

    /// Advances time until the page shows this.
    fn shows(&mut self, link: Link, within: u64) {
        let by = self.now + within;
        while self.connection.link() != link {
            assert!(self.now < by, "{:?} after {within} ms", self.connection.link());
            self.pass(100);
        }
    }
}

#[test]
fn blocked_sockets_lead_to_polling_and_to_live_once_they_pass() {
    for (network, within) in [(Network::Refuses, 5_000), (Network::Hangs, FIRST_FRAME_MS)] {
        let mut page = Page::new(network);
        page.shows(Link::Polling, within);
        let (polls, sockets) = (page.polls.len(), page.sockets.len());
        page.pass(60_000);
        assert_eq!(page.connection.link(), Link::Polling, "for as long as it lasts");
        let (polls, sockets) = (page.polls.len() - polls, page.sockets.len() - sockets);
        assert!((10..=16).contains(&polls), "{polls} polls a minute");
        assert!((1..=3).contains(&sockets), "{sockets} probes a minute");
        page.network = Network::Works;
        page.shows(Link::Live, PROBE_MS + FIRST_FRAME_MS);
        let polls = page.polls.len();
        page.pass(60_000);
        assert_eq!(page.polls.len(), polls, "a live socket tells everything");
    }
}

#[test]
fn five_failed_attempts_without_requests_lead_to_offline() {
    let mut page = Page::new(Network::Down);
    page.shows(Link::Offline, 30_000);
    assert_eq!(page.sockets.len(), usize::from(ATTEMPTS) + 1);
    assert!(!page.connection.may_ask(), "what can wait does not flood a server that is away");
    let polls = page.polls.len();
    page.pass(120_000);
    assert!(page.polls.len() - polls <= 5, "{:?}", page.polls);
}

#[test]
fn a_polling_page_goes_offline_and_returns() {
    let mut page = Page::new(Network::Refuses);
    page.shows(Link::Polling, 5_000);
    page.network = Network::Down;
    page.shows(Link::Reconnecting { attempt: 2 }, 3 * POLL_MS);
    page.shows(Link::Offline, 30_000);
    page.network = Network::Refuses;
    page.shows(Link::Polling, PROBE_MS + 5_000);
    assert!(page.connection.may_ask());
}

#[test]
fn one_failed_request_does_not_end_polling() {
    let mut page = Page::new(Network::Refuses);
    page.shows(Link::Polling, 5_000);
    page.connection.request_finished(false, page.now, 0);
    assert_eq!(page.connection.link(), Link::Polling);
    assert!(page.connection.polls_at().is_some_and(|at| at <= page.now + 2_000), "looked at again soon");
}

#[test]
fn a_server_that_was_away_is_not_taken_for_a_proxy() {
    let mut page = Page::new(Network::Works);
    page.pass(STABLE_MS);
    page.network = Network::Down;
    page.connection.closed(ABNORMAL, None, page.now, 400);
    page.pass(8_000);
    // It answers requests again a moment before the next attempt.
    page.network = Network::Works;
    for _ in 0..PROBE_MS / 10 {
        page.pass(10);
        assert_ne!(page.connection.link(), Link::Polling);
    }
    assert_eq!(page.connection.link(), Link::Live);
}

#[test]
fn a_server_lost_soon_after_a_slow_connect_is_not_a_proxy() {
    let mut page = Page::new(Network::Hangs);
    page.pass(2_500);
    assert!(!page.polls.is_empty(), "a request was answered while the socket took its time");
    page.connection.frame_received(page.now);
    page.connection.caught_up(page.now);
    page.network = Network::Down;
    page.pass(1_000);
    page.connection.closed(ABNORMAL, None, page.now, 400);
    for _ in 0..300 {
        page.pass(100);
        assert_ne!(page.connection.link(), Link::Polling);
    }
    assert_eq!(page.connection.link(), Link::Offline);
}

#[test]
fn a_proxy_that_cuts_every_socket_short_leads_to_polling() {
    let mut page = Page::new(Network::Works);
    for _ in 0..20 {
        page.pass(1_000);
        page.connection.closed(ABNORMAL, None, page.now, 400);
        // Requests are answered between two sockets.
        page.connection.request_finished(true, page.now, 7);
    }
    assert_eq!(page.connection.link(), Link::Polling);
}

#[test]
fn a_server_that_sent_bye_is_not_retried_early() {
    let mut page = Page::new(Network::Works);
    page.pass(STABLE_MS);
    page.connection.closed(close::GOING_AWAY, Some(9_000), page.now, 400);
    page.pass(8_990);
    assert_eq!((page.polls.len(), page.sockets.len()), (0, 1));
}

#[test]
fn the_next_page_polls_at_once_if_sockets_were_blocked() {
    let mut page = Page::new(Network::Hangs);
    page.connection.expect_blocked();
    page.shows(Link::Polling, 200);
    let mut page = Page::new(Network::Works);
    page.connection.expect_blocked();
    page.shows(Link::Live, 200);
}

#[test]
fn a_hidden_page_polls_less_often() {
    let mut page = Page::new(Network::Refuses);
    page.shows(Link::Polling, 5_000);
    page.connection.set_visible(false);
    page.pass(POLL_MS * 2);
    let polls = page.polls.len();
    page.pass(300_000);
    assert!((6..=10).contains(&(page.polls.len() - polls)), "{:?}", page.polls);
    page.connection.set_visible(true);
    let step = page.connection.woken(page.now, 0);
    page.step(step);
    assert!(page.connection.polls_at().is_some_and(|at| at <= page.now + 1_000), "at once when it is shown");
}

#[test]
fn another_users_session_is_rechecked_when_the_user_returns() {
    let mut page = Page::new(Network::Works);
    page.pass(10);
    page.connection.closed(close::OTHER_USER, None, page.now, 0);
    assert_eq!((page.connection.link(), page.connection.wake_at()), (Link::OtherUser, None));
    assert_eq!((page.connection.polls_at(), page.connection.may_ask()), (None, false));
    assert_eq!(page.connection.retry(page.now, 0), ConnectionStep::Rest);
    assert_eq!(page.connection.woken(page.now, 0), ConnectionStep::Connect);
}
