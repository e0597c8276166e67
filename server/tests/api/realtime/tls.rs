//! Redis over TLS, with the operator's own authority.

use std::{fs, path::PathBuf, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use server::{config::Config, realtime::Timing};
use tempfile::TempDir;

use super::{
    board, rename,
    socket::{Seen, Socket},
    until,
};
use crate::harness::{Child, Db, TestServer, bound, free_port, on_both_databases};

/// A redis-server that accepts only TLS.
struct Encrypted {
    port: u16,
    folder: TempDir,
    _process: Child,
}

/// Creates an authority, and writes its certificate to a file.
fn authority(folder: &TempDir, name: &str) -> (CertifiedIssuer<'static, KeyPair>, PathBuf) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let path = folder.path().join(format!("{name}.pem"));
    fs::write(&path, issuer.pem()).expect("a file");
    (issuer, path)
}

impl Encrypted {
    async fn start() -> Self {
        let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
        let (issuer, ca) = authority(&folder, "ca");
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()]).expect("names");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate");
        let (cert_file, key_file) = (folder.path().join("redis.crt"), folder.path().join("redis.key"));
        fs::write(&cert_file, certificate.pem()).expect("a file");
        fs::write(&key_file, key.serialize_pem()).expect("a file");
        authority(&folder, "stranger");
        let mut command = bound("redis-server", None);
        command.args(["--port", "0", "--tls-port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
        command.arg("--tls-cert-file").arg(&cert_file).arg("--tls-key-file").arg(&key_file);
        command.arg("--tls-ca-cert-file").arg(&ca).args(["--tls-auth-clients", "no", "--dir"]).arg(folder.path());
        let process = Child::start(command);
        until("Redis listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Self { port, folder, _process: process }
    }

    /// Settings of a server that uses it, and trusts this authority.
    fn settings(&self, authority: Option<&str>) -> impl Fn(&mut Config) + use<> {
        let (url, folder) = (format!("rediss://127.0.0.1:{}", self.port), self.folder.path().to_owned());
        let ca = authority.map(|name| folder.join(format!("{name}.pem")));
        move |config| {
            config.redis.url = Some(url.clone());
            config.redis.ca.clone_from(&ca);
        }
    }
}

on_both_databases! {
    async fn events_travel_encrypted_to_a_trusted_redis(db: Db) {
        let redis = Encrypted::start().await;
        let one = TestServer::start_with(db, redis.settings(Some("ca"))).await;
        let slow = Timing { sweep: Duration::from_secs(3600), ..Timing::default() };
        let two = one.beside(slow, redis.settings(Some("ca"))).await;
        let ann = one.person("ann").await;
        for server in [&one, &two] {
            until("delivery is proven", async || server.anonymous().get("/ready").await.status == 200).await;
        }
        let (project, task) = board(&ann).await;
        let mut socket = Socket::board(two.addr(), &ann, project, "").await;
        let mut seen = Seen::default();
        seen.take(socket.frame().await);
        let start = seen.seq();
        // The subscription may begin a moment after the socket joins.
        until("the event arrives", async || {
            rename(&ann, task, "Encrypted").await;
            two.state().services.realtime.health().counts.bus_in > 0
        })
        .await;
        seen.read_to(&mut socket, start + 1).await;
    }
}

#[tokio::test(crate = "crate::harness")]
async fn an_untrusted_certificate_is_refused_with_a_reason() {
    let redis = Encrypted::start().await;
    for authority in [Some("stranger"), None] {
        let server = TestServer::start_with(Db::Sqlite, redis.settings(authority)).await;
        let anybody = server.anonymous();
        let reason = async || {
            let answer = anybody.get("/ready").await.expect(503).json::<serde_json::Value>();
            answer["redis_error"].as_str().map(str::to_owned)
        };
        until("it says why", async || reason().await.is_some()).await;
        let reason = reason().await.expect("it does");
        assert!(reason.contains("the certificate of Redis is not trusted, see LOCKSTEP_REDIS_CA"), "{reason}");
    }
}
