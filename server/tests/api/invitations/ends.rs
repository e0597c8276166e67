//! How invitations end.

use serde_json::json;

use super::{accept, invite, members, open, token};
use crate::harness::{Client, TestServer, on_both_databases};

/// Everybody but a member is told by which end it came.
async fn ended(people: &[&Client], token: &str, code: &str) {
    for person in people {
        person.get(&format!("/api/invitations/{token}")).await.refused(410, code);
        person.post(&accept(token), json!({})).await.refused(410, code);
    }
}

on_both_databases! {
    async fn each_end_says_which_it_is(db: Db) {
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

    async fn who_may_no_longer_invite_leaves_no_door_open(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        let member = |client: &Client| format!("/api/projects/{project}/members/{}", client.user().id);
        for (name, end) in [("demoted", "invitation_revoked"), ("removed", "invitation_revoked"), ("disabled", "invitation_void")] {
            let owner = server.person(name).await;
            ann.invite(project, &owner, "owner").await;
            // A link for themselves, to come back by.
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
                // Not even when they are an owner once more.
                ann.invite(project, &owner, "owner").await;
                ended(&[&server.person("friend").await], &back, end).await;
            }
        }
        assert_eq!(members(&ann, project).await.len(), 4);
    }

    async fn who_is_removed_has_no_invitation_to_come_back_by(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let (_, used) = invite(&ann, project, json!({ "email": "ben@example.org", "role": "editor" })).await;
        ben.post(&accept(&used), json!({})).await.expect(200);
        ann.delete(&format!("/api/projects/{project}/members/{}", ben.user().id)).await.expect(200);
        ended(&[&ben], &used, "invitation_used").await;
        // Unless they are asked again.
        ann.invite(project, &ben, "viewer").await;
        assert_eq!(members(&ann, project).await.len(), 2);
    }

    async fn what_ended_long_ago_is_forgotten(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        let (made, _) = invite(&ann, project, json!({ "role": "viewer" })).await;
        let (store, day) = (&server.state().store, 24 * 60 * 60 * 1000);
        let forget = async |days: i64| {
            let at = made.expires_at.plus(days * day);
            server::service::invitation::forget_old(store, at).await.expect("the database answers")
        };
        assert_eq!(forget(29).await, 0);
        assert_eq!(token(&open(&ann, project).await[0]).len(), 43);
        assert_eq!(forget(30).await, 1);
    }
}
