use engine::{Rank, StatusId, Timestamp};
use uuid::Uuid;

use super::*;

fn task(column: u128, rank: &Rank) -> Task {
    let at = Timestamp::from_millis(0);
    let id = |n| Uuid::from_u128(n);
    let place = (StatusId::new(id(column)), rank.clone());
    let task = Task::new(TaskId::new(id(1)), engine::ProjectId::new(id(2)), place, (UserId::new(id(3)), at));
    Task { title: "Ship it".to_owned(), ..task }
}

#[test]
fn another_users_change_is_one_sentence() {
    let ranks = Rank::spread(2);
    let (here, there, below) = (task(1, &ranks[0]), task(2, &ranks[0]), task(1, &ranks[1]));
    let retitled = Task { title: "Ship it now".to_owned(), ..here.clone() };
    let said = |before, after| sentence("Bob", before, after, "Done").unwrap_or_default();
    assert_eq!(said(None, Some(&here)), "Bob added “Ship it” to Done.");
    assert_eq!(said(Some(&here), None), "Bob deleted “Ship it”.");
    assert_eq!(said(Some(&here), Some(&there)), "Bob moved “Ship it” to Done.");
    assert_eq!(said(Some(&here), Some(&below)), "Bob moved “Ship it” within Done.");
    assert_eq!(said(Some(&here), Some(&retitled)), "Bob changed “Ship it now”.");
    assert_eq!(sentence("Bob", None, None, ""), None);
}
