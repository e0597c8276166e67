//! A bus that loses, repeats and reorders messages, between two nodes that both write.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use server::realtime::{
    Timing,
    bus::{
        Bus, BusMessage, BusState, Listener, Topic, Watch,
        local::{LocalBus, LocalNetwork},
    },
};
use tokio::task::JoinSet;

use super::{
    board, node, rename,
    socket::{Seen, Socket, token},
};
use crate::harness::{Client, TestServer, on_both_databases};

/// Loses, repeats and delays published messages.
pub(super) struct FaultyBus {
    inner: LocalBus,
    faults: Mutex<(StdRng, Vec<BusMessage>)>,
}

impl FaultyBus {
    pub(super) fn new(network: &LocalNetwork, seed: u64) -> Self {
        Self { inner: network.join(), faults: Mutex::new((StdRng::seed_from_u64(seed), Vec::new())) }
    }
}

impl Bus for FaultyBus {
    fn start(&self, listener: Arc<dyn Listener>) {
        self.inner.start(listener);
    }

    fn publish(&self, note: BusMessage) {
        let out = {
            let mut faults = self.faults.lock().expect("no test panics in here");
            let (rng, held) = &mut *faults;
            match rng.random_range(0..10) {
                0..2 => vec![],
                2..4 => vec![note.clone(), note],
                4..7 => {
                    held.push(note);
                    vec![]
                }
                // A delayed message arrives after later ones.
                _ => std::iter::once(note).chain(held.drain(..).rev()).collect(),
            }
        };
        out.into_iter().for_each(|note| self.inner.publish(note));
    }

    fn watch(&self, topic: Topic) -> Watch {
        self.inner.watch(topic)
    }

    fn unwatch(&self, topic: Topic) {
        self.inner.unwatch(topic);
    }

    fn state(&self) -> BusState {
        self.inner.state()
    }

    fn stop(&self) {
        self.inner.stop();
    }
}

on_both_databases! {
    async fn every_event_arrives_once_over_a_bad_bus(db: Db) {
        let seed = 20_261_121;
        let server = TestServer::start(db).await;
        let network = LocalNetwork::default();
        // Short, so that a lost last event is found soon.
        let timing = Timing { sweep: Duration::from_millis(50), ..Timing::default() };
        let log = Arc::new(server.state().services.store.clone());
        let (one, hub_one) = node(&server, log.clone(), FaultyBus::new(&network, seed), timing.clone()).await;
        let (two, hub_two) = node(&server, log, FaultyBus::new(&network, seed + 1), timing).await;
        let ann = server.person("ann").await;
        let (project, task) = board(&ann).await;
        let path = format!("/ws/projects/{project}?token={}", token(&ann).await);
        let mut members = Vec::new();
        for addr in [one, two, one, two] {
            let mut socket = Socket::open(addr, &path, &[]).await;
            let mut seen = Seen::default();
            seen.take(socket.frame().await);
            members.push((socket, seen));
        }
        let mut writers = JoinSet::new();
        for (writer, addr) in [one, two, one, two].into_iter().enumerate() {
            let ann: Client = ann.at(addr);
            writers.spawn(async move {
                for number in 0..50 {
                    rename(&ann, task, &format!("{writer} {number}")).await;
                }
            });
        }
        writers.join_all().await;
        let end = ann.board(project).await.seq;
        for (socket, seen) in &mut members {
            seen.read_to(socket, end).await;
            assert_eq!((seen.events.len(), seen.resyncs.len()), (200, 0));
        }
        for hub in [hub_one, hub_two] {
            let counts = hub.health().counts;
            assert!(counts.duplicates_dropped > 0 && counts.gap_repairs > 0, "the bus was too good: {counts:?}");
            hub.stop(Duration::from_secs(5)).await;
        }
    }
}
