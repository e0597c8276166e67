//! Many users at the same few cards.

use std::time::{Duration, Instant};

use engine::{Op, Placement, Priority, StatusId, TaskId, TaskPatch};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use tokio::task::JoinSet;

use super::{
    proof::settled,
    tab::{Tab, Way},
};
use crate::harness::{TestServer, new_op, on_both_databases};

const PEOPLE: usize = 5;
const TABS: usize = 50;
const TASKS: usize = 20;
/// Actions of each tab, unless time runs out.
const WRITES: usize = 30;
const TIME: Duration = Duration::from_secs(30);

/// A user's action on one of the cards.
fn gesture(dice: &mut StdRng, tasks: &[TaskId], statuses: &[StatusId], me: engine::UserId) -> Op {
    let task_id = *tasks.choose(dice).expect("a task");
    let patch = match dice.random_range(0..10) {
        0..5 => {
            let mut neighbour = || tasks.choose(dice).copied().filter(|id| *id != task_id);
            let (after_id, before_id) = (neighbour(), neighbour());
            let status_id = *statuses.choose(dice).expect("a status");
            let before_id = before_id.filter(|id| Some(*id) != after_id);
            return Op::MoveTask { task_id, to: Placement { status_id, after_id, before_id } };
        }
        5 => return Op::AssignTask { task_id, assignee_id: Some(me).filter(|_| dice.random()) },
        6 => TaskPatch {
            priority: Some(*[Priority::Low, Priority::High].choose(dice).expect("one")),
            ..Default::default()
        },
        _ => TaskPatch { title: Some(new_op().to_string()), ..TaskPatch::default() },
    };
    Op::UpdateTask { task_id, patch }
}

on_both_databases! {
    async fn fifty_tabs_that_change_the_same_cards_end_with_equal_boards(db: Db) {
        let server = TestServer::start(db).await;
        let ann = server.person("ann").await;
        let project = ann.project("Overloaded").await;
        let mut tasks = Vec::new();
        for number in 0..TASKS {
            tasks.push(ann.task(project, &format!("Card {number}")).await.id);
        }
        let statuses = ann.statuses(project).await;
        let mut people = vec![ann.clone()];
        for number in 1..PEOPLE {
            let person = server.person(&format!("person{number}")).await;
            ann.invite(project, &person, "editor").await;
            people.push(person);
        }
        let mut writing = JoinSet::new();
        for number in 0..TABS {
            let person = &people[number % PEOPLE];
            let mut tab = Tab::open(person, project, Way { nodes: vec![server.addr()], haste: 1 }).await;
            let (tasks, statuses, me) = (tasks.clone(), statuses.clone(), person.user().id);
            writing.spawn(async move {
                let (mut dice, started) = (StdRng::seed_from_u64(number as u64), Instant::now());
                for _ in 0..WRITES {
                    if started.elapsed() > TIME {
                        break;
                    }
                    tab.submit(gesture(&mut dice, &tasks, &statuses, me));
                    // One more than is in flight, like an impatient user.
                    tab.keeps_up(1).await;
                }
                tab
            });
        }
        let tabs = writing.join_all().await;
        assert!(ann.board(project).await.seq > (TASKS + TABS) as u64, "they did next to nothing");
        settled(&ann, project, tabs).await;
        let counts = server.state().services.realtime.health().counts;
        assert_eq!((counts.queue_drops, counts.rooms_anew), (0, 0));
    }
}
