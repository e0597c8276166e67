//! Access to the metrics.

use std::{fs, os::unix::fs::MetadataExt as _};

use serde_json::Value;
use server::config::Config;

use crate::harness::{Answer, Child, Client, Db, TestServer, bound, free_port, on_both_databases};

/// The response to a client without a session and without our test client's token.
async fn stranger(server: &TestServer, path: &str, token: Option<&str>) -> Answer {
    let mut request = reqwest::Client::new().get(format!("http://{}{path}", server.addr()));
    if let Some(token) = token {
        request = request.header("authorization", token.to_owned());
    }
    crate::harness::send(request).await
}

on_both_databases! {
    async fn metrics_require_the_token(db: Db) {
        let token = "0123456789abcdef";
        let server = TestServer::start_with(db, |config| config.monitoring.token = Some(token.into())).await;
        for path in ["/metrics", "/health/realtime"] {
            for shown in [None, Some("Bearer wrong"), Some("Bearer "), Some("Basic 0123456789abcdef"), Some(token)] {
                let answer = stranger(&server, path, shown).await;
                assert_eq!(answer.headers["www-authenticate"], "Bearer");
                answer.refused(401, "bad_metrics_token");
            }
            // Nor by a session.
            let ann = server.person(&format!("ann{}", path.len())).await;
            ann.get(path).await.refused(401, "bad_metrics_token");
            let text = stranger(&server, path, Some(&format!("Bearer {token}"))).await.expect(200).text;
            assert!(text.contains("connections"), "{text}");
        }
        // Load balancers have none.
        stranger(&server, "/health", None).await.expect(200);
        stranger(&server, "/ready", None).await.expect(200);
    }

    async fn without_a_configured_token_there_are_no_metrics(db: Db) {
        let server = TestServer::start_with(db, |config| config.monitoring.token = None).await;
        for path in ["/metrics", "/health/realtime"] {
            for shown in [None, Some("Bearer "), Some("Bearer a-token-for-nobody-but-the-tests")] {
                stranger(&server, path, shown).await.refused(404, "not_found");
            }
        }
    }

    async fn the_monitoring_listener_serves_nothing_else(db: Db) {
        let port = free_port();
        let server = TestServer::start_with(db, |config| {
            config.monitoring.token = None;
            config.monitoring.addr = Some(([127, 0, 0, 1], port).into());
        })
        .await;
        let monitor = Client::new(([127, 0, 0, 1], port).into());
        for path in ["/metrics", "/health/realtime", "/health", "/ready"] {
            monitor.get(path).await.expect(200);
        }
        for path in ["/", "/api/me", "/api/site", "/login"] {
            monitor.get(path).await.expect(404);
        }
        stranger(&server, "/metrics", None).await.refused(404, "not_found");
        server.stop().await;
        assert!(reqwest::get(format!("http://127.0.0.1:{port}/health")).await.is_err(), "it ends with the server");
    }

    async fn with_a_public_url_other_hosts_are_refused(db: Db) {
        let server = TestServer::start_with(db, |config| config.public_url = Some("http://board.example.org".into())).await;
        let other = Client::asking_for(server.addr(), "evil.example");
        for path in ["/", "/login", "/api/me", "/api/site", "/source", "/sw.js", "/pkg/lockstep.js", "/no/such/page"] {
            let answer = other.get(path).await;
            answer.refused(421, "wrong_host");
        }
        let body = serde_json::json!({ "email": "a@example.org", "password": "correct horse", "name": "A" });
        other.post("/api/auth/register", body).await.refused(421, "wrong_host");
        assert_eq!(server.number("SELECT COUNT(*) FROM users").await, 0);
        stranger(&server, "/api/site", None).await.refused(421, "wrong_host");
        for path in ["/health", "/ready"] {
            stranger(&server, path, None).await.expect(200);
            other.get(path).await.expect(200);
        }
        server.anonymous().get("/api/site").await.expect(200);
        server.person("ann").await.get("/api/me").await.expect(200);
        Client::asking_for(server.addr(), "board.example.org:80").get("/login").await.expect(200);
    }

    async fn with_a_tls_public_url_cookies_are_secure_behind_any_proxy(db: Db) {
        let server = TestServer::start_with(db, |config| config.public_url = Some("https://board.example.org".into())).await;
        let body = serde_json::json!({ "email": "a@example.org", "password": crate::harness::PASSWORD, "name": "A" });
        let answer = server.anonymous().post("/api/auth/register", body).await.expect(201);
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text")).collect();
        assert!(cookies.len() == 2 && cookies.iter().all(|cookie| cookie.ends_with("; Secure")), "{cookies:?}");
        assert!(cookies.iter().any(|cookie| cookie.starts_with("__Host-lockstep")), "{cookies:?}");
        assert!(cookies.iter().any(|cookie| cookie.starts_with("__Secure-lockstep_device=")), "{cookies:?}");
    }

    async fn over_tls_browsers_get_hsts_and_the_public_url(db: Db) {
        let plain = TestServer::start(db).await;
        let answer = plain.anonymous().get("/login").await.expect(200);
        assert!(answer.headers.get("strict-transport-security").is_none());
        plain.stop().await;
        let server = TestServer::start_with(db, |config| {
            config.public_url = Some("https://board.example.org".into());
            config.proxy.trusted = true;
        })
        .await;
        let client = server.anonymous();
        for path in ["/login", "/api/site", "/api/me", "/sw.js", "/health"] {
            let answer = client.get(path).await;
            assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000", "{path}");
        }
        let get = client.request(reqwest::Method::GET, "/login").header("x-forwarded-proto", "http");
        let answer = crate::harness::send(get).await;
        assert!(answer.headers.get("strict-transport-security").is_none(), "over plain HTTP it says nothing");
        for (origin, status) in [
            ("https://board.example.org", 401),
            ("http://board.example.org", 403),
            ("https://board.example.org.evil.example", 403),
            ("http://127.0.0.1", 403),
        ] {
            let body = serde_json::json!({ "email": "a@example.org", "password": "wrong" });
            let post = client.request(reqwest::Method::POST, "/api/auth/login").json(&body);
            crate::harness::send(post.header("origin", origin)).await.expect(status);
        }
    }
}

#[tokio::test(crate = "crate::harness")]
async fn the_source_is_linked() {
    let fork = "https://git.example.org/fork";
    let server = TestServer::start_with(Db::Sqlite, |config| config.source_url = fork.into()).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let answer = client.get(format!("http://{}/source", server.addr())).send().await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().expect("text")), (302, fork));
    assert!(server.anonymous().get("/login").await.expect(200).text.contains("href=\"/source\""));
    assert!(Config::isolated("").source_url.starts_with("https://"));
}

/// The database was left readable, as earlier builds and people leave it.
#[tokio::test(crate = "crate::harness")]
async fn a_readable_data_folder_becomes_private_at_the_start() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let open = |mode| fs::Permissions::from_mode(mode);
    let start = async || {
        let addr = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
        let mut command = bound("sh", None);
        // A umask under which everything would be readable by everyone.
        let line = format!(
            "umask 0; exec {} serve --addr={addr} --data-dir={}",
            env!("CARGO_BIN_EXE_lockstep"),
            data.display()
        );
        command.arg("-c").arg(line).env_remove("DATABASE_URL");
        let child = Child::start(command);
        crate::realtime::until("the process is ready", async || {
            reqwest::get(format!("http://{addr}/ready")).await.is_ok_and(|answer| answer.status() == 200)
        })
        .await;
        Client::new(addr).register("ann").await;
        child
    };
    let modes = || {
        let files = fs::read_dir(&data).expect("the folder").map(|file| file.expect("a file"));
        let mode = |file: fs::DirEntry| {
            (file.file_name().into_string().expect("text"), file.metadata().expect("it is there").mode() & 0o777)
        };
        let mut modes: Vec<_> = files.map(mode).collect();
        modes.sort();
        (fs::metadata(&data).expect("the folder").mode() & 0o777, modes)
    };
    let child = start().await;
    let (of_folder, files) = modes();
    assert_eq!(of_folder, 0o700);
    let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["lockstep.db", "lockstep.db-shm", "lockstep.db-wal", "secret"]);
    assert!(files.iter().all(|(_, mode)| *mode == 0o600), "{files:?}");
    drop(child);
    fs::set_permissions(&data, open(0o755)).expect("it is ours");
    fs::copy(data.join("lockstep.db"), data.join("backup.db")).expect("a backup");
    for (name, _) in modes().1 {
        fs::set_permissions(data.join(name), open(0o644)).expect("it is ours");
    }
    // A new account: the previous one exists already.
    let addr_taken = start_again(&data).await;
    let (of_folder, files) = modes();
    assert_eq!(of_folder, 0o700);
    assert!(files.len() >= 5 && files.iter().all(|(_, mode)| *mode == 0o600), "{files:?}");
    drop(addr_taken);
}

async fn start_again(data: &std::path::Path) -> Child {
    let addr = std::net::SocketAddr::from(([127, 0, 0, 1], free_port()));
    let mut command = bound(env!("CARGO_BIN_EXE_lockstep"), None);
    command.arg("serve").args([format!("--addr={addr}"), format!("--data-dir={}", data.display())]);
    let child = Child::start({
        command.env_remove("DATABASE_URL");
        command
    });
    crate::realtime::until("the process is ready", async || {
        reqwest::get(format!("http://{addr}/ready")).await.is_ok_and(|answer| answer.status() == 200)
    })
    .await;
    let answer = Client::new(addr);
    let credentials = serde_json::json!({ "email": "ann@example.org", "password": crate::harness::PASSWORD });
    let _: Value = answer.post("/api/auth/login", credentials).await.expect(200).json();
    child
}
