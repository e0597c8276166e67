//! A Redis that takes commands, and delivers nothing.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use server::{config::Config, realtime::Timing};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use super::until;
use crate::harness::{Db, RedisServer, TestServer};

/// Stands between a server and its Redis, and can keep what is published to itself.
struct Proxy {
    addr: SocketAddr,
    deaf: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    async fn start(redis: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let (deaf, connections) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_deaf, count) = (Arc::clone(&deaf), Arc::clone(&connections));
        let target = redis.url().trim_start_matches("redis://").to_owned();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let server = TcpStream::connect(&target).await.expect("Redis listens");
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                tokio::spawn(pass(from_client, to_server, None));
                tokio::spawn(pass(from_server, to_client, Some(Arc::clone(&is_deaf))));
            }
        });
        Self { addr, deaf, connections }
    }
}

/// Passes bytes on; but while it is deaf, none that bring a published message.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, deaf: Option<Arc<AtomicBool>>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        let published = bytes.windows(9).any(|window| window == b"\r\nmessage");
        let drop_it = published && deaf.as_ref().is_some_and(|deaf| deaf.load(Ordering::Relaxed));
        if !drop_it && to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

#[tokio::test(crate = "crate::harness")]
async fn it_is_noticed_and_another_connection_is_made() {
    let redis = RedisServer::start().await;
    let proxy = Proxy::start(&redis).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::isolated(folder.path());
    config.database_url = Some(Db::Sqlite.fresh(folder.path()).await);
    config.redis_url = Some(format!("redis://{}", proxy.addr));
    let timing = Timing { probe: Duration::from_millis(100), ..Timing::default() };
    let server = TestServer::run(config, timing, folder).await;
    let anybody = server.anonymous();
    let ready = async || anybody.get("/ready").await.status == 200;
    until("delivery is proven", ready).await;
    let before = proxy.connections.load(Ordering::Relaxed);
    proxy.deaf.store(true, Ordering::Relaxed);
    until("the missing probes are noticed", async || !ready().await).await;
    let answer = anybody.get("/ready").await;
    assert_eq!(answer.field::<bool>("delivery"), answer.status == 200, "{}", answer.text);
    until("it connects anew", async || proxy.connections.load(Ordering::Relaxed) > before).await;
    assert!(!ready().await, "a connection alone proves nothing");
    proxy.deaf.store(false, Ordering::Relaxed);
    until("delivery is proven again", ready).await;
}
