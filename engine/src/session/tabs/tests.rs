//! Guarantees of the tabs of one browser, in virtual time.

mod browser;

use uuid::Uuid;

use self::browser::{Browser, tab};
use super::*;
use crate::{
    TaskId,
    session::{BellInput, Link, connection::DOUBT_MS},
    wire::{PresenceMode, close},
};

#[test]
fn six_tabs_share_one_socket_and_its_frames() {
    let mut browser = Browser::new(6);
    assert_eq!(browser.sockets(), 1);
    assert!(browser.all_live());
    browser.unread = 9;
    let (leader, text) = (browser.leader(), browser.sync());
    browser.shared(leader, SharedSocketInput::Frame(text));
    browser.settle();
    assert!(browser.tabs.iter().all(|tab| tab.bell.unread() == 9));
    browser.pass(600_000);
    assert!(browser.all_live() && browser.sockets() == 1, "in quiet times as well");
}

#[test]
fn the_next_tab_takes_over_seamlessly() {
    let mut browser = Browser::new(3);
    for _ in 0..2 {
        let leader = browser.leader();
        browser.kill(leader);
        assert_eq!(browser.sockets(), 1);
        assert!(browser.all_live());
        browser.pass(60_000);
        assert!(browser.all_live() && browser.sockets() == 1);
    }
}

#[test]
fn the_lock_of_a_stuck_leader_is_stolen() {
    let mut browser = Browser::new(3);
    let leader = browser.leader();
    browser.tabs[leader].frozen = true;
    browser.pass(DEAD_AND_ROBBED_MS);
    assert_ne!(browser.tabs.iter().rposition(|tab| tab.socket.is_some()), Some(leader));
    assert!(browser.all_live(), "{:?}", browser.links());

    // When it returns, it learns that it no longer leads, and follows.
    browser.tabs[leader].frozen = false;
    browser.shared(leader, SharedSocketInput::LockStolen);
    browser.settle();
    browser.pass(60_000);
    assert_eq!(browser.sockets(), 1);
    assert!(browser.all_live());
}

/// A little longer than it takes for a socket to count as dead.
const DEAD_AND_ROBBED_MS: u64 = 35_000 + ANSWER_MS + 2_000;

#[test]
fn a_frozen_tab_hands_over_first() {
    let mut browser = Browser::new(2);
    let leader = browser.leader();
    browser.shared(leader, SharedSocketInput::Frozen);
    browser.tabs[leader].frozen = true;
    browser.settle();
    assert_eq!(browser.sockets(), 1);
    assert!(browser.all_live());

    browser.pass(120_000);
    browser.tabs[leader].frozen = false;
    browser.shared(leader, SharedSocketInput::Thawed);
    browser.bell(leader, BellInput::Woken);
    browser.settle();
    browser.pass(5_000);
    assert!(browser.all_live() && browser.sockets() == 1, "{:?}", browser.links());
}

#[test]
fn a_hidden_leader_hands_over_to_a_visible_tab() {
    let mut browser = Browser::new(3);
    let leader = browser.leader();
    browser.shared(2, SharedSocketInput::Visible(false));
    browser.shared(leader, SharedSocketInput::Visible(false));
    browser.settle();
    browser.pass(HIDDEN_MS - 1_000);
    assert_eq!(browser.leader(), leader);
    browser.pass(2_000);
    assert_eq!(browser.leader(), 1, "the one that somebody looks at");
    assert!(browser.all_live() && browser.sockets() == 1);

    // Without a visible tab there is nobody to hand over to.
    browser.shared(1, SharedSocketInput::Visible(false));
    browser.settle();
    browser.pass(2 * HIDDEN_MS);
    assert_eq!(browser.leader(), 1);
}

#[test]
fn a_socket_that_a_follower_found_dead_is_replaced() {
    let mut browser = Browser::new(3);
    browser.pass(20_000);
    let (leader, follower) = (browser.leader(), 1);
    browser.shared(leader, SharedSocketInput::Visible(false));
    browser.settle();
    for overdue in [false, true] {
        let opened = browser.tabs[leader].socket;
        browser.half_open = true;
        browser.shared(follower, SharedSocketInput::Send(ClientFrame::Ping));
        browser.settle();
        browser.now += if overdue { DOUBT_MS } else { 1 };
        // A frame that was on its way is no answer.
        if !overdue {
            let text = browser.sync();
            browser.shared(leader, SharedSocketInput::Frame(text));
        }
        browser.half_open = false;
        let asks = if overdue { 2 } else { follower };
        browser.shared(asks, SharedSocketInput::Close);
        browser.shared(asks, SharedSocketInput::Connect);
        browser.settle();
        browser.pass(2_000);
        assert_eq!(browser.sockets(), 1);
        assert!(browser.tabs[leader].socket > opened, "{overdue}: {opened:?}");
        assert!(browser.all_live(), "{overdue}: {:?}", browser.links());
        browser.pass(20_000);
    }
}

#[test]
fn a_socket_that_answers_is_kept() {
    let mut browser = Browser::new(3);
    browser.pass(20_000);
    let opened = browser.tabs[browser.leader()].socket;
    for tab in [1, 2] {
        browser.shared(1, SharedSocketInput::Send(ClientFrame::Ping));
        browser.settle();
        browser.shared(tab, SharedSocketInput::Close);
        browser.shared(tab, SharedSocketInput::Connect);
        browser.settle();
        assert_eq!(browser.tabs[browser.leader()].socket, opened);
    }
    assert!(browser.all_live() && browser.sockets() == 1);
}

#[test]
fn every_tab_shows_what_is_so() {
    let mut browser = Browser::new(3);
    browser.pass(20_000);
    browser.stop_server();
    assert!(browser.links().iter().all(|link| matches!(link, Link::Reconnecting { .. })), "{:?}", browser.links());
    browser.pass(120_000);
    assert_eq!(browser.links(), [Link::Offline; 3]);
    assert_eq!(browser.sockets(), 0);

    // Retry in any tab reconnects all of them.
    browser.server_up = true;
    browser.bell(2, BellInput::Retry);
    browser.shared(2, SharedSocketInput::Retry);
    browser.settle();
    assert!(browser.all_live(), "{:?}", browser.links());
    assert_eq!(browser.sockets(), 1);
}

#[test]
fn retry_in_any_tab_replaces_a_socket_that_hangs() {
    for tab in 0..3 {
        let mut browser = Browser::new(3);
        browser.pass(20_000);
        browser.hangs = true;
        browser.stop_server();
        browser.pass(3_000);
        assert_eq!(browser.sockets(), 1, "one that hangs");
        (browser.server_up, browser.hangs) = (true, false);
        browser.bell(tab, BellInput::Retry);
        browser.shared(tab, SharedSocketInput::Retry);
        browser.settle();
        // Most of the tabs have waited for a second and more, all of them have a second later.
        browser.pass(1_500);
        assert!(browser.all_live(), "{tab}: {:?}", browser.links());
        assert_eq!(browser.sockets(), 1);
    }
}

#[test]
fn a_returning_server_is_found_by_probes() {
    let mut browser = Browser::new(4);
    browser.pass(20_000);
    browser.stop_server();
    browser.pass(120_000);
    browser.server_up = true;
    browser.pass(31_000);
    assert!(browser.all_live() && browser.sockets() == 1, "{:?}", browser.links());
}

#[test]
fn a_final_close_reaches_all_tabs_and_releases_the_lock() {
    let mut browser = Browser::new(2);
    let leader = browser.leader();
    browser.tabs[leader].socket = None;
    browser.shared(leader, SharedSocketInput::Closed(close::SIGN_IN));
    browser.settle();
    assert_eq!(browser.links(), [Link::SignedOut; 2]);
    let late = browser.open(true);
    assert_eq!(browser.tabs[late].bell.link(), Link::Live, "signed in again");
    assert_eq!(browser.sockets(), 1);
}

#[test]
fn signing_in_again_in_one_tab_reconnects_all() {
    let mut browser = Browser::new(3);
    let leader = browser.leader();
    browser.tabs[leader].socket = None;
    browser.shared(leader, SharedSocketInput::Closed(close::SIGN_IN));
    browser.settle();
    assert_eq!((browser.sockets(), browser.links()), (0, vec![Link::SignedOut; 3]));
    browser.open(true);
    browser.pass(100);
    assert!(browser.all_live());
    assert_eq!(browser.sockets(), 1, "and they share one socket again");
}

#[test]
fn without_sharing_each_tab_has_a_socket() {
    let mut browser = Browser::new(0);
    for _ in 0..3 {
        browser.open(false);
    }
    assert_eq!(browser.sockets(), 3);
    assert!(browser.all_live());
}

#[test]
fn each_tab_opens_a_socket_if_sharing_does_not_work() {
    let mut shared = SharedSocket::new(tab(0), true);
    shared.handle(SharedSocketInput::Connect, 0);
    let mut steals = 0;
    loop {
        let at = shared.wake_at().expect("it does not wait for good");
        let effects = shared.handle(SharedSocketInput::Tick, at);
        if effects.contains(&SharedSocketEffect::Open) {
            break;
        }
        steals += usize::from(effects.contains(&SharedSocketEffect::Ask { steal: true }));
    }
    assert_eq!(steals, 2);
    assert!(shared.leads());
}

#[test]
fn one_socket_reports_the_busiest_tab() {
    let presence =
        |n: Option<u128>, mode| ClientFrame::Presence { task_id: n.map(|n| TaskId::new(Uuid::from_u128(n))), mode };
    let mut browser = Browser::new(2);
    let (leader, follower) = (browser.leader(), 1 - browser.leader());
    browser.shared(leader, SharedSocketInput::Send(presence(None, PresenceMode::View)));
    browser.shared(follower, SharedSocketInput::Send(presence(Some(1), PresenceMode::Edit)));
    browser.settle();
    browser.shared(leader, SharedSocketInput::Send(presence(Some(2), PresenceMode::View)));
    browser.settle();
    assert_eq!(browser.written, [presence(None, PresenceMode::View), presence(Some(1), PresenceMode::Edit)]);
    browser.kill(follower);
    assert_eq!(browser.written.last(), Some(&presence(Some(2), PresenceMode::View)), "what a tab did ends with it");
}

#[test]
fn a_new_leader_reports_the_presence_of_all_tabs() {
    let editing = ClientFrame::Presence { task_id: Some(TaskId::new(Uuid::from_u128(1))), mode: PresenceMode::Edit };
    let mut browser = Browser::new(3);
    let leader = browser.leader();
    browser.shared(2, SharedSocketInput::Send(editing.clone()));
    browser.settle();
    browser.written.clear();
    browser.kill(leader);
    assert_ne!(browser.leader(), 2, "another tab than the one that edits");
    assert_eq!(browser.written, [editing], "although no session noticed");
}

#[test]
fn a_message_survives_the_channel() {
    for said in [
        TabMessage::Here { visible: true },
        TabMessage::Frame("{}".into()),
        TabMessage::Closed(4401),
        TabMessage::Doing { task_id: Some(TaskId::new(Uuid::nil())), mode: PresenceMode::Drag },
    ] {
        let message = TabEnvelope { from: tab(1), to: Some(tab(2)), said };
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<TabEnvelope>(&text).unwrap(), message);
    }
}
