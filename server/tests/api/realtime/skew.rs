//! Correctly signed socket tokens with invalid claims.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::wire::{ServerFrame, close};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use server::{clock, config::Config, store::access::SessionId};
use sha2::Sha256;

use super::{board, session, socket::Socket};
use crate::harness::{Client, TestServer, on_both_databases};

/// A token as signed by another node of this server with a different clock.
async fn signed(client: &Client, iat: i64, exp: i64) -> String {
    let cookie = session(client).await;
    let (_, value) = cookie.split_once('=').expect("a name and a value");
    let user = client.user();
    let claims = json!({
        "sub": user.id, "name": user.name, "sid": SessionId::of(value), "aud": "ws", "iat": iat, "exp": exp,
    });
    let encode = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
    let text =
        format!("{}.{}", encode(json!({ "typ": "JWT", "alg": "HS256" }).to_string()), encode(claims.to_string()));
    let secret = Config::isolated("").secret.expect("a secret");
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

on_both_databases! {
    async fn a_clock_that_is_ahead_does_not_extend_tokens(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let (project, _) = board(&ann).await;
        for (iat, exp, good) in [
            (0, 60, true),
            (2, 62, true),
            (-20, 40, true),
            (30, 90, false),
            (3600, 3660, false),
            (0, 61, false),
            (0, 86_400, false),
            (-1_000_000, 60, false),
            (-61, -1, false),
            (60, 30, false),
        ] {
            let now = clock::now().millis() / 1000;
            let (iat, exp) = (now + iat, now + exp);
            let token = signed(&ann, iat, exp).await;
            let path = format!("/ws/projects/{project}?token={token}");
            let mut socket = Socket::open(server.addr(), &path, &[]).await;
            match socket.next().await {
                Ok(frame) => assert!(good && matches!(frame, ServerFrame::Sync(_)), "{iat} {exp} at {now}: {frame:?}"),
                Err(code) => assert_eq!((code, good), (close::SIGN_IN, false), "{iat} {exp} at {now}"),
            }
            // In a frame it is no more valid.
            let mut socket = Socket::open(server.addr(), &format!("/ws/projects/{project}"), &[]).await;
            socket.send(json!({ "type": "auth", "token": token })).await;
            assert_eq!(socket.next().await.is_ok(), good, "{iat} {exp} at {now}");
        }
    }
}
