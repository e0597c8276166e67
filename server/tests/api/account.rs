//! One's own account: address, password and sessions.

mod address;
mod letters;
mod operator;
mod passwords;
mod recovery;
mod sessions;
mod shared_address;
mod upgrade;

use engine::Account;
use serde_json::json;
use server::config::Config;

use crate::{
    harness::{Answer, Client, Db, PASSWORD, SmtpServer, TestServer},
    realtime::until,
};

/// A server with its own test mail server.
struct Office {
    smtp: SmtpServer,
    server: TestServer,
}

impl Office {
    async fn open(db: Db) -> Self {
        Self::open_with(db, |_| ()).await
    }

    async fn open_with(db: Db, change: impl FnOnce(&mut Config)) -> Self {
        let smtp = SmtpServer::start().await;
        let settings = smtp.settings();
        let server = TestServer::start_with(db, |config| {
            settings(config);
            change(config);
        })
        .await;
        Self { smtp, server }
    }

    /// A user who has just registered: their address is not verified.
    async fn newcomer(&self, name: &str) -> Client {
        let mut client = self.server.anonymous();
        client.register(name).await;
        client
    }

    /// Sends everything that is queued.
    async fn deliver(&self) {
        let mailer = self.server.state().mailer().expect("good settings").expect("e-mail is set up");
        mailer.deliver(server::clock::now()).await.expect("the database answers");
        // The server's own round may have claimed one.
        let waiting = "SELECT COUNT(*) FROM account_letters WHERE send_at IS NOT NULL";
        until("no letter waits", async || self.server.number(waiting).await == 0).await;
    }

    /// The token in the next letter, which is to this address.
    async fn token(&mut self, to: &str, page: &str) -> String {
        self.deliver().await;
        let letter = self.smtp.letter().await;
        assert_eq!(letter.to, to, "{}", letter.text);
        letter.token(page)
    }

    /// Requests a letter that resets a password.
    async fn forget(&self, email: &str) -> Answer {
        self.server.anonymous().post("/api/auth/forgot-password", json!({ "email": email })).await
    }

    async fn confirm(&self, token: &str) -> Answer {
        self.server.anonymous().post("/api/auth/verify-email", json!({ "token": token })).await
    }

    async fn reset(&self, token: &str, password: &str) -> Answer {
        let body = json!({ "token": token, "password": password });
        self.server.anonymous().post("/api/auth/reset-password", body).await
    }
}

async fn login(server: &TestServer, email: &str, password: &str) -> Answer {
    server.anonymous().post("/api/auth/login", json!({ "email": email, "password": password })).await
}

async fn account(client: &Client) -> Account {
    client.get("/api/account").await.expect(200).field("account")
}

/// Requests a new address.
async fn move_to(client: &Client, email: &str) -> Answer {
    client.patch("/api/account", json!({ "email": email, "current": PASSWORD })).await
}
