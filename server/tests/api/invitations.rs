//! Invitations: the only way into a project, and only by acceptance.

mod ends;
mod letters;
mod operator;
mod secrets;

use engine::{Invitation, InvitationId, InvitationOffer, Member, Project, ProjectId, Role};
use serde_json::{Value, json};
use server::config::{Config, RegistrationPolicy};
use tokio::task::JoinSet;

use crate::harness::{Client, PASSWORD, TestServer, on_both_databases};

/// An invitation as its owner receives it, and the token in its link.
async fn invite(owner: &Client, project: ProjectId, draft: Value) -> (Invitation, String) {
    let made: Invitation = owner.post(&path(project), draft).await.expect(201).field("invitation");
    let token = token(&made);
    (made, token)
}

fn token(invitation: &Invitation) -> String {
    let url = invitation.url.as_deref().expect("a link");
    url.split_once("/invitations/").expect("the link of an invitation").1.to_owned()
}

fn path(project: ProjectId) -> String {
    format!("/api/projects/{project}/invitations")
}

fn accept(token: &str) -> String {
    format!("/api/invitations/{token}/accept")
}

async fn open(owner: &Client, project: ProjectId) -> Vec<Invitation> {
    owner.get(&path(project)).await.expect(200).field("invitations")
}

async fn members(client: &Client, project: ProjectId) -> Vec<Member> {
    client.get(&format!("/api/projects/{project}/members")).await.expect(200).field("members")
}

async fn projects(client: &Client) -> Vec<Project> {
    client.get("/api/projects").await.expect(200).field("projects")
}

on_both_databases! {
    async fn only_the_user_who_accepts_becomes_a_member(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben, eve) = (server.person("ann").await, server.person("ben").await, server.person("eve").await);
        let project = ann.project("Garden").await;
        let (made, token) = invite(&ann, project, json!({ "email": " BEN@Example.org ", "role": "editor" })).await;
        assert_eq!((made.email.as_deref(), made.role, made.invited_by.as_deref()), (Some("ben@example.org"), Role::Editor, Some("ann")));
        assert!(!made.mailed, "no mail server is set");
        let days = (made.expires_at.millis() - made.created_at.millis()) / (24 * 60 * 60 * 1000);
        assert_eq!((days, made.url.as_deref()), (7, Some(&*format!("http://{}/invitations/{token}", server.addr()))));
        assert_eq!(open(&ann, project).await, std::slice::from_ref(&made));

        // Nothing has happened to Ben, and anyone with the link can see the offer.
        assert!(projects(&ben).await.is_empty());
        for who in [&server.anonymous(), &ben, &eve] {
            let offer: InvitationOffer = who.get(&format!("/api/invitations/{token}")).await.expect(200).field("invitation");
            assert_eq!((&*offer.project, offer.invited_by.as_deref(), offer.role), ("Garden", Some("ann"), Role::Editor));
            assert_eq!((offer.email.as_deref(), offer.expires_at, offer.joined), (Some("ben@example.org"), made.expires_at, None));
        }
        server.anonymous().post(&accept(&token), json!({})).await.refused(401, "not_signed_in");
        eve.post(&accept(&token), json!({})).await.refused(403, "other_address");
        assert_eq!(members(&ann, project).await.len(), 1);

        let seq = ann.board(project).await.seq;
        let joined: Project = ben.post(&accept(&token), json!({})).await.expect(200).field("project");
        assert_eq!((joined.id, &*joined.name, joined.role), (project, "Garden", Some(Role::Editor)));
        let events = ann.events(project).await;
        assert_eq!((events.len() as u64, &events[0]["type"]), (seq + 1, &json!("member_added")));
        assert_eq!(events[0]["triggered_by"], json!(ben.user().id), "who said yes");
        assert!(open(&ann, project).await.is_empty());
        ben.task(project, "mine").await;

        // Accepting again changes nothing; for others it is used.
        let again: Project = ben.post(&accept(&token), json!({})).await.expect(200).field("project");
        assert_eq!((again.id, ann.board(project).await.seq), (project, seq + 2));
        let offer: InvitationOffer = ben.get(&format!("/api/invitations/{token}")).await.expect(200).field("invitation");
        assert_eq!(offer.joined, Some(project));
        eve.get(&format!("/api/invitations/{token}")).await.refused(410, "invitation_used");
    }

    async fn no_one_becomes_a_member_without_accepting(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let body = json!({ "email": "ben@example.org", "role": "editor" });
        ann.post(&format!("/api/projects/{project}/members"), body.clone()).await.refused(405, "method_not_allowed");
        invite(&ann, project, body).await;
        assert!(projects(&ben).await.is_empty());
        ben.get(&format!("/api/projects/{project}/board")).await.refused(404, "project_not_found");
        let notified: Value = ben.get("/api/notifications").await.expect(200).json();
        assert_eq!(notified["unread"], 0);
        // Not even their capacity is read or changed.
        let capacity = format!("/api/users/{}/capacity", ben.user().id);
        ann.get(&capacity).await.refused(403, "forbidden");
        ann.put(&capacity, json!({ "hours": ([0.0; 7]) })).await.refused(403, "forbidden");
    }

    async fn responses_do_not_reveal_who_has_an_account(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        server.person("ben").await;
        let project = ann.project("Garden").await;
        let answer = async |name: &str| {
            let body = json!({ "email": format!("{name}@example.org"), "role": "viewer" });
            let answer = ann.post(&path(project), body).await.expect(201);
            let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            let mut invitation: Value = answer.field("invitation");
            for secret in ["id", "url", "created_at", "expires_at"] {
                assert!(invitation[secret].take().is_string(), "{secret}");
            }
            (headers, invitation.to_string().replace(name, "…"))
        };
        assert_eq!(answer("ben").await, answer("bea").await);
        // Also when both are asked again.
        assert_eq!(answer("ben").await, answer("bea").await);
    }

    async fn a_link_without_an_address_is_for_the_first_user(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        let (made, token) = invite(&ann, project, json!({ "role": "viewer" })).await;
        assert_eq!(made.email, None);
        // Members don't use it up.
        let own: Project = ann.post(&accept(&token), json!({})).await.expect(200).field("project");
        assert_eq!((own.role, open(&ann, project).await.len()), (Some(Role::Owner), 1));
        let mut asking = JoinSet::new();
        for number in 0..8 {
            let (person, token) = (server.person(&format!("person{number}")).await, token.clone());
            asking.spawn(async move { person.post(&accept(&token), json!({})).await });
        }
        let answers = asking.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(410, "invitation_used");
        }
        assert_eq!(members(&ann, project).await.len(), 2);
    }

    async fn an_invitation_does_not_change_a_member(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let (_, first) = invite(&ann, project, json!({ "email": "ben@example.org", "role": "viewer" })).await;
        let (_, link) = invite(&ann, project, json!({ "role": "owner" })).await;
        ben.post(&accept(&first), json!({})).await.expect(200);
        ben.post(&accept(&link), json!({})).await.expect(200);
        assert_eq!(members(&ann, project).await[1].role, Role::Viewer, "a link is no way to more rights");
        let again = json!({ "email": "BEN@example.org", "role": "owner" });
        let error = ann.post(&path(project), again).await.refused(409, "already_member");
        assert_eq!(error["field"], "email");
        ann.post(&path(project), json!({ "email": "ann@example.org", "role": "owner" })).await.refused(409, "already_member");
    }

    async fn joining_by_a_link_revokes_other_invitations(db: Db) {
        let server = TestServer::start(db).await;
        let (ann, ben) = (server.person("ann").await, server.person("ben").await);
        let project = ann.project("Garden").await;
        let (_, addressed) = invite(&ann, project, json!({ "email": "ben@example.org", "role": "owner" })).await;
        let (_, link) = invite(&ann, project, json!({ "role": "viewer" })).await;
        ben.post(&accept(&link), json!({})).await.expect(200);
        assert!(open(&ann, project).await.is_empty());
        ann.delete(&format!("/api/projects/{project}/members/{}", ben.user().id)).await.expect(200);
        ben.post(&accept(&addressed), json!({})).await.refused(410, "invitation_revoked");
    }

    async fn an_invited_address_may_register_while_registration_is_closed(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        let closed = server.beside(Default::default(), |config: &mut Config| config.accounts.registration = RegistrationPolicy::Closed).await;
        let (_, token) = invite(&ann, project, json!({ "email": "bea@example.org", "role": "editor" })).await;
        let (_, link) = invite(&ann, project, json!({ "role": "editor" })).await;
        let register = async |email: &str, invitation: Option<&str>| {
            let client = closed.anonymous();
            let body = json!({ "email": email, "password": PASSWORD, "name": "Bea", "invitation": invitation });
            let answer = client.post("/api/auth/register", body).await;
            (client, answer)
        };
        register("bea@example.org", None).await.1.refused(403, "registration_closed");
        register("bea@example.org", Some("nonsense")).await.1.refused(404, "invitation_not_found");
        register("bea@example.org", Some(&link)).await.1.refused(403, "registration_closed");
        let error = register("eve@example.org", Some(&token)).await.1.refused(403, "other_address");
        assert_eq!(error["field"], "email");
        let (bea, answer) = register("Bea@example.org", Some(&token)).await;
        answer.expect(201);
        assert!(projects(&bea).await.is_empty(), "an account is not a yes");
        bea.post(&accept(&token), json!({})).await.expect(200);
        assert_eq!(projects(&bea).await.len(), 1);
        register("bea@example.org", Some(&token)).await.1.refused(410, "invitation_used");
    }

    async fn invalid_invitations_are_refused(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        for (body, field) in [
            (json!({}), "role"),
            (json!({ "role": "admin" }), "role"),
            (json!({ "role": "viewer", "email": "" }), "email"),
            (json!({ "role": "viewer", "email": "ben" }), "email"),
            (json!({ "role": "viewer", "email": "ben@example.org\u{200b}\nBcc: x@y" }), "email"),
            (json!({ "role": "viewer", "expires_at": "2999-01-01T00:00:00Z" }), "expires_at"),
        ] {
            assert_eq!(ann.post(&path(project), body.clone()).await.refused(422, "invalid")["field"], field, "{body}");
        }
        for token in ["nonsense", "%00", "..", "%2e%2e%2fprojects", &"x".repeat(3000)] {
            let refused = ann.get(&format!("/api/invitations/{token}")).await;
            assert_eq!(refused.status, 404, "{token}: {}", refused.text);
            assert_eq!(ann.post(&accept(token), json!({})).await.status, 404, "{token}");
        }
        let id = InvitationId::new(uuid::Uuid::now_v7());
        ann.delete(&format!("/api/invitations/{id}")).await.refused(404, "invitation_not_found");
        assert!(open(&ann, project).await.is_empty());
    }

    async fn open_invitations_are_bounded(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Garden").await;
        let mut last = None;
        for number in 0..200 {
            last = Some(invite(&ann, project, json!({ "email": format!("p{number}@example.org"), "role": "viewer" })).await.0);
        }
        ann.post(&path(project), json!({ "role": "viewer" })).await.refused(409, "too_many_invitations");
        // One for the same address replaces the earlier one.
        invite(&ann, project, json!({ "email": "p7@example.org", "role": "editor" })).await;
        assert_eq!(open(&ann, project).await.len(), 200);
        ann.delete(&format!("/api/invitations/{}", last.expect("the last one").id)).await.expect(200);
        invite(&ann, project, json!({ "role": "viewer" })).await;
    }
}
