//! The audit log of a running server.

use regex::Regex;
use serde_json::json;

use crate::harness::{Answer, Client, LoggedServer, PASSWORD, on_both_databases, send};

/// The documented filter, interpreted like fail2ban does.
fn fail2ban() -> Regex {
    let guide = include_str!("../../../docs/operation.md");
    let filter = guide.lines().find_map(|line| line.strip_prefix("failregex = ")).expect("a filter in the guide");
    Regex::new(&filter.replace("<HOST>", r"(?P<host>[0-9a-fA-F:.]+)")).expect("a regular expression")
}

async fn login(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/api/auth/login", json!({ "email": email, "password": password })).await
}

/// The addresses that the filter bans for a log, line by line.
fn banned(log: &str) -> Vec<String> {
    let filter = fail2ban();
    log.lines().filter_map(|line| filter.captures(line)).map(|found| found["host"].to_owned()).collect()
}

on_both_databases! {
    async fn each_action_is_logged_with_its_user_and_address(db: Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let server = LoggedServer::start(&db.fresh(folder.path()).await, &["--log=warn"]).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let (anns, bens) = (ann.user().id, ben.user().id);
        let project = ann.project("Board").await;
        ann.invite(project, &ben, "viewer").await;
        let member = format!("/api/projects/{project}/members/{bens}");
        ann.patch(&member, json!({ "role": "editor" })).await.expect(200);
        ben.patch(&member, json!({ "role": "owner" })).await.refused(403, "forbidden");
        ann.get(&format!("/api/oversight/report.md?project={project}")).await.expect(200);
        ann.get("/api/oversight/report.csv").await.expect(200);
        ann.get("/api/oversight/workload.csv").await.expect(200);
        ann.delete(&member).await.expect(200);
        ann.post(&format!("{member}/restore"), json!({})).await.expect(200);
        ann.delete(&member).await.expect(200);
        let change = |current: &str| json!({ "current": current, "password": "another password" });
        ben.post("/api/auth/password", change("wrong one")).await.refused(403, "wrong_password");
        ben.post("/api/auth/password", change(PASSWORD)).await.expect(204);
        ben.post("/api/auth/logout", json!({})).await.expect(204);
        login(&ben, "ben@example.org", "another password").await.expect(200);
        ann.delete(&format!("/api/projects/{project}")).await.expect(200);

        let lines = server.audit(17).await;
        let has = |fields: &str| {
            let parts: Vec<_> = fields.split(' ').collect();
            lines.iter().any(|line| parts.iter().all(|part| line.split(' ').any(|field| field == *part)))
        };
        for fields in [
            "event=registration outcome=ok via=http address=127.0.0.1 account=\"ann@example.org\"",
            &format!("event=invitation_created outcome=ok user={anns} project={project} subject=\"ben@example.org\" detail=\"viewer\""),
            &format!("event=invitation_accepted outcome=ok user={bens} account=\"ben@example.org\""),
            &format!("event=role_changed outcome=ok user={anns} subject=\"{bens}\" detail=\"editor\""),
            &format!("event=role_changed outcome=refused reason=forbidden user={bens} detail=\"owner\""),
            &format!("event=export outcome=ok user={anns} project={project}"),
            &format!("event=member_removed outcome=ok user={anns} subject=\"{bens}\""),
            &format!("event=member_restored outcome=ok user={anns} subject=\"{bens}\""),
            &format!("event=password_changed outcome=refused reason=wrong_password user={bens} address=127.0.0.1"),
            &format!("event=password_changed outcome=ok user={bens}"),
            &format!("event=sign_out outcome=ok user={bens} account=\"ben@example.org\""),
            &format!("event=sign_in outcome=ok user={bens} account=\"ben@example.org\" address=127.0.0.1"),
            &format!("event=project_deleted outcome=ok user={anns} project={project}"),
        ] {
            assert!(has(fields), "{fields}: {lines:#?}");
        }
        assert_eq!(lines.iter().filter(|line| line.starts_with("event=export ")).count(), 3, "{lines:#?}");
        assert!(lines.iter().all(|line| line.contains(" request=")), "{lines:#?}");
        assert_eq!(banned(&server.log()), ["127.0.0.1"], "a wrong password, once");
    }

    async fn fail2ban_reads_refused_sign_ins_and_no_one_can_get_another_address_banned(db: Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let server = LoggedServer::start(&db.fresh(folder.path()).await, &["--trusted-proxy=1"]).await;
        let ann = server.person("ann").await;
        let project = ann.project("Board").await;
        let from = |address: &str, email: &str| {
            let body = json!({ "email": email, "password": "wrong horse" });
            let request = server.anonymous().request(reqwest::Method::POST, "/api/auth/login").json(&body);
            send(request.header("x-forwarded-for", address.to_owned()))
        };
        from("203.0.113.7", "ann@example.org").await.refused(401, "wrong_credentials");
        from("2001:db8::7", "nobody@example.org").await.refused(401, "wrong_credentials");
        assert_eq!(banned(&server.log()), ["203.0.113.7", "2001:db8::7"]);

        // Whatever is typed, requested or sent along, it names no other address.
        let line = "2026-11-30T08:00:00.000000Z  INFO audit: event=sign_in outcome=refused \
                    reason=wrong_credentials via=http address=198.51.100.1";
        for forged in [line.to_owned(), format!("a@b\n{line}"), format!("a@b\"\r{line}"), format!("a@b\u{2028}{line}")] {
            from("203.0.113.7", &forged).await.expect(401);
            from(&format!("198.51.100.1 {line}").replace('\n', " "), "ann@example.org").await.expect(401);
            let body = json!({ "email": forged, "role": "viewer" });
            let answer = ann.post(&format!("/api/projects/{project}/invitations"), body).await;
            assert!(matches!(answer.status, 404 | 422), "{}", answer.text);
            let path = format!("/{}", forged.replace(['\n', '\r', ' '], "%20"));
            let with_agent = ann.request(reqwest::Method::GET, &path).header("user-agent", line);
            send(with_agent.header("x-request-id", line)).await.expect(404);
        }
        let log = server.log();
        assert!(!banned(&log).iter().any(|host| host == "198.51.100.1"), "{log}");
        assert!(banned(&log).len() > 2);
    }
}

#[tokio::test(crate = "crate::harness")]
async fn actions_of_the_operator_are_in_the_commands_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = async |words: &[&str]| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_lockstep"));
        command.args(words).arg("--data-dir").arg(folder.path()).env_remove("DATABASE_URL").kill_on_drop(true);
        let output = command.output().await.expect("lockstep runs");
        String::from_utf8(output.stderr).expect("text")
    };
    for (words, fields) in [
        (&["user", "add", "ann@example.org", "--name", "Ann"][..], "event=account_created outcome=ok via=cli user="),
        (&["user", "reset-password", "ann@example.org"], "event=password_reset outcome=ok via=cli user="),
        (&["user", "disable", "ann@example.org"], "event=account_disabled outcome=ok via=cli user="),
        (&["user", "enable", "ann@example.org"], "event=account_enabled outcome=ok via=cli user="),
        (&["rotate-epochs"], "event=epochs_rotated outcome=ok via=cli detail=\"0 projects\""),
        (&["migrate"], "event=migrated outcome=ok via=cli"),
    ] {
        let log = run(words).await;
        assert!(log.contains(&format!("  INFO audit: {fields}")), "{words:?}: {log}");
        assert!(!words.contains(&"user") || log.contains("account=\"ann@example.org\""), "{log}");
    }
    let log = run(&["user", "disable", "nobody@example.org"]).await;
    let line = "event=account_disabled outcome=refused reason=user_not_found via=cli account=\"nobody@example.org\"";
    assert!(log.contains(line), "{log}");
}
