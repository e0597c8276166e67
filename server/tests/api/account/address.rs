//! Verification of addresses: nothing else is sent to unverified ones, and new ones take effect once verified.

use engine::{Account, Member, ProjectId, notification::NotificationPage};
use serde_json::{Value, json};

use super::{Office, account, login, move_to};
use crate::harness::{Client, PASSWORD, TestServer, on_both_databases};

/// Assigns a task to a user, and sends due mail at once.
async fn assign(office: &Office, from: &Client, project: ProjectId, to: &Client, title: &str) {
    let draft = json!({ "title": title, "assignee_id": to.user().id });
    from.post(&format!("/api/projects/{project}/tasks"), draft).await.expect(201);
    office.server.execute("UPDATE notifications SET mail_kind = 'now', mail_at = 0 WHERE mail_at IS NOT NULL").await;
    office.deliver().await;
}

on_both_databases! {
    async fn an_unverified_address_gets_only_its_verification(db: Db) {
        let mut office = Office::open(db).await;
        let (ann, ben) = (office.server.person("ann").await, office.newcomer("ben").await);
        let state = office.server.state().clone();
        let is_verified =
            async || state.services.accounts.is_verified(&state.services.store, ben.user().id).await.expect("an answer");
        assert!(!is_verified().await && !account(&ben).await.email_verified && account(&ann).await.email_verified);
        let project = ann.project("Board").await;
        let draft = json!({ "email": "ben@example.org", "role": "editor" });
        let made: Value = ann.post(&format!("/api/projects/{project}/invitations"), draft).await.expect(201).json();
        let invitation = made["invitation"]["url"].as_str().and_then(|url| url.rsplit('/').next()).expect("a token");
        let accept = format!("/api/invitations/{invitation}/accept");
        ben.post(&accept, json!({})).await.refused(403, "email_unverified");
        ann.delete(&format!("/api/invitations/{}", made["invitation"]["id"].as_str().expect("an id"))).await.expect(200);
        ann.invite_by_link(project, &ben, "editor").await;
        assign(&office, &ann, project, &ben, "Before").await;
        let notified: NotificationPage = ben.get("/api/notifications").await.json();
        assert_eq!(notified.notifications.len(), 1, "the bell is not the mail");
        let token = office.smtp.letter().await;
        assert_eq!(token.header("Subject"), "Confirm your e-mail address");
        assert!(!token.text.contains("ben\n") && !token.text.contains("To: ben <"), "nothing that a stranger chose");
        let token = token.token("verify-email");
        assert!(office.smtp.is_empty());

        // Opening the link verifies nothing: scanners do that.
        office.server.anonymous().get("/verify-email").await.expect(200);
        assert!(!is_verified().await);
        let confirmed: Value = office.confirm(&token).await.expect(200).json();
        assert_eq!(confirmed["email"], "ben@example.org");
        assert!(is_verified().await && account(&ben).await.email_verified);
        assign(&office, &ann, project, &ben, "After").await;
        assert!(office.smtp.letter().await.text.contains("After"));
        assert!(office.smtp.is_empty());
    }

    async fn a_verification_link_works_once_and_for_a_day(db: Db) {
        let mut office = Office::open(db).await;
        let ben = office.newcomer("ben").await;
        let token = office.token("ben@example.org", "verify-email").await;
        let life = "SELECT expires_at - sent_at FROM account_letters";
        let day = 24 * 60 * 60 * 1000;
        assert!((day - 60_000..=day).contains(&office.server.number(life).await));
        for wrong in ["", "x", &token[1..], &format!("{token}x")] {
            office.confirm(wrong).await.refused(410, "link_expired");
        }
        office.reset(&token, "another long horse").await.refused(410, "link_expired");
        office.server.execute("UPDATE account_letters SET expires_at = 1").await;
        assert_eq!(office.confirm(&token).await.refused(410, "link_expired")["field"], "token");
        assert!(!account(&ben).await.email_verified);
        ben.post("/api/account/verification", json!({})).await.expect(204);
        let token = office.token("ben@example.org", "verify-email").await;
        let (one, two) = tokio::join!(office.confirm(&token), office.confirm(&token));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 410]);
        ben.post("/api/account/verification", json!({})).await.refused(409, "already_verified");
    }

    async fn a_new_address_takes_effect_once_verified_and_the_former_one_is_informed(db: Db) {
        let mut office = Office::open(db).await;
        let (ann, ben) = (office.server.person("ann").await, office.server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "viewer").await;
        let ask = async |body: Value| ann.patch("/api/account", body).await;
        for (current, status, code) in
            [(json!(null), 422, "invalid"), (json!(""), 422, "invalid"), (json!("wrong horse"), 403, "wrong_password")]
        {
            let error = ask(json!({ "email": "new@example.org", "current": current })).await.refused(status, code);
            assert_eq!(error["field"], "current");
        }
        assert_eq!(ask(json!({ "email": "new", "current": PASSWORD })).await.refused(422, "invalid")["field"], "email");
        let asked: Account = move_to(&ann, " NEW@example.org ").await.expect(200).field("account");
        assert_eq!((asked.new_email.as_deref(), asked.user.email.as_str()), (Some("new@example.org"), "ann@example.org"));
        login(&office.server, "new@example.org", PASSWORD).await.refused(401, "wrong_credentials");
        login(&office.server, "ann@example.org", PASSWORD).await.expect(200);
        let token = office.token("new@example.org", "verify-email").await;
        let notified = office.smtp.letter().await;
        assert_eq!((notified.to.as_str(), notified.header("Subject")), ("ann@example.org", "Your e-mail address is about to change"));
        assert!(notified.text.contains("new@example.org"), "{}", notified.text);

        office.confirm(&token).await.expect(200);
        login(&office.server, "new@example.org", PASSWORD).await.expect(200);
        login(&office.server, "ann@example.org", PASSWORD).await.refused(401, "wrong_credentials");
        office.deliver().await;
        let notified = office.smtp.letter().await;
        assert_eq!((notified.to.as_str(), notified.header("Subject")), ("ann@example.org", "Your e-mail address has changed"));
        assert!(office.smtp.is_empty());
        let now = account(&ann).await;
        assert!(now.email_verified && now.new_email.is_none() && now.user.email == "new@example.org");
        let me: Value = ann.get("/api/me").await.expect(200).field("user");
        assert_eq!(me["email"], "new@example.org", "at once");
        let members: Vec<Member> = ben.get(&format!("/api/projects/{project}/members")).await.expect(200).field("members");
        assert_eq!(members[0].email, "new@example.org");
        let last = ben.events(project).await.pop().expect("an event");
        assert_eq!((last["type"].as_str(), last["data"]["email"].as_str()), (Some("member_updated"), Some("new@example.org")));
    }

    async fn an_address_of_another_account_is_refused_in_any_form(db: Db) {
        let mut office = Office::open(db).await;
        let ann = office.server.person("ann").await;
        office.server.person("josé").await;
        for taken in ["josé@example.org", "JOSE\u{301}@EXAMPLE.ORG", "jos\u{e9}@ex\u{ff41}mple.org"] {
            assert_eq!(move_to(&ann, taken).await.refused(409, "email_taken")["field"], "email");
        }
        // Taken while the verification was pending.
        move_to(&ann, "new@example.org").await.expect(200);
        let token = office.token("new@example.org", "verify-email").await;
        office.server.person("new").await;
        office.confirm(&token).await.refused(409, "email_taken");
        assert_eq!(account(&ann).await.user.email, "ann@example.org");
    }

    async fn a_cancelled_address_cannot_be_verified(db: Db) {
        let mut office = Office::open(db).await;
        let ann = office.server.person("ann").await;
        let mut token = async || {
            move_to(&ann, "new@example.org").await.expect(200);
            let token = office.token("new@example.org", "verify-email").await;
            office.smtp.letter().await;
            token
        };
        // Needs no password: it changes nothing.
        let cancelled = token().await;
        let own: Account = ann.patch("/api/account", json!({ "email": "ann@example.org" })).await.expect(200).field("account");
        assert_eq!(own.new_email, None);
        // A password reset by the owner also drops the address that an intruder requested.
        let stolen = token().await;
        let change = json!({ "current": PASSWORD, "password": "another horse" });
        ann.post("/api/auth/password", change).await.expect(204);
        for token in [cancelled, stolen] {
            office.confirm(&token).await.refused(410, "link_expired");
        }
        assert_eq!(account(&ann).await.user.email, "ann@example.org");
    }

    async fn a_new_name_reaches_the_boards(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "viewer").await;
        for bad in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert_eq!(ben.patch("/api/account", json!({ "name": bad })).await.refused(422, "invalid")["field"], "name");
        }
        let own: Account = ben.patch("/api/account", json!({ "name": " Benjamin " })).await.expect(200).field("account");
        assert_eq!(own.user.name, "Benjamin");
        let me: Value = ben.get("/api/me").await.expect(200).field("user");
        assert_eq!(me["name"], "Benjamin", "at once");
        let board = ann.board(project).await;
        assert_eq!(board.members[1].name, "Benjamin");
        let last = ann.events(project).await.pop().expect("an event");
        assert_eq!((last["type"].as_str(), last["data"]["name"].as_str()), (Some("member_updated"), Some("Benjamin")));
        assert_eq!(last["data"]["role"], "viewer");
        // An unchanged name causes no event.
        ben.patch("/api/account", json!({ "name": "Benjamin" })).await.expect(200);
        ben.patch("/api/account", json!({})).await.expect(200);
        assert_eq!(ann.board(project).await.seq, board.seq);
    }

    async fn without_e_mail_an_address_needs_no_verification(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        assert!(!account(&ann).await.email_available);
        let state = server.state();
        assert!(state.services.accounts.is_verified(&state.services.store, ann.user().id).await.expect("an answer"));
        let own: Account = move_to(&ann, "new@example.org").await.expect(200).field("account");
        assert_eq!((own.user.email.as_str(), own.new_email), ("new@example.org", None));
        login(&server, "new@example.org", PASSWORD).await.expect(200);
        login(&server, "ann@example.org", PASSWORD).await.refused(401, "wrong_credentials");
        ann.post("/api/account/verification", json!({})).await.refused(409, "mail_unavailable");
        let forgotten = json!({ "email": "new@example.org" });
        server.anonymous().post("/api/auth/forgot-password", forgotten).await.refused(409, "mail_unavailable");
        assert_eq!(server.number("SELECT COUNT(*) FROM account_letters").await, 0);
    }
}
