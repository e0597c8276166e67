//! Subscriptions of the tabs that share a socket: the server knows one per socket, not one per tab.

use super::{SharedSocket, SharedSocketEffect};
use crate::{
    TabId,
    sorted::{SortedMap, SortedSet},
    wire::ClientFrame,
};

/// The tabs subscribed to each scope.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes(SortedMap<String, SortedSet<TabId>>);

impl Scopes {
    /// Subscribes a tab.
    pub(super) fn begin(&mut self, tab: TabId, scope: &str) {
        self.0.get_or_insert_with(scope.to_owned(), SortedSet::new).insert(tab);
    }

    /// Unsubscribes a tab. Returns whether no tab is left.
    pub(super) fn end(&mut self, tab: TabId, scope: &str) -> bool {
        let Some(tabs) = self.0.get_mut(scope) else { return true };
        tabs.remove(&tab);
        let unused = tabs.is_empty();
        if unused {
            self.0.remove(scope);
        }
        unused
    }

    /// Removes a tab that is gone. Returns the scopes without a subscriber.
    pub(super) fn forget(&mut self, tab: TabId) -> Vec<String> {
        let scopes: Vec<String> = self.0.keys().cloned().collect();
        scopes
            .into_iter()
            .filter(|scope| self.0.get(scope).is_some_and(|tabs| tabs.contains(&tab)) && self.end(tab, scope))
            .collect()
    }
}

impl SharedSocket {
    /// Forwards a tab's subscription to the socket, and its unsubscription unless another tab is subscribed. A new
    /// socket has no subscriptions: each session subscribes again after its first frame.
    pub(super) fn write(&mut self, tab: TabId, frame: ClientFrame, effects: &mut Vec<SharedSocketEffect>) {
        let writes = match &frame {
            _ if !self.is_connected() => false,
            // Also if another tab is subscribed: the answer has what this tab has missed.
            ClientFrame::Subscribe { scope, .. } => {
                self.scopes.begin(tab, scope);
                true
            }
            ClientFrame::Unsubscribe { scope } => self.scopes.end(tab, scope),
            _ => false,
        };
        effects.extend(writes.then_some(SharedSocketEffect::Write(frame)));
    }

    /// Handles a tab that is gone, and ends the subscriptions that only it had.
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

    /// A leader with a connected socket.
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

    /// The frames written to the socket when another tab sends this.
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
    fn the_last_tab_to_unsubscribe_ends_the_subscription() {
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
    fn a_tab_that_is_gone_ends_its_own_subscriptions_only() {
        let mut shared = leader();
        says(&mut shared, ONE, subscribe(1));
        says(&mut shared, TWO, subscribe(1));
        assert_eq!(written(shared.handle(SharedSocketInput::Ended(ONE), 0)), []);
        assert_eq!(written(shared.handle(SharedSocketInput::Ended(TWO), 0)), [unsubscribe()]);
    }

    #[test]
    fn a_new_socket_has_no_subscriptions() {
        let mut shared = leader();
        says(&mut shared, ONE, subscribe(1));
        shared.handle(SharedSocketInput::Closed(1006), 0);
        assert_eq!(says(&mut shared, TWO, subscribe(2)), [], "there is none to say it on");
        connect(&mut shared);
        assert_eq!(says(&mut shared, ONE, subscribe(5)), [subscribe(5)]);
        assert_eq!(says(&mut shared, ONE, unsubscribe()), [unsubscribe()]);
    }
}
