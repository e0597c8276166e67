//! The bus of a single process, and of several nodes in one test.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use engine::ProjectId;

use super::{Bus, BusState, Heard, Listener, Note, Watch};

/// What joins several [`LocalBus`]es. A server that runs alone has one bus on it.
#[derive(Clone, Default)]
pub struct LocalNetwork(Arc<Mutex<Vec<Station>>>);

struct Station {
    listener: Option<Arc<dyn Listener>>,
    watched: HashSet<ProjectId>,
}

/// One node's end of a [`LocalNetwork`]. It delivers within `publish`, to everyone else.
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

    fn publish(&self, note: Note) {
        let project = note.project_id();
        // Collected first: a listener may publish in turn.
        let listeners: Vec<_> = self
            .network
            .lock()
            .iter()
            .enumerate()
            .filter(|(index, station)| {
                *index != self.index && project.is_none_or(|project| station.watched.contains(&project))
            })
            .filter_map(|(_, station)| station.listener.clone())
            .collect();
        for listener in listeners {
            listener.hear(Heard::Note(note.clone()));
        }
    }

    fn watch(&self, project: ProjectId) -> Watch {
        self.network.lock()[self.index].watched.insert(project);
        Watch::Now
    }

    fn unwatch(&self, project: ProjectId) {
        self.network.lock()[self.index].watched.remove(&project);
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
