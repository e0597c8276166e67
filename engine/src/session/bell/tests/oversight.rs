//! The subscription to changes of oversight figures.

use super::*;

fn subscription() -> BellEffect {
    BellEffect::Send(ClientFrame::Subscribe { scope: "oversight".into(), epoch: None, since: None })
}

#[test]
fn an_oversight_page_learns_of_changes_until_it_closes() {
    let changed = || ServerFrame::Changed { scope: "oversight".into() };
    let mut bell = live(2);
    receive(&mut bell, changed());
    assert!(!bell.take_oversight_changed(), "another tab has asked");
    assert_eq!(bell.handle(BellInput::Oversee(true), 10, 0), [subscription()]);
    assert_eq!(bell.handle(BellInput::Oversee(true), 11, 0), []);
    let revision = bell.revision();
    receive(&mut bell, changed());
    receive(&mut bell, ServerFrame::Changed { scope: "weather".into() });
    assert_eq!(
        (bell.take_oversight_changed(), bell.take_oversight_changed(), bell.revision()),
        (true, false, revision)
    );

    let end = BellEffect::Send(ClientFrame::Unsubscribe { scope: "oversight".into() });
    assert_eq!(bell.handle(BellInput::Oversee(false), 20, 0), [end]);
    receive(&mut bell, changed());
    assert!(!bell.take_oversight_changed());
}

#[test]
fn a_lease_is_renewed_and_requested_again_on_a_new_socket() {
    let mut bell = Bell::new(0);
    assert_eq!(bell.handle(BellInput::Tick, 0, 0), CONNECT);
    assert_eq!(bell.handle(BellInput::Oversee(true), 1, 0), [], "there is nobody to ask");
    let sync = || BellInput::Frame(Some(ServerFrame::UnreadSync { notifications: Vec::new(), unread: 0 }));
    assert_eq!(bell.handle(sync(), 5, 0), [subscription()]);
    let mut now = 5;
    for renewal in 1..=3_u64 {
        // A server pings, since a silent socket would be dropped before the lease is due.
        while now < 5 + renewal * 120_000 {
            now = bell.wake_at().unwrap().min(now + 20_000);
            let effects = bell.handle(BellInput::Frame(Some(ServerFrame::Ping)), now, 0);
            assert_eq!(effects.contains(&subscription()), now == 5 + renewal * 120_000, "{now}");
        }
    }
    bell.handle(BellInput::Closed { code: 1006 }, now, 300);
    assert!(bell.wake_at().unwrap() < now + 100_000, "nothing is renewed on a socket that is gone");
    assert_eq!(bell.handle(BellInput::Tick, bell.wake_at().unwrap(), 0), CONNECT);
    assert_eq!(bell.handle(sync(), now + 1000, 0), [subscription()]);
}
