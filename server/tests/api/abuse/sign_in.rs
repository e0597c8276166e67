//! Password guessing: from one network, from everywhere, and across nodes.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use server::{
    config::{Config, PasswordCost},
    realtime::Timing,
};

use crate::{
    harness::{Answer, Client, Db, PASSWORD, RedisServer, TestServer, on_both_databases, send},
    realtime::until,
};

/// Signs in through a proxy that names this client address.
async fn login_from(client: &Client, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    send(client.request(Method::POST, "/api/auth/login").header("x-forwarded-for", address).json(&body)).await
}

/// Formats an address from a number.
type Spelling = fn(usize) -> String;

/// An address in its own network.
fn address(number: usize) -> String {
    format!("198.{}.{}.{}:4711", 51 + number / 40_000, number / 200 % 200, number % 200)
}

fn behind_a_proxy(per_minute: u32, failures_per_hour: u32) -> impl FnOnce(&mut Config) {
    move |config| {
        config.proxy.trusted = true;
        (config.accounts.auth_limit, config.accounts.account_limit) = (per_minute, failures_per_hour);
    }
}

/// Checks that `free` attempts passed, plus those that refilled meanwhile, one per `seconds`.
#[track_caller]
fn fits(looked_at: usize, free: usize, seconds: u64, started: Instant, what: &str) {
    let more = started.elapsed().as_secs() / seconds + 1;
    assert!((free..=free + more as usize).contains(&looked_at), "{what}: {looked_at} in {:?}", started.elapsed());
}

#[tokio::test(crate = "crate::harness")]
async fn an_ipv6_network_has_as_many_attempts_as_an_ipv4_address() {
    let server = TestServer::start_with(Db::Sqlite, behind_a_proxy(10, 0)).await;
    let stranger = server.anonymous();
    let tries: [(&str, Spelling); 4] = [
        ("a@example.org", |number| format!("2001:db8:7::{number:x}")),
        ("b@example.org", |number| format!("[2001:db8:8::{number:x}]:{}", 1000 + number)),
        ("c@example.org", |number| ["::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1:80"][number % 3].into()),
        // The client's own values come before what the proxy appends.
        ("d@example.org", |number| format!("203.0.113.{number}, 2001:db8:9::{number:x}")),
    ];
    for (account, address) in tries {
        let (started, mut looked_at) = (Instant::now(), 0);
        for number in 0..250 {
            looked_at +=
                usize::from(login_from(&stranger, &address(number), account, "wrong horse").await.status == 401);
        }
        fits(looked_at, 10, 6, started, account);
    }
}

on_both_databases! {
    async fn guesses_from_anywhere_are_slowed_down_but_not_the_owner(db: Db) {
        let server = TestServer::start_with(db, behind_a_proxy(5, 20)).await;
        let ann = server.person("ann").await;
        let stranger = server.anonymous();
        let mut refusals = Vec::new();
        for account in ["ann@example.org", "nobody@example.org"] {
            let (started, mut looked_at) = (Instant::now(), 0);
            for number in 0..200 {
                let answer = login_from(&stranger, &address(number), account, "wrong horse").await;
                looked_at += usize::from(answer.status == 401);
                if number == 199 {
                    let wait: u64 = answer.headers["retry-after"].to_str().expect("a text").parse().expect("seconds");
                    assert!((10..=180).contains(&wait), "{wait}");
                    let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
                    names.sort();
                    refusals.push((answer.text.clone(), names));
                    answer.refused(429, "too_many_attempts");
                }
            }
            fits(looked_at, 20, 180, started, account);
        }
        assert_eq!(refusals[0], refusals[1], "known and unknown accounts are answered alike");
        // Not even with the password, from where the account was never signed in to.
        login_from(&stranger, "203.0.113.1", "ann@example.org", PASSWORD).await.refused(429, "too_many_attempts");
        // Her browser is known, signed in or not, wherever it is now.
        ann.post("/api/auth/logout", json!({})).await.expect(204);
        login_from(&ann, "203.0.113.2", "ANN@example.org", PASSWORD).await.expect(200);
        // The cookie grants no access, and has few attempts.
        let (started, mut looked_at) = (Instant::now(), 0);
        for number in 0..30 {
            let answer = login_from(&ann, &address(number), "ann@example.org", "wrong horse").await;
            looked_at += usize::from(answer.status == 401);
        }
        fits(looked_at, 4, 12, started, "her browser");
        // For other accounts it is an unknown browser.
        login_from(&ann, "203.0.113.5", "nobody@example.org", PASSWORD).await.refused(429, "too_many_attempts");
    }
}

#[tokio::test(crate = "crate::harness")]
async fn neighbours_behind_the_same_address_lock_no_one_out() {
    let server = TestServer::start_with(Db::Sqlite, behind_a_proxy(5, 20)).await;
    let (ann, stranger) = (server.person("ann").await, server.anonymous());
    let mut refused = 0;
    for number in 0..100 {
        let account = format!("{}@example.org", number % 20);
        refused += usize::from(login_from(&stranger, "192.0.2.1", &account, "wrong horse").await.status == 429);
    }
    assert!(refused > 0, "the address has tried enough");
    login_from(&ann, "192.0.2.1", "ann@example.org", PASSWORD).await.expect(200);
    // Nor can someone who knows an address keep its owner from changing the password.
    for number in 0..50 {
        login_from(&stranger, &address(number), "ann@example.org", "wrong horse").await;
    }
    let change = |current: &str| json!({ "current": current, "password": "another horse" });
    for _ in 0..4 {
        ann.post("/api/auth/password", change("wrong horse")).await.refused(403, "wrong_password");
    }
    ann.post("/api/auth/password", change(PASSWORD)).await.expect(204);
}

#[tokio::test(crate = "crate::harness")]
async fn an_unknown_account_takes_as_long_as_a_known_one() {
    let server = TestServer::start_with(Db::Sqlite, |config| config.accounts.password_cost = PasswordCost::Full).await;
    server.person("ann").await;
    let stranger = server.anonymous();
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..12 {
        for (times, account) in times.iter_mut().zip(["ann@example.org", "nobody@example.org"]) {
            let started = Instant::now();
            login_from(&stranger, "192.0.2.1", account, "wrong horse").await.refused(401, "wrong_credentials");
            times.push(started.elapsed());
        }
    }
    // The fastest of each: other load on the machine slows some of them down.
    let [known, unknown] = times.map(|times| times.into_iter().min().expect("some"));
    assert!(known < unknown * 2 && unknown < known * 2, "{known:?} and {unknown:?}");
}

/// Two nodes on one Redis, with limits.
async fn pair(db: Db, redis: &RedisServer, timing: Timing) -> [TestServer; 2] {
    let folder = tempfile::tempdir().expect("a folder for the server");
    let mut config = Config::isolated(folder.path());
    config.database.url = Some(db.fresh(folder.path()).await);
    let url = redis.url();
    let settings = |config: &mut Config| {
        config.redis.url = Some(url.clone());
        behind_a_proxy(5, 12)(config);
    };
    settings(&mut config);
    let one = TestServer::run(config, timing.clone(), folder).await;
    let two = one.beside(timing, settings).await;
    for server in [&one, &two] {
        until("delivery is proven", async || server.state().services.realtime.ready()).await;
    }
    [one, two]
}

/// Tries on both nodes in turn. Returns how many attempts passed on each.
async fn try_on_both(
    nodes: &[Client; 2],
    tries: usize,
    account: &str,
    address: impl Fn(usize) -> String,
) -> [usize; 2] {
    let mut looked_at = [0; 2];
    for number in 0..tries {
        let status = login_from(&nodes[number % 2], &address(number), account, "wrong horse").await.status;
        assert!(matches!(status, 401 | 429), "{status}");
        looked_at[number % 2] += usize::from(status == 401);
    }
    looked_at
}

on_both_databases! {
    async fn attempts_count_across_nodes_and_per_node_without_redis(db: Db) {
        let mut redis = RedisServer::start().await;
        // A machine that is busy with other tests takes its time.
        let timing = Timing { attempts: Duration::from_secs(10), ..Timing::default() };
        let [one, two] = pair(db, &redis, timing).await;
        let ann = one.person("ann").await;
        let strangers = [one.anonymous(), two.anonymous()];
        let one_address = |_: usize| "192.0.2.1".to_owned();
        let started = Instant::now();
        let looked_at = try_on_both(&strangers, 20, "bob@example.org", one_address).await;
        fits(looked_at.iter().sum(), 5, 12, started, "of an account from one address");
        let started = Instant::now();
        let looked_at = try_on_both(&strangers, 40, "ann@example.org", address).await;
        fits(looked_at.iter().sum(), 12, 300, started, "of an account from everywhere");
        // A device is known on every node.
        login_from(&ann.at(two.addr()), "203.0.113.1", "ann@example.org", PASSWORD).await.expect(200);

        redis.kill();
        let started = Instant::now();
        let looked_at = try_on_both(&strangers, 40, "cid@example.org", one_address).await;
        for looked_at in looked_at {
            fits(looked_at, 5, 12, started, "each node counts on its own");
        }
        login_from(&ann, "203.0.113.1", "ann@example.org", PASSWORD).await.expect(200);

        redis.restart().await;
        until("they count together again", async || {
            // An address also has a limit across all accounts.
            let (account, network) = (format!("{}@example.org", rand::random::<u64>()), rand::random::<u16>());
            let started = Instant::now();
            let looked_at: usize =
                try_on_both(&strangers, 20, &account, |_| address(network.into())).await.into_iter().sum();
            (5..=6 + started.elapsed().as_secs() as usize / 12).contains(&looked_at)
        })
        .await;
    }
}

#[tokio::test(crate = "crate::harness")]
async fn a_hanging_redis_does_not_delay_sign_ins() {
    let redis = RedisServer::start().await;
    let [one, two] = pair(Db::Sqlite, &redis, Timing::default()).await;
    let ann = one.person("ann").await;
    redis.hang();
    let started = Instant::now();
    let nodes = [one.anonymous(), two.anonymous()];
    let looked_at = try_on_both(&nodes, 40, "bob@example.org", |_| "192.0.2.1".into()).await;
    for looked_at in looked_at {
        fits(looked_at, 5, 12, started, "each node counts on its own");
    }
    login_from(&ann, "192.0.2.1", "ann@example.org", PASSWORD).await.expect(200);
    // 41 responses of 5 s each, if Redis was waited for as elsewhere.
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    redis.resume();
}
