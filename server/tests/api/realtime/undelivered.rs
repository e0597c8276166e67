//! A Redis that accepts commands but delivers nothing.

use std::time::Duration;

use server::{config::Config, realtime::Timing};

use super::until;
use crate::harness::{Db, Proxy, RedisServer, TestServer, Weather};

#[tokio::test(crate = "crate::harness")]
async fn a_redis_that_delivers_nothing_is_noticed_and_reconnected() {
    let redis = RedisServer::start().await;
    let proxy = Proxy::start(redis.url().trim_start_matches("redis://")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(Db::Sqlite.fresh(folder.path()).await);
    config.redis.url = Some(format!("redis://{}", proxy.addr()));
    let timing = Timing { probe: Duration::from_millis(100), ..Timing::default() };
    let server = TestServer::run(config, timing, folder).await;
    let anybody = server.anonymous();
    let ready = async || anybody.get("/ready").await.status == 200;
    until("delivery is proven", ready).await;
    let before = proxy.connections();
    proxy.set(Weather::Deaf(|bytes| bytes.windows(9).any(|window| window == b"\r\nmessage")));
    until("the missing probes are noticed", async || !ready().await).await;
    let answer = anybody.get("/ready").await;
    assert_eq!(answer.field::<bool>("delivery"), answer.status == 200, "{}", answer.text);
    until("it connects anew", async || proxy.connections() > before).await;
    assert!(!ready().await, "a connection alone proves nothing");
    proxy.set(Weather::Fair);
    until("delivery is proven again", ready).await;
}
