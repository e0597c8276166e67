//! The bus within one process, for a single server and for several nodes in a test.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Bus, BusEvent, BusMessage, BusState, Listener, Topic, Watch};

/// Connects several [`LocalBus`]es. A server without Redis has one bus on it.
#[derive(Clone, Default)]
pub struct LocalNetwork(Arc<Mutex<Vec<Station>>>);

struct Station {
    listener: Option<Arc<dyn Listener>>,
    watched: HashSet<Topic>,
}

/// The bus of one node. Delivers to the other nodes within `publish`.
pub struct LocalBus {
    network: LocalNetwork,
    index: usize,
}

impl LocalNetwork {
    /// Adds a node.
    pub fn join(&self) -> LocalBus {
        let mut stations = self.lock();
        stations.push(Station { listener: None, watched: HashSet::new() });
        LocalBus { network: self.clone(), index: stations.len() - 1 }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Station>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bus for LocalBus {
    fn start(&self, listener: Arc<dyn Listener>) {
        self.network.lock()[self.index].listener = Some(listener);
    }

    fn publish(&self, message: BusMessage) {
        let topic = message.topic();
        // Collected first: a listener may publish in turn.
        let listeners: Vec<_> = self
            .network
            .lock()
            .iter()
            .enumerate()
            .filter(|(index, station)| {
                *index != self.index && topic.is_none_or(|topic| station.watched.contains(&topic))
            })
            .filter_map(|(_, station)| station.listener.clone())
            .collect();
        for listener in listeners {
            listener.on_event(BusEvent::Message(message.clone()));
        }
    }

    fn watch(&self, topic: Topic) -> Watch {
        self.network.lock()[self.index].watched.insert(topic);
        Watch::Now
    }

    fn unwatch(&self, topic: Topic) {
        self.network.lock()[self.index].watched.remove(&topic);
    }

    fn state(&self) -> BusState {
        BusState::InProcess
    }

    fn stop(&self) {
        let mut stations = self.network.lock();
        stations[self.index].listener = None;
        stations[self.index].watched.clear();
    }
}
