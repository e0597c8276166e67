//! The connection that subscribes, and the probe that proves delivery.

use std::{
    collections::HashSet,
    future::Future,
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use futures_util::StreamExt as _;
use redis::{Msg, RedisError, RedisResult, aio::PubSubSink};
use tokio::time::{self, MissedTickBehavior};

use super::{
    ANSWER, BusState, Listener, Outgoing, Proof, REVOCATIONS, Shared, channel, locked, payload, probe_channel, tls,
    topic_of,
};
use crate::{
    backoff::Backoff,
    clock,
    realtime::{
        Counters,
        bus::{BusEvent, Topic},
    },
};

/// Lost probes before the connection is given up.
const MAX_MISSED: u32 = 2;
/// Channels per command.
const CHUNK: usize = 256;

/// Keeps a subscribed connection, and reconnects forever.
pub(super) async fn run(shared: Arc<Shared>, listener: Arc<dyn Listener>) {
    let mut backoff = Backoff::default();
    loop {
        let disconnected = Disconnected(&shared);
        let mut subscriber = RedisSubscriber {
            shared: &shared,
            listener: &*listener,
            watched: HashSet::new(),
            missed: 0,
            probed_at: Instant::now(),
            worked: false,
        };
        let ended = subscriber.run().await;
        if subscriber.worked {
            backoff.reset();
        }
        drop(disconnected);
        if let Err(error) = ended {
            let error = tls::explain(&error);
            tracing::warn!(error, "cannot subscribe to redis; trying again");
            *locked(&shared.trouble) = Some(error);
        }
        time::sleep(backoff.next()).await;
    }
}

/// Reports the lost connection, even when a listener panicked.
struct Disconnected<'a>(&'a Shared);

impl Drop for Disconnected<'_> {
    fn drop(&mut self) {
        self.0.set_state(BusState::Disconnected);
    }
}

struct RedisSubscriber<'a> {
    shared: &'a Shared,
    listener: &'a dyn Listener,
    watched: HashSet<Topic>,
    /// Probes since the last one that returned.
    missed: u32,
    /// When the last probe was queued.
    probed_at: Instant,
    worked: bool,
}

impl RedisSubscriber<'_> {
    async fn run(&mut self) -> RedisResult<()> {
        let (mut sink, mut messages) = within(self.shared.client.get_async_pubsub()).await?.split();
        within(sink.subscribe(&[probe_channel(self.shared.instance), REVOCATIONS.to_owned()])).await?;
        self.shared.set_state(BusState::Connected);
        self.listener.on_event(BusEvent::Connected);
        self.update_subscriptions(&mut sink).await?;
        let mut probes = time::interval(self.shared.probe);
        probes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    Some(message) => self.receive(&message),
                    None => return Err(broken("the connection ended")),
                },
                () = self.shared.wanted_changed.notified() => self.update_subscriptions(&mut sink).await?,
                _ = probes.tick() => self.probe()?,
            }
        }
    }

    /// Adjusts the subscriptions to the watched topics.
    async fn update_subscriptions(&mut self, sink: &mut PubSubSink) -> RedisResult<()> {
        let wanted = locked(&self.shared.wanted).clone();
        let new: Vec<_> = wanted.difference(&self.watched).copied().collect();
        let old: Vec<_> = self.watched.difference(&wanted).copied().collect();
        for topics in old.chunks(CHUNK) {
            within(sink.unsubscribe(channels(topics))).await?;
        }
        for topics in new.chunks(CHUNK) {
            within(sink.subscribe(channels(topics))).await?;
            self.listener.on_event(BusEvent::Watching(topics.to_vec()));
        }
        self.watched = wanted;
        Ok(())
    }

    fn receive(&mut self, message: &Msg) {
        let counters = &self.shared.counters;
        let topic = topic_of(message.get_channel_name());
        match payload::read(self.shared.instance, topic, message.get_payload_bytes()) {
            payload::Decoded::Message(message) => {
                Counters::add(&counters.bus_in, 1);
                self.listener.on_event(BusEvent::Message(message));
            }
            payload::Decoded::Echo => {}
            payload::Decoded::Probe(number) if number == self.shared.probes_sent.load(Ordering::Relaxed) => {
                self.missed = 0;
                self.worked = true;
                let round_trip_ms = self.probed_at.elapsed().as_secs_f64() * 1_000.0;
                *locked(&self.shared.proof) = Some(Proof { round_trip_ms, at: clock::now() });
                *locked(&self.shared.trouble) = None;
                self.shared.set_state(BusState::Delivering);
            }
            // An old probe that took longer than a whole interval.
            payload::Decoded::Probe(_) => {}
            payload::Decoded::UnknownVersion => Counters::add(&counters.unknown_versions, 1),
            payload::Decoded::Malformed => Counters::add(&counters.bus_malformed, 1),
        }
    }

    /// Publishes a probe like any message, unless too many got lost.
    fn probe(&mut self) -> RedisResult<()> {
        if self.missed >= MAX_MISSED {
            self.shared.reconnect.notify_one();
            return Err(broken("published probes do not come back"));
        }
        self.missed += 1;
        let number = self.shared.probes_sent.fetch_add(1, Ordering::Relaxed) + 1;
        self.probed_at = Instant::now();
        // A full queue counts as a lost probe.
        drop(self.shared.queue.try_send(Outgoing::Probe(number)));
        Ok(())
    }
}

fn channels(topics: &[Topic]) -> Vec<String> {
    topics.iter().copied().map(channel).collect()
}

async fn within<T>(answer: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    time::timeout(ANSWER, answer).await.unwrap_or_else(|_| Err(broken("no answer in time")))
}

fn broken(what: &'static str) -> RedisError {
    std::io::Error::other(what).into()
}
