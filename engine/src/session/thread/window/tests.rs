use uuid::Uuid;

use super::*;
use crate::{
    TaskId, UserId,
    comment::{Commented, deleted},
    session::thread::ThreadRequest,
    wire::Subscribed,
};

const TASK: TaskId = TaskId::new(Uuid::from_u128(1));
/// Comments of the thread on the server.
const COUNT: u64 = 200;

fn id(number: u64) -> CommentId {
    CommentId::new(Uuid::from_u128(u128::from(number)))
}

fn comment(number: u64, seq: u64) -> Comment {
    Comment {
        id: id(number),
        task_id: TASK,
        author_id: UserId::new(Uuid::nil()),
        author_name: "Ann".into(),
        body: number.to_string(),
        html: String::new(),
        created_at: Timestamp::from_millis(i64::try_from(number).unwrap()),
        edited_at: None,
        deleted_at: None,
        seq,
    }
}

/// The server's answer: these of its comments.
fn part(from: u64, to: u64) -> Result<comment::Thread, ApiError> {
    let comments = (from..=to).map(|number| comment(number, number)).collect();
    Ok(comment::Thread { comments, more: from > 1, newer: to < COUNT, watching: true, seq: COUNT })
}

fn numbers(thread: &OpenThread) -> Vec<u64> {
    thread.comments().iter().map(|comment| comment.body.parse().unwrap()).collect()
}

fn ranges(ranges: &[(u64, u64)]) -> Vec<u64> {
    ranges.iter().flat_map(|(from, to)| *from..=*to).collect()
}

/// A thread with its newest page loaded that is asked to show a comment.
fn asked_for(number: u64) -> OpenThread {
    let mut thread = OpenThread::new(TASK, COUNT);
    thread.want_comment(id(number));
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Page(None)), "the newest ones first");
    thread.page(None, part(151, COUNT), 0);
    thread
}

fn shows_around(thread: &mut OpenThread, number: u64, from: u64, to: u64) {
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Around(id(number))));
    thread.around(id(number), part(from, to), 0);
}

#[test]
fn an_old_comment_loads_its_surroundings_and_the_gap_closes_stepwise() {
    let mut thread = asked_for(60);
    shows_around(&mut thread, 60, 36, 85);
    assert_eq!((numbers(&thread), thread.gap()), (ranges(&[(36, 85), (151, 200)]), Some(id(85))));
    assert!(thread.has_older() && thread.named_gone().is_none());
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Subscription(COUNT)));
    thread.subscribed(Subscribed {
        scope: thread.scope(),
        since: Some(COUNT),
        seq: COUNT,
        comments: vec![],
        complete: true,
    });
    assert_eq!(thread.next_request(true, 0), None);

    // Comments before the window are fetched like older ones.
    thread.want_older();
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Page(Some(id(36)))));
    thread.page(Some(id(36)), part(1, 35), 0);
    assert_eq!((numbers(&thread), thread.has_older()), (ranges(&[(1, 85), (151, 200)]), false));

    for (from, to, shown) in [(60, 110, ranges(&[(1, 110), (151, 200)])), (85, 135, ranges(&[(1, 135), (151, 200)]))] {
        thread.want_between();
        let end = thread.gap().unwrap();
        assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Around(end)));
        thread.around(end, part(from, to), 0);
        assert_eq!(numbers(&thread), shown);
    }
    thread.want_between();
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Around(id(135))));
    thread.around(id(135), part(110, 160), 0);
    assert_eq!((numbers(&thread), thread.gap(), thread.has_older()), (ranges(&[(1, 200)]), None, false));
    assert_eq!(thread.next_request(true, 0), None);
}

#[test]
fn a_loaded_comment_needs_no_request_and_a_recent_one_leaves_no_gap() {
    let mut thread = asked_for(170);
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Subscription(COUNT)));
    let mut thread = asked_for(140);
    shows_around(&mut thread, 140, 116, 165);
    assert_eq!((numbers(&thread), thread.gap(), thread.has_older()), (ranges(&[(116, 200)]), None, true));
}

#[test]
fn a_deleted_comment_is_reported_and_not_requested_again() {
    let mut thread = asked_for(60);
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Around(id(60))));
    thread.around(id(60), Err(ApiError::network()), 0);
    assert_eq!(thread.next_request(false, 0), None, "a while later");
    assert_eq!(thread.next_request(false, RETRY_MS), Some(ThreadRequest::Around(id(60))));
    thread.around(id(60), Err(deleted()), RETRY_MS);
    assert_eq!((thread.named_gone().cloned(), thread.next_request(false, RETRY_MS)), (Some(deleted()), None));
    assert_eq!(numbers(&thread), ranges(&[(151, 200)]));
}

#[test]
fn changes_in_the_window_show_and_a_reload_fetches_it_again() {
    let mut thread = asked_for(60);
    shows_around(&mut thread, 60, 36, 85);
    thread.comment(Comment { body: "700".into(), ..comment(70, 201) });
    let at = Some(Timestamp::from_millis(1));
    thread.comment(Comment { deleted_at: at, ..comment(71, 202) });
    let mut wanted = ranges(&[(36, 69), (72, 85), (151, 200)]);
    wanted.insert(34, 700);
    assert_eq!(numbers(&thread), wanted);
    // Old ones outside both ranges stay hidden, even if they change.
    let author_id = UserId::new(Uuid::nil());
    thread.log_reports(&Commented { comment_id: id(100), task_id: TASK, author_id, comment_count: 1 }, 203, 0);
    thread.comment(comment(100, 203));
    assert_eq!(numbers(&thread), wanted);

    thread.denied(&thread.scope());
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Page(None)));
    thread.page(None, part(151, COUNT), 0);
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Around(id(60))));
}
