//! Projects and their members.

use engine::{Colleague, Member, Project, Role};
use serde_json::{Value, json};

use crate::harness::{Client, TestServer, on_both_databases};

async fn projects(client: &Client) -> Vec<Project> {
    client.get("/api/projects").await.expect(200).field("projects")
}

on_both_databases! {
    async fn a_new_project_has_an_owner_and_three_statuses(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("  Engine  ").await;
        let board = ada.board(project).await;
        assert_eq!((board.seq, board.project.name.as_str(), board.project.role), (0, "Engine", Some(Role::Owner)));
        let categories: Vec<Value> = board.statuses.iter().map(|status| json!(status.category)).collect();
        assert_eq!(categories, ["todo", "doing", "done"]);
        assert_eq!(board.members.len(), 1);
        assert_eq!(projects(&ada).await, [board.project]);
    }

    async fn a_member_joins_and_leaves(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        let base = format!("/api/projects/{project}/members");
        assert!(projects(&bob).await.is_empty());
        ada.invite(project, &bob, "viewer").await;
        assert_eq!(projects(&bob).await[0].role, Some(Role::Viewer));
        let him = format!("{base}/{}", bob.user().id);
        let member: Member = ada.patch(&him, json!({ "role": "editor" })).await.expect(200).field("member");
        assert_eq!((member.role, member.name.as_str()), (Role::Editor, "bob"));
        let task = bob.task(project, "his").await;
        let assign = format!("/api/tasks/{}/assign", task.id);
        ada.post(&assign, json!({ "assignee_id": bob.user().id })).await.expect(200);
        ada.delete(&him).await.expect(200);
        bob.get(&format!("/api/projects/{project}/board")).await.refused(404, "project_not_found");
        bob.get(&format!("/api/tasks/{}", task.id)).await.refused(404, "task_not_found");
        assert_eq!(ada.board(project).await.tasks[0].assignee_id, Some(bob.user().id), "his work stays his");
    }

    async fn colleagues_have_their_place_in_the_oldest_shared_project(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob, eve) = (server.person("ada").await, server.person("bob").await, server.person("eve").await);
        let places = async |client: &Client| {
            let all: Vec<Colleague> = client.get("/api/colleagues").await.expect(200).field("colleagues");
            let place = |one: &Client| all.iter().find(|other| other.user_id == one.user().id).map(|other| other.place);
            [place(&ada), place(&bob), place(&eve)]
        };
        assert_eq!(places(&bob).await, [None; 3], "nobody is in a project");
        let engine = ada.project("Engine").await;
        ada.invite(engine, &bob, "viewer").await;
        let garden = eve.project("Garden").await;
        for person in [&ada, &bob] {
            eve.invite(garden, person, "viewer").await;
        }
        assert_eq!(places(&ada).await, [Some(0), Some(1), Some(0)], "the first project counts, where it is shared");
        assert_eq!(places(&eve).await, [Some(1), Some(2), Some(0)]);
        ada.delete(&format!("/api/projects/{engine}")).await.expect(200);
        assert_eq!(places(&bob).await, [Some(1), Some(2), Some(0)], "a deleted project does not");
    }

    async fn members_keep_their_places_and_new_ones_take_the_lowest_free_place(db: Db) {
        let server = TestServer::start(db).await;
        let ada = server.person("ada").await;
        let project = ada.project("Engine").await;
        let mut people = Vec::new();
        for name in ["bob", "eve", "kim"] {
            let person = server.person(name).await;
            ada.invite(project, &person, "editor").await;
            people.push(person);
        }
        let places = async || {
            let board = ada.board(project).await;
            let place = |name: &str| board.members.iter().find(|member| member.name == name).and_then(|member| member.place);
            ["ada", "bob", "eve", "kim", "max"].map(place)
        };
        let [bob, eve, kim] = [&people[0], &people[1], &people[2]];
        assert_eq!(places().await, [Some(0), Some(1), Some(2), Some(3), None]);
        let member = |client: &Client| format!("/api/projects/{project}/members/{}", client.user().id);
        ada.post(&format!("/api/projects/{project}/tasks"), json!({ "title": "his", "assignee_id": bob.user().id }))
            .await
            .expect(201);
        ada.delete(&member(bob)).await.expect(200);
        assert_eq!(places().await, [Some(0), Some(1), Some(2), Some(3), None], "Bob's card goes on showing his colour");
        ada.post(&format!("{}/restore", member(bob)), json!({})).await.expect(200);
        ada.delete(&member(eve)).await.expect(200);
        assert_eq!(places().await, [Some(0), Some(1), None, Some(3), None]);
        let max = server.person("max").await;
        ada.invite(project, &max, "viewer").await;
        ada.patch(&member(&max), json!({ "role": "editor" })).await.expect(200);
        assert_eq!(places().await, [Some(0), Some(1), None, Some(3), Some(2)], "no two have one place");
        ada.invite(project, eve, "viewer").await;
        assert_eq!(places().await, [Some(0), Some(1), Some(4), Some(3), Some(2)]);
        let events = ada.events(project).await;
        let places: Vec<_> = events.iter().filter(|event| event["type"] == "member_added").map(|event| &event["data"]["place"]).collect();
        assert_eq!(places, [1, 2, 3, 1, 2, 4], "the others hear of it at once");
        let all: Vec<Colleague> = kim.get("/api/colleagues").await.expect(200).field("colleagues");
        let place = |client: &Client| all.iter().find(|other| other.user_id == client.user().id).map(|other| other.place);
        assert_eq!([place(&ada), place(kim), place(eve)], [Some(0), Some(3), Some(4)], "on the other pages as well");
        kim.patch("/api/account", json!({ "name": "Kimberley" })).await.expect(200);
        let renamed = ada.board(project).await.members.into_iter().find(|member| member.name == "Kimberley");
        assert_eq!(renamed.and_then(|member| member.place), Some(3));
    }

    async fn former_members_are_named_on_their_tasks(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob, eve) = (server.person("ada").await, server.person("bob").await, server.person("eve").await);
        let project = ada.project("Engine").await;
        for person in [&bob, &eve] {
            ada.invite(project, person, "editor").await;
        }
        let task = ada.task(project, "his").await;
        let assign = format!("/api/tasks/{}/assign", task.id);
        ada.post(&assign, json!({ "assignee_id": bob.user().id })).await.expect(200);
        let mut expected = ada.board(project).await.members;
        for person in [&bob, &eve] {
            ada.delete(&format!("/api/projects/{project}/members/{}", person.user().id)).await.expect(200);
        }
        expected.retain(|member| member.user_id != eve.user().id);
        let bobs = expected.pop().expect("Bob came last").into_former();
        expected.push(bobs);
        assert_eq!(ada.board(project).await.members, expected, "Eve has nothing here, Bob has no address any more");
        let members: Vec<Member> = ada.get(&format!("/api/projects/{project}/members")).await.expect(200).field("members");
        assert_eq!(members, expected[..1], "the list of members is that of members");
        ada.post(&assign, json!({ "assignee_id": bob.user().id })).await.refused(422, "not_a_member");
        ada.post(&assign, json!({ "assignee_id": null })).await.expect(200);
        assert_eq!(ada.board(project).await.members, expected[..1]);
        ada.invite(project, &bob, "viewer").await;
        assert!(ada.board(project).await.members.iter().all(|member| !member.former));
    }

    async fn anyone_may_leave_except_the_last_owner(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        let member = |client: &Client| format!("/api/projects/{project}/members/{}", client.user().id);
        ada.delete(&member(&ada)).await.refused(409, "last_owner");
        ada.patch(&member(&ada), json!({ "role": "editor" })).await.refused(409, "last_owner");
        ada.invite(project, &bob, "viewer").await;
        bob.delete(&member(&ada)).await.refused(403, "forbidden");
        bob.delete(&member(&bob)).await.expect(200);
        ada.invite(project, &bob, "owner").await;
        ada.delete(&member(&ada)).await.expect(200);
        bob.delete(&member(&bob)).await.refused(409, "last_owner");
        let members: Vec<Member> = bob.get(&format!("/api/projects/{project}/members")).await.expect(200).field("members");
        assert_eq!(members.iter().map(|member| member.user_id).collect::<Vec<_>>(), [bob.user().id]);
    }

    async fn a_deleted_project_is_gone_for_everyone(db: Db) {
        let server = TestServer::start(db).await;
        let (ada, bob) = (server.person("ada").await, server.person("bob").await);
        let project = ada.project("Engine").await;
        ada.invite(project, &bob, "editor").await;
        let task = ada.task(project, "one").await;
        ada.delete(&format!("/api/projects/{project}")).await.expect(200);
        for person in [&ada, &bob] {
            person.get(&format!("/api/projects/{project}")).await.refused(404, "project_not_found");
            person.get(&format!("/api/projects/{project}/board")).await.refused(404, "project_not_found");
            person.get(&format!("/api/tasks/{}", task.id)).await.refused(404, "task_not_found");
            person.delete(&format!("/api/tasks/{}", task.id)).await.refused(404, "task_not_found");
            assert!(projects(person).await.is_empty());
        }
        let page = server.state().services.store.log_since(project, 2, 10).await.expect("an answer").expect("a log");
        assert!(page.events[0].frame.contains("\"project_deleted\""), "{page:?}");
    }
}
