//! The ways in which invitations end.

use serde_json::json;

use super::{accept, invite, members, open, token};
use crate::harness::{Client, TestServer, on_both_databases};

/// Everyone except members is told how it ended.
async fn ended(people: &[&Client], token: &str, code: &str) {
    for person in people {
        person.get(&format!("/api/invitations/{token}")).await.refused(410, code);
        person.post(&accept(token), json!({})).await.refused(410, code);
    }
}

fn decline(token: &str) -> String {
    format!("/api/invitations/{token}/decline")
}

on_both_databases! {
    async fn the_recipient_can_decline_and_the_owners_see_it(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben, eve) = (server.person("ann").await, server.person("ben").await, server.person("eve").await);
        let project = ann.project("Garden").await;
        let bens = json!({ "email": "ben@example.org", "role": "editor" });
        let (made, token) = invite(&ann, project, bens.clone()).await;
        server.anonymous().post(&decline(&token), json!({})).await.refused(401, "not_signed_in");
        eve.post(&decline(&token), json!({})).await.refused(403, "other_address");
        eve.post(&decline("nonsense"), json!({})).await.refused(404, "invitation_not_found");
        assert_eq!(open(&ann, project).await, std::slice::from_ref(&made), "nothing has happened");

        let seq = ann.board(project).await.seq;
        for _ in 0..2 {
            ben.post(&decline(&token), json!({})).await.expect(200);
        }
        ended(&[&ben, &eve], &token, "invitation_declined").await;
        eve.post(&decline(&token), json!({})).await.refused(410, "invitation_declined");
        let shown = open(&ann, project).await;
        assert!(shown.len() == 1 && shown[0].id == made.id, "{shown:?}");
        assert!(shown[0].declined_at.is_some() && shown[0].url.is_none(), "{shown:?}");
        assert_eq!((ann.board(project).await.seq, members(&ann, project).await.len()), (seq, 1));

        // A new one replaces it, and an owner can remove one from the list.
        let (_, again) = invite(&ann, project, bens).await;
        assert_eq!(open(&ann, project).await.len(), 1);
        ben.post(&decline(&again), json!({})).await.expect(200);
        let shown = open(&ann, project).await;
        ann.delete(&format!("/api/invitations/{}", shown[0].id)).await.expect(200);
        assert!(open(&ann, project).await.is_empty());

        // A link for one person ends for all, but not by a member's decline.
        let (_, link) = invite(&ann, project, json!({ "role": "viewer" })).await;
        ann.post(&decline(&link), json!({})).await.refused(409, "already_member");
        eve.post(&decline(&link), json!({})).await.expect(200);
        ended(&[&ben, &eve], &link, "invitation_declined").await;
    }

    async fn of_concurrent_accept_and_decline_one_wins(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let (_, token) = invite(&ann, project, json!({ "role": "viewer" })).await;
        let (accept, decline) = (accept(&token), decline(&token));
        let (yes, no) = tokio::join!(ben.post(&accept, json!({})), ben.post(&decline, json!({})));
        match yes.status {
            200 => assert!([409, 410].contains(&no.status), "{}", no.text),
            410 => assert_eq!(no.status, 200, "{}", no.text),
            _ => panic!("{}", yes.text),
        }
        assert_eq!(members(&ann, project).await.len(), if yes.status == 200 { 2 } else { 1 });
    }

    async fn each_way_of_ending_is_reported(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let bens = json!({ "email": "ben@example.org", "role": "editor" });

        let (first, replaced) = invite(&ann, project, bens.clone()).await;
        let (second, revoked) = invite(&ann, project, bens.clone()).await;
        ended(&[&ben], &replaced, "invitation_revoked").await;
        assert_eq!(open(&ann, project).await.iter().map(|open| open.id).collect::<Vec<_>>(), [second.id]);
        for _ in 0..2 {
            ann.delete(&format!("/api/invitations/{}", second.id)).await.expect(200);
        }
        ended(&[&ben], &revoked, "invitation_revoked").await;
        ann.delete(&format!("/api/invitations/{}", first.id)).await.expect(200);

        let (_, expired) = invite(&ann, project, bens.clone()).await;
        server.execute("UPDATE invitations SET expires_at = 1 WHERE revoked_at IS NULL").await;
        ended(&[&ben], &expired, "invitation_expired").await;
        assert!(open(&ann, project).await.is_empty());

        let (used, token) = invite(&ann, project, json!({ "role": "viewer" })).await;
        ben.post(&accept(&token), json!({})).await.expect(200);
        ann.delete(&format!("/api/invitations/{}", used.id)).await.refused(410, "invitation_used");
        ended(&[&server.person("eve").await], &token, "invitation_used").await;

        let (_, gone) = invite(&ann, project, json!({ "role": "viewer" })).await;
        ann.delete(&format!("/api/projects/{project}")).await.expect(200);
        ended(&[&ben, &ann], &gone, "project_deleted").await;
    }

    async fn invitations_of_former_owners_are_invalid(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        let member = |client: &Client| format!("/api/projects/{project}/members/{}", client.user().id);
        for (name, end) in [("demoted", "invitation_revoked"), ("removed", "invitation_revoked"), ("disabled", "invitation_void")] {
            let owner = server.person(name).await;
            ann.invite(project, &owner, "owner").await;
            // A link for themselves, to return by.
            let (_, back) = invite(&owner, project, json!({ "role": "owner" })).await;
            match name {
                "demoted" => drop(ann.patch(&member(&owner), json!({ "role": "editor" })).await.expect(200)),
                "removed" => drop(ann.delete(&member(&owner)).await.expect(200)),
                _ => server.execute("UPDATE users SET disabled_at = 1 WHERE name = 'disabled'").await,
            }
            assert!(open(&ann, project).await.is_empty(), "{name}");
            ended(&[&server.person(&format!("friend-of-{name}")).await], &back, end).await;
            if name == "removed" {
                ended(&[&owner], &back, end).await;
                // Not even after becoming an owner again.
                ann.invite(project, &owner, "owner").await;
                ended(&[&server.person("friend").await], &back, end).await;
            }
        }
        assert_eq!(members(&ann, project).await.len(), 4);
    }

    async fn a_removed_member_has_no_invitation_to_return_by(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let (_, used) = invite(&ann, project, json!({ "email": "ben@example.org", "role": "editor" })).await;
        ben.post(&accept(&used), json!({})).await.expect(200);
        ann.delete(&format!("/api/projects/{project}/members/{}", ben.user().id)).await.expect(200);
        ended(&[&ben], &used, "invitation_used").await;
        // Unless they are invited again.
        ann.invite(project, &ben, "viewer").await;
        assert_eq!(members(&ann, project).await.len(), 2);
    }

    async fn invitations_that_ended_long_ago_are_deleted(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        let (made, _) = invite(&ann, project, json!({ "role": "viewer" })).await;
        let (store, day) = (&server.state().services.store, 24 * 60 * 60 * 1000);
        let forget = async |days: i64| {
            let at = made.expires_at.plus(days * day);
            server::service::invitation::forget_old(store, at).await.expect("the database answers")
        };
        assert_eq!(forget(29).await, 0);
        assert_eq!(token(&open(&ann, project).await[0]).len(), 43);
        assert_eq!(forget(30).await, 1);
    }
}
