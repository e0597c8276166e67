//! The connection that publishes.

use std::{
    mem,
    sync::Arc,
    time::{Duration, Instant},
};

use redis::{AsyncConnectionConfig, RedisResult, aio::MultiplexedConnection};
use tokio::sync::{Mutex, mpsc};

use super::{ANSWER, BusMessage, Outgoing, Shared, channel_of, locked, payload, probe_channel};
use crate::{backoff::Backoff, realtime::Counters};

/// Messages per write to Redis.
const BATCH: usize = 64;

/// Publishes the queue in order, forever. Repeats a batch that may not have arrived: duplicates are dropped by their
/// seq.
pub(super) async fn run(shared: Arc<Shared>, queue: Arc<Mutex<mpsc::Receiver<Outgoing>>>) {
    let mut queue = queue.lock().await;
    let mut batch = Vec::with_capacity(BATCH);
    let mut backoff = Backoff::default();
    let mut connection = None;
    loop {
        if batch.is_empty() && queue.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        locked(&shared.unpublished).get_or_insert_with(Instant::now);
        match publish(&shared, &mut connection, &batch).await {
            Ok(()) => {
                *locked(&shared.unpublished) = None;
                Counters::add(&shared.counters.bus_out, batch.len() as u64);
                batch.clear();
                backoff.reset();
                // After an overflow the queue is behind: announce the projects that lost messages.
                batch.extend(overflow(&shared));
            }
            Err(error) => {
                connection = None;
                tracing::debug!(%error, "cannot publish to redis; trying again");
                tokio::time::sleep(backoff.next()).await;
            }
        }
    }
}

async fn publish(
    shared: &Shared,
    connection: &mut Option<MultiplexedConnection>,
    batch: &[Outgoing],
) -> RedisResult<()> {
    let mut pipe = redis::pipe();
    for outgoing in batch {
        match outgoing {
            Outgoing::Message(message) => {
                pipe.publish(channel_of(message), payload::encode(shared.instance, message)).ignore();
            }
            Outgoing::Probe(number) => {
                pipe.publish(probe_channel(shared.instance), payload::probe(shared.instance, *number)).ignore();
            }
            Outgoing::Flush(_) => {}
        }
    }
    if pipe.is_empty() {
        return Ok(());
    }
    let connected = match connection {
        Some(connected) => connected,
        none => none.insert(connect(shared).await?),
    };
    tokio::select! {
        result = pipe.query_async::<()>(connected) => result,
        () = shared.reconnect.notified() => Err(std::io::Error::other("delivery failed").into()),
    }
}

async fn connect(shared: &Shared) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_response_timeout(Some(ANSWER));
    shared.client.get_multiplexed_async_connection_with_config(&config).await
}

fn overflow(shared: &Shared) -> impl Iterator<Item = Outgoing> {
    mem::take(&mut *locked(&shared.overflow))
        .into_iter()
        .map(|(project_id, (epoch, to))| Outgoing::Message(BusMessage::Grown { project_id, epoch, from: to, to }))
}
