//! The redirect after signing in.

use serde_json::json;

use crate::harness::{Answer, Client, TestServer, on_both_databases, send};

/// Does not follow redirects, unlike the harness' client.
async fn location(server: &TestServer, cookie: &str, path: &str) -> (u16, String) {
    let http =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
    let request =
        http.get(format!("http://{}{path}", server.addr())).header("cookie", cookie).header("accept", "text/html");
    let Answer { status, headers, .. } = send(request).await;
    (status, headers.get("location").map(|value| value.to_str().expect("a plain text").to_owned()).unwrap_or_default())
}

async fn cookie(client: &Client) -> String {
    let credentials = json!({ "email": client.user().email, "password": crate::harness::PASSWORD });
    let answer = client.anonymous().post("/api/auth/login", credentials).await.expect(200);
    let cookie = answer.headers["set-cookie"].to_str().expect("a text");
    cookie.split(';').next().unwrap_or_default().to_owned()
}

on_both_databases! {
    async fn next_is_a_path_of_this_site_or_nothing(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let cookie = cookie(&ada).await;
        for (next, to) in [
            ("/projects/1%3Ftask%3D2", "/projects/1?task=2"),
            ("/", "/"),
            ("", "/"),
            ("/%0a", "/"),
            ("/%0d%0aSet-Cookie:%20a=b", "/"),
            ("/%00", "/"),
            ("/%7f", "/"),
            ("/%09/evil.example", "/"),
            ("%09//evil.example", "/"),
            ("//evil.example", "/"),
            ("///evil.example", "/"),
            ("/%5Cevil.example", "/"),
            ("%5C%5Cevil.example", "/"),
            ("/.//evil.example", "/"),
            ("/a/..//evil.example", "/"),
            ("/%252e//evil.example", "/"),
            ("https://evil.example", "/"),
            ("https:evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("@evil.example", "/"),
            (".evil.example", "/"),
            ("/%C3%A9", "/%C3%A9"),
            ("/%E2%80%A8", "/%E2%80%A8"),
            ("/%ff", "/%EF%BF%BD"),
        ] {
            for page in ["login", "register"] {
                let (status, location) = location(&server, &cookie, &format!("/{page}?next={next}")).await;
                assert_eq!((status, location.as_str()), (302, to), "/{page}?next={next}");
                let stranger = server.anonymous().get(&format!("/{page}?next={next}")).await;
                assert_eq!(stranger.status, 200, "/{page}?next={next}: {}", stranger.text);
            }
        }
    }

    async fn odd_addresses_lead_strangers_to_the_sign_in_page(db: Db) {
        let server = TestServer::start(db).await;
        for path in ["/projects/%0a", "/projects/%00?task=%00", "//evil.example", "/projects/1?%ff=%0d%0a", "/account?x=%09"] {
            let (status, location) = location(&server, "", path).await;
            assert!(status < 500, "{path}: {status}");
            assert!(location.is_empty() || location.starts_with("/login"), "{path}: {location}");
        }
    }
}
