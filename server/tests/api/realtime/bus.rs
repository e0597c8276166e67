//! What every bus promises, and nothing more.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{Epoch, EventId, ProjectId, TaskId, UserId, wire::NotificationRead};
use redis::AsyncTypedCommands as _;
use serde_json::json;
use server::{
    config::Config,
    realtime::{
        Committed, Counters, Logged, NotificationFrame, Revocation, SessionId, Timing,
        bus::{
            Bus, BusEvent, BusMessage, Listener, Topic, Watch,
            local::LocalNetwork,
            redis::{RedisBus, client},
        },
    },
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};
use uuid::Uuid;

use super::{PATIENCE, board, rename, until};
use crate::harness::{Db, RedisServer, TestServer};

/// One end of a bus, with the events it received.
struct Station<B> {
    bus: B,
    heard: UnboundedReceiver<BusEvent>,
}

struct ChannelListener(UnboundedSender<BusEvent>);

impl Listener for ChannelListener {
    fn on_event(&self, event: BusEvent) {
        // The receiver is gone once the test is over.
        let _ = self.0.send(event);
    }
}

impl<B: Bus> Station<B> {
    fn start(bus: B) -> Self {
        let (sender, heard) = unbounded_channel();
        bus.start(Arc::new(ChannelListener(sender)));
        Self { bus, heard }
    }

    async fn watch(&mut self, project: ProjectId) {
        self.listen(Topic::Board(project)).await;
    }

    async fn listen(&mut self, topic: Topic) {
        if self.bus.watch(topic) == Watch::Later {
            loop {
                match timeout(PATIENCE, self.heard.recv()).await.expect("the watch works in time") {
                    Some(BusEvent::Watching(topics)) if topics.contains(&topic) => return,
                    other => assert!(matches!(other, Some(BusEvent::Watching(_) | BusEvent::Connected)), "{other:?}"),
                }
            }
        }
    }

    async fn message(&mut self) -> BusMessage {
        loop {
            match timeout(PATIENCE, self.heard.recv()).await.expect("a message arrives in time") {
                Some(BusEvent::Message(note)) => return note,
                Some(BusEvent::Watching(_) | BusEvent::Connected) => {}
                None => panic!("the bus ended"),
            }
        }
    }
}

fn event(epoch: Epoch, seq: u64, padding: usize) -> Logged {
    let event_id = EventId::new(Uuid::new_v4());
    let task = TaskId::new(Uuid::new_v4());
    let frame = json!({
        "type": "something", "event_id": event_id, "epoch": epoch, "seq": seq, "op_id": null,
        "data": { "id": task, "title": "é\"\\ ".repeat(padding) },
    });
    Logged { seq, event_id, prev: None, op_id: None, frame: frame.to_string().into() }
}

fn committed(project_id: ProjectId, seqs: std::ops::RangeInclusive<u64>, padding: usize) -> Committed {
    let epoch = Epoch::new(Uuid::from_u128(1));
    let mut prev = None;
    let chained = |seq| {
        let event = event(epoch, seq, padding);
        Logged { prev: prev.replace(event.event_id), ..event }
    };
    Committed { project_id, epoch, events: seqs.map(chained).collect() }
}

async fn expect<B: Bus>(station: &mut Station<B>, sent: &Committed) {
    let BusMessage::Events(got) = station.message().await else { panic!("no events") };
    assert_eq!((got.project_id, got.epoch, &got.events), (sent.project_id, sent.epoch, &sent.events));
}

/// The test suite of every bus. Both ends belong to one network.
async fn conforms<B: Bus>(one: B, two: B) {
    let (mut one, mut two) = (Station::start(one), Station::start(two));
    let project = || ProjectId::new(Uuid::new_v4());
    let (first, second, third) = (project(), project(), project());

    two.watch(first).await;
    let sent = committed(first, 1..=3, 1);
    one.bus.publish(BusMessage::Events(sent.clone()));
    expect(&mut two, &sent).await;

    // No bus receives its own messages: the first one received is what the other published later.
    one.watch(first).await;
    let (own, other) = (committed(first, 4..=4, 1), committed(first, 5..=5, 1));
    one.bus.publish(BusMessage::Events(own.clone()));
    expect(&mut two, &own).await;
    two.bus.publish(BusMessage::Events(other.clone()));
    expect(&mut one, &other).await;

    // Nor those of topics that it does not watch.
    let (unheard, heard) = (committed(second, 1..=1, 1), committed(first, 6..=6, 1));
    one.bus.publish(BusMessage::Events(unheard));
    one.bus.publish(BusMessage::Events(heard.clone()));
    expect(&mut two, &heard).await;

    // Nor of topics that it no longer watches.
    two.bus.unwatch(Topic::Board(first));
    two.watch(third).await;
    let (unheard, heard) = (committed(first, 7..=7, 1), committed(third, 1..=1, 1));
    one.bus.publish(BusMessage::Events(unheard));
    one.bus.publish(BusMessage::Events(heard.clone()));
    expect(&mut two, &heard).await;

    // A large message arrives, or is announced.
    let large = committed(third, 2..=4, 20_000);
    one.bus.publish(BusMessage::Events(large.clone()));
    match two.message().await {
        BusMessage::Events(got) => assert_eq!(got.events, large.events),
        BusMessage::Grown { project_id, epoch, from, to } => {
            assert_eq!((project_id, epoch, from, to), (third, large.epoch, 2, 4));
        }
        other @ (BusMessage::Bell { .. } | BusMessage::Revoked(_)) => panic!("{other:?}"),
    }
    let grown = BusMessage::Grown { project_id: third, epoch: large.epoch, from: 5, to: 9 };
    one.bus.publish(grown);
    assert!(matches!(two.message().await, BusMessage::Grown { from: 5, to: 9, .. }));

    // Notifications go where they are watched, and nowhere else.
    let (user, stranger) = (UserId::new(Uuid::new_v4()), UserId::new(Uuid::new_v4()));
    two.listen(Topic::Bell(user)).await;
    let frame = |unread| NotificationFrame::read(&NotificationRead { ids: Vec::new(), up_to: None, unread });
    one.bus.publish(BusMessage::Bell { user_id: stranger, frame: frame(1) });
    one.bus.publish(BusMessage::Bell { user_id: user, frame: frame(2) });
    match two.message().await {
        BusMessage::Bell { user_id, frame: received } => assert_eq!((user_id, received), (user, frame(2))),
        other => panic!("{other:?}"),
    }

    // Revocations go to all, whatever they watch.
    two.bus.unwatch(Topic::Board(third));
    for revocation in [
        Revocation::Session(SessionId::of("one")),
        Revocation::User { id: UserId::new(Uuid::new_v4()), except: None },
        Revocation::User { id: UserId::new(Uuid::new_v4()), except: Some(SessionId::of("one")) },
    ] {
        one.bus.publish(BusMessage::Revoked(revocation));
        assert!(matches!(two.message().await, BusMessage::Revoked(heard) if heard == revocation));
    }
    one.bus.stop();
    two.bus.stop();
}

fn redis_bus(redis: &RedisServer) -> (RedisBus, Arc<Counters>) {
    let counters = Arc::new(Counters::default());
    let bus = RedisBus::new(
        client(&redis.url(), None).expect("a good URL"),
        Duration::from_millis(100),
        Arc::clone(&counters),
        Default::default(),
    );
    (bus, counters)
}

#[tokio::test(crate = "crate::harness")]
async fn the_local_bus_keeps_its_promises() {
    let network = LocalNetwork::default();
    conforms(network.join(), network.join()).await;
}

#[tokio::test(crate = "crate::harness")]
async fn the_redis_bus_keeps_its_promises() {
    let redis = RedisServer::start().await;
    conforms(redis_bus(&redis).0, redis_bus(&redis).0).await;
}

#[tokio::test(crate = "crate::harness")]
async fn another_builds_payload_is_dropped_and_counted() {
    let redis = RedisServer::start().await;
    let ((one, counters), (two, _)) = (redis_bus(&redis), redis_bus(&redis));
    let (mut one, two) = (Station::start(one), Station::start(two));
    let project = ProjectId::new(Uuid::new_v4());
    one.watch(project).await;
    let client = redis::Client::open(redis.url()).unwrap();
    let mut raw = client.get_multiplexed_async_connection().await.unwrap();
    let channel = format!("project:{project}:tasks");
    let newer = json!({ "version": 2, "instance_id": 7, "events": "elsewhere" });
    raw.publish(&channel, newer.to_string()).await.unwrap();
    raw.publish(&channel, "nonsense").await.unwrap();
    let sent = committed(project, 1..=1, 1);
    two.bus.publish(BusMessage::Events(sent.clone()));
    expect(&mut one, &sent).await;
    let counts = counters.read();
    assert_eq!((counts.unknown_versions, counts.bus_malformed), (1, 1));
}

#[tokio::test(crate = "crate::harness")]
async fn writes_do_not_wait_for_a_hanging_redis_and_it_is_noticed() {
    let redis = RedisServer::start().await;
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(Db::Sqlite.fresh(folder.path()).await);
    config.redis.url = Some(redis.url());
    let timing = Timing { probe: Duration::from_millis(100), ..Timing::default() };
    let server = TestServer::run(config, timing, folder).await;
    let ann = server.person("ann").await;
    let (project, task) = board(&ann).await;
    let ready = async || ann.get("/ready").await.status == 200;
    until("delivery is proven", ready).await;
    let proof = async || ann.get("/health/realtime").await.expect(200).field::<serde_json::Value>("proof");
    let first = proof().await;
    let took = first["round_trip_ms"].as_f64().expect("how long it took");
    assert!(took > 0.0 && took < 5_000.0, "{first}");
    until("the next proof is a later one", async || proof().await["at"].as_str() > first["at"].as_str()).await;
    redis.hang();
    let started = Instant::now();
    for number in 0..50 {
        rename(&ann, task, &format!("{number}")).await;
    }
    assert!(started.elapsed() < Duration::from_secs(20), "no write waited");
    until("the missing probes are noticed", async || !ready().await).await;
    let last = proof().await;
    redis.resume();
    until("delivery is proven again", ready).await;
    assert_ne!(proof().await, last);
    assert_eq!(ann.board(project).await.seq, ann.events(project).await.len() as u64);
}
