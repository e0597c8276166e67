//! What the tabs of one socket have subscribed to: the server knows one subscription of a socket, not whose it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{SharedSocket, SharedSocketEffect};
use crate::{TabId, wire::ClientFrame};

/// Who wants which scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes(BTreeMap<String, BTreeSet<TabId>>);

impl Scopes {
    /// A tab wants a scope.
    pub(super) fn begin(&mut self, tab: TabId, scope: &str) {
        self.0.entry(scope.to_owned()).or_default().insert(tab);
    }

    /// A tab wants it no longer. Whether nobody does.
    pub(super) fn end(&mut self, tab: TabId, scope: &str) -> bool {
        let Some(tabs) = self.0.get_mut(scope) else { return true };
        tabs.remove(&tab);
        let unused = tabs.is_empty();
        if unused {
            self.0.remove(scope);
        }
        unused
    }

    /// A tab is gone. The scopes that nobody wants any more.
    pub(super) fn forget(&mut self, tab: TabId) -> Vec<String> {
        let scopes: Vec<String> = self.0.keys().cloned().collect();
        scopes.into_iter().filter(|scope| self.0[scope].contains(&tab) && self.end(tab, scope)).collect()
    }
}

impl SharedSocket {
    /// Writes on the socket what a tab subscribes to; and what it no longer wants, unless another tab does. With a new
    /// socket there are no subscriptions: each session begins its own again when that says where the log is.
    pub(super) fn write(&mut self, tab: TabId, frame: ClientFrame, effects: &mut Vec<SharedSocketEffect>) {
        let writes = match &frame {
            _ if !self.is_connected() => false,
            // Also the second time: the answer says what this tab has missed.
            ClientFrame::Subscribe { scope, .. } => {
                self.scopes.begin(tab, scope);
                true
            }
            ClientFrame::Unsubscribe { scope } => self.scopes.end(tab, scope),
            _ => false,
        };
        effects.extend(writes.then_some(SharedSocketEffect::Write(frame)));
    }

    /// A tab is gone: nobody else ends what only it had subscribed to.
    pub(super) fn forget(&mut self, tab: TabId, effects: &mut Vec<SharedSocketEffect>) {
        self.peers.forget(tab);
        self.activity.end(tab);
        self.send_activity(effects);
        let unused = self.scopes.forget(tab).into_iter().filter(|_| self.socket);
        effects.extend(unused.map(|scope| SharedSocketEffect::Write(ClientFrame::Unsubscribe { scope })));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::{
        TabId,
        session::{SharedSocket, SharedSocketEffect, SharedSocketInput, tabs},
        wire::ClientFrame,
    };

    const LEADER: TabId = TabId::new(Uuid::from_u128(1));
    const ONE: TabId = TabId::new(Uuid::from_u128(2));
    const TWO: TabId = TabId::new(Uuid::from_u128(3));

    fn subscribe(since: u64) -> ClientFrame {
        ClientFrame::Subscribe { scope: "task:1".into(), epoch: None, since: Some(since) }
    }

    fn unsubscribe() -> ClientFrame {
        ClientFrame::Unsubscribe { scope: "task:1".into() }
    }

    /// A tab that has the socket.
    fn leader() -> SharedSocket {
        let mut shared = SharedSocket::new(LEADER, true);
        shared.handle(SharedSocketInput::Granted, 0);
        connect(&mut shared);
        shared
    }

    fn connect(shared: &mut SharedSocket) {
        shared.handle(SharedSocketInput::Connect, 0);
        shared.handle(SharedSocketInput::Frame(r#"{"type":"ping"}"#.into()), 0);
    }

    /// What the socket is sent when another tab says this to its own session's socket.
    fn says(shared: &mut SharedSocket, tab: TabId, frame: ClientFrame) -> Vec<ClientFrame> {
        let mut follower = SharedSocket::new(tab, true);
        let effects = follower.handle(SharedSocketInput::Send(frame), 0);
        let [SharedSocketEffect::Post(None, said)] = &effects[..] else { panic!("{effects:?}") };
        written(
            shared.handle(SharedSocketInput::Message(tabs::TabEnvelope { from: tab, to: None, said: said.clone() }), 0),
        )
    }

    fn written(effects: Vec<SharedSocketEffect>) -> Vec<ClientFrame> {
        let write = |effect| if let SharedSocketEffect::Write(frame) = effect { Some(frame) } else { None };
        effects.into_iter().filter_map(write).collect()
    }

    #[test]
    fn each_tab_subscribes_and_the_last_one_ends_it() {
        let mut shared = leader();
        assert_eq!(says(&mut shared, ONE, subscribe(1)), [subscribe(1)]);
        assert_eq!(says(&mut shared, TWO, subscribe(2)), [subscribe(2)], "it has missed something else");
        assert_eq!(written(shared.handle(SharedSocketInput::Send(subscribe(3)), 0)), [subscribe(3)]);
        assert_eq!(says(&mut shared, ONE, unsubscribe()), []);
        assert_eq!(written(shared.handle(SharedSocketInput::Send(unsubscribe()), 0)), []);
        assert_eq!(says(&mut shared, ONE, unsubscribe()), [], "it has not had it any more");
        assert_eq!(says(&mut shared, TWO, unsubscribe()), [unsubscribe()]);
    }

    #[test]
    fn a_tab_that_ends_ends_what_only_it_had() {
        let mut shared = leader();
        says(&mut shared, ONE, subscribe(1));
        says(&mut shared, TWO, subscribe(1));
        assert_eq!(written(shared.handle(SharedSocketInput::Ended(ONE), 0)), []);
        assert_eq!(written(shared.handle(SharedSocketInput::Ended(TWO), 0)), [unsubscribe()]);
    }

    #[test]
    fn a_new_socket_begins_with_nothing() {
        let mut shared = leader();
        says(&mut shared, ONE, subscribe(1));
        shared.handle(SharedSocketInput::Closed(1006), 0);
        assert_eq!(says(&mut shared, TWO, subscribe(2)), [], "there is none to say it on");
        connect(&mut shared);
        assert_eq!(says(&mut shared, ONE, subscribe(5)), [subscribe(5)]);
        assert_eq!(says(&mut shared, ONE, unsubscribe()), [unsubscribe()]);
    }
}
