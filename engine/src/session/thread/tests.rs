mod world;

use uuid::Uuid;

use super::*;
use crate::{UserId, limit::PAGE};

const TASK: TaskId = TaskId::new(Uuid::from_u128(1));

fn id(number: u64) -> CommentId {
    CommentId::new(Uuid::from_u128(u128::from(number)))
}

fn comment(number: u64, seq: u64) -> Comment {
    Comment {
        id: id(number),
        task_id: TASK,
        author_id: UserId::new(Uuid::nil()),
        author_name: "Ann".into(),
        body: format!("{number} at {seq}"),
        html: String::new(),
        created_at: Timestamp::from_millis(i64::try_from(number).unwrap()),
        edited_at: None,
        deleted_at: None,
        seq,
    }
}

fn deleted(number: u64, seq: u64) -> Comment {
    let at = Some(Timestamp::from_millis(i64::try_from(seq).unwrap()));
    Comment { body: String::new(), deleted_at: at, ..comment(number, seq) }
}

fn commented(number: u64) -> Commented {
    Commented { comment_id: id(number), task_id: TASK, author_id: UserId::new(Uuid::nil()), comment_count: 1 }
}

fn page(comments: Vec<Comment>, more: bool, seq: u64) -> Result<comment::Thread, ApiError> {
    Ok(comment::Thread { comments, more, newer: false, watching: true, seq })
}

fn answer(since: u64, seq: u64, comments: Vec<Comment>) -> Subscribed {
    Subscribed { scope: format!("task:{TASK}"), since: Some(since), seq, comments, complete: true }
}

fn bodies(thread: &OpenThread) -> Vec<&str> {
    thread.comments().into_iter().map(|comment| comment.body.as_str()).collect()
}

/// A thread with these comments, subscribed from `seq` on.
fn open(comments: Vec<Comment>, seq: u64) -> OpenThread {
    let mut thread = OpenThread::new(TASK, seq);
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Page(None)));
    assert_eq!(thread.next_request(true, 0), None, "one fetch at a time, and nothing to subscribe to yet");
    thread.page(None, page(comments, false, seq), 0);
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Subscription(seq)));
    thread.subscribed(answer(seq, seq, Vec::new()));
    assert_eq!((thread.next_request(true, 0), thread.wake_at(true)), (None, None));
    thread
}

#[test]
fn the_version_with_the_higher_seq_wins_in_either_order() {
    let states = [comment(1, 11), comment(1, 12), deleted(2, 13), comment(2, 10)];
    for turn in 0..states.len() {
        let mut thread = open(vec![comment(2, 5)], 9);
        let mut order = states.to_vec();
        order.rotate_left(turn);
        order.into_iter().for_each(|state| thread.comment(state));
        assert_eq!(bodies(&thread), ["1 at 12"]);
    }
}

#[test]
fn a_deleted_comment_does_not_return() {
    let mut thread = open(vec![comment(1, 5)], 9);
    // Both were deleted before the page was read; their last versions arrive late.
    thread.comment(comment(2, 7));
    thread.subscribed(answer(6, 9, vec![comment(3, 8)]));
    assert_eq!(bodies(&thread), ["1 at 5"]);
    thread.comment(Comment { task_id: TaskId::new(Uuid::nil()), ..comment(4, 20) });
    assert_eq!(bodies(&thread), ["1 at 5"], "and what is of another task is none of this one's");
}

#[test]
fn a_missing_comment_that_the_log_reports_is_requested() {
    let mut thread = open(Vec::new(), 9);
    thread.log_reports(&commented(1), 10, 100);
    thread.read_to(10);
    assert_eq!((thread.next_request(true, 100 + MISSING_MS - 1), thread.wake_at(true)), (None, Some(100 + MISSING_MS)));
    assert_eq!(thread.next_request(true, 100 + MISSING_MS), Some(ThreadRequest::Subscription(9)));
    // That request is lost as well.
    assert_eq!(thread.wake_at(true), Some(100 + MISSING_MS + ANSWER_MS));
    assert_eq!(thread.next_request(true, 100 + MISSING_MS + ANSWER_MS), Some(ThreadRequest::Subscription(9)));
    thread.subscribed(answer(9, 12, vec![comment(1, 10)]));
    assert_eq!((thread.wake_at(true), bodies(&thread)), (None, vec!["1 at 10"]));
    // A comment that arrives in time is not requested.
    thread.log_reports(&commented(2), 13, 9_000);
    thread.comment(comment(2, 13));
    thread.comment(comment(3, 14));
    thread.log_reports(&commented(3), 14, 9_000);
    assert_eq!(thread.wake_at(true), None);
    thread.read_to(20);
    thread.lose_subscription();
    assert_eq!(
        thread.next_request(true, 9_000),
        Some(ThreadRequest::Subscription(20)),
        "the log says that there was nothing else"
    );
}

#[test]
fn after_a_break_it_subscribes_from_its_known_seq() {
    let mut thread = open(vec![comment(1, 5)], 9);
    thread.lose_subscription();
    assert_eq!((thread.next_request(false, 1), thread.wake_at(false)), (None, None));
    assert_eq!(thread.next_request(true, 2), Some(ThreadRequest::Subscription(9)));
    thread.subscribed(answer(9, 30, vec![comment(1, 25), deleted(2, 28)]));
    thread.log_reports(&commented(1), 25, 3);
    thread.log_reports(&commented(2), 28, 3);
    assert_eq!((bodies(&thread), thread.wake_at(true)), (vec!["1 at 25"], None));
    // The board was fetched instead of the log, so nothing reported the changes in between.
    thread.jumped_to(50);
    thread.read_to(50);
    assert_eq!(thread.next_request(true, 2 + MISSING_MS), Some(ThreadRequest::Subscription(30)));
    thread.subscribed(answer(30, 55, vec![comment(3, 40)]));
    assert_eq!((bodies(&thread), thread.wake_at(true)), (vec!["1 at 25", "3 at 40"], None));
}

#[test]
fn another_tabs_answer_does_not_answer_this_tab() {
    let mut thread = open(Vec::new(), 9);
    thread.lose_subscription();
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Subscription(9)));
    thread.subscribed(answer(20, 30, vec![comment(2, 25)]));
    thread.log_reports(&commented(1), 15, 0);
    assert_eq!((bodies(&thread), thread.wake_at(true)), (vec!["2 at 25"], Some(MISSING_MS)));
    thread.subscribed(answer(9, 30, vec![comment(1, 15), comment(2, 25)]));
    assert_eq!((bodies(&thread), thread.wake_at(true)), (vec!["1 at 15", "2 at 25"], None));
    let scope = "task:another".to_owned();
    thread.subscribed(Subscribed { scope, ..answer(0, 90, vec![comment(9, 80)]) });
    assert_eq!(bodies(&thread).len(), 2);
}

#[test]
fn an_incomplete_subscription_makes_the_thread_reload() {
    let mut thread = open(vec![comment(1, 5)], 9);
    thread.lose_subscription();
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Subscription(9)));
    thread.subscribed(Subscribed { complete: false, ..answer(9, 900, Vec::new()) });
    assert_eq!((thread.next_request(true, 0), bodies(&thread)), (Some(ThreadRequest::Page(None)), vec!["1 at 5"]));
    thread.comment(comment(8, 903));
    thread.page(None, page(vec![comment(7, 890)], true, 901), 0);
    assert_eq!(bodies(&thread), ["7 at 890", "8 at 903"]);
    assert_eq!((thread.next_request(true, 0), thread.wake_at(true)), (None, None), "the subscription still works");
}

#[test]
fn older_pages_are_fetched_when_they_are_wanted() {
    let mut thread = OpenThread::new(TASK, 9);
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Page(None)));
    thread.want_older();
    thread.page(None, page(vec![comment(5, 5), comment(6, 6)], true, 9), 0);
    assert_eq!(
        thread.next_request(true, 0),
        Some(ThreadRequest::Subscription(9)),
        "it was not known that there are older ones"
    );
    thread.subscribed(answer(9, 9, Vec::new()));
    // A change of a comment outside the loaded range is not shown, since it would leave a hole.
    thread.comment(comment(2, 12));
    assert_eq!((bodies(&thread), thread.has_older()), (vec!["5 at 5", "6 at 6"], true));
    thread.want_older();
    assert!(thread.is_fetching_older());
    assert_eq!(
        (thread.next_request(true, 0), thread.next_request(true, 0)),
        (Some(ThreadRequest::Page(Some(id(5)))), None)
    );
    thread.page(Some(id(5)), Err(ApiError::network()), 50);
    assert!(!thread.is_fetching_older() && thread.wake_at(true).is_none());
    thread.want_older();
    assert_eq!((thread.next_request(true, 50), thread.wake_at(true)), (None, Some(50 + RETRY_MS)));
    assert_eq!(thread.next_request(true, 50 + RETRY_MS), Some(ThreadRequest::Page(Some(id(5)))));
    thread.page(Some(id(5)), page(vec![comment(1, 1), comment(2, 2)], false, 11), 60);
    assert_eq!((bodies(&thread), thread.has_older()), (vec!["1 at 1", "2 at 12", "5 at 5", "6 at 6"], false));
}

#[test]
fn a_denied_subscription_fetches_reported_comments() {
    let mut thread = open(vec![comment(1, 5)], 9);
    thread.denied("task:another");
    assert_eq!(thread.next_request(true, 0), None);
    thread.denied(&thread.scope());
    assert_eq!((thread.next_request(true, 0), thread.next_request(true, 0)), (Some(ThreadRequest::Page(None)), None));
    thread.page(None, page(vec![comment(1, 5)], false, 9), 0);
    assert_eq!((thread.next_request(true, 0), thread.wake_at(true)), (None, None));
    thread.log_reports(&commented(2), 10, 0);
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Page(None)));
    thread.page(None, page(vec![comment(1, 5), comment(2, 10)], false, 10), 0);
    assert_eq!((thread.next_request(true, 0), bodies(&thread).len()), (None, 2));
    thread.log_reports(&commented(3), 11, 0);
    assert_eq!(thread.next_request(true, 0), Some(ThreadRequest::Page(None)));
    thread.page(None, Err(ApiError::new(404, "task_not_found", "")), 0);
    assert_eq!(thread.refused().map(|error| error.status), Some(404));
    assert_eq!((thread.next_request(true, 99_999), thread.wake_at(true)), (None, None), "that is the end");
}

#[test]
fn another_log_resets_the_thread() {
    let mut thread = open(vec![comment(1, 5)], 9);
    thread.want_older();
    thread.forget(3);
    assert_eq!((bodies(&thread).len(), thread.next_request(true, 0)), (0, Some(ThreadRequest::Page(None))));
    // The answer to a request about the old log.
    thread.forget(4);
    thread.page(None, page(vec![comment(1, 50)], false, 60), 0);
    assert_eq!((bodies(&thread).len(), thread.next_request(true, 0)), (0, Some(ThreadRequest::Page(None))));
    thread.page(None, page(vec![comment(1, 2)], false, 4), 0);
    assert_eq!(bodies(&thread), ["1 at 2"]);
}

#[test]
fn without_a_socket_a_reported_comment_is_fetched() {
    let mut thread = open(vec![comment(1, 5)], 9);
    thread.lose_subscription();
    assert_eq!(thread.next_request(false, 100), None);
    thread.log_reports(&commented(2), 10, 100);
    thread.log_reports(&commented(3), 11, 100);
    thread.read_to(11);
    assert_eq!(thread.next_request(false, 100), None, "the log may tell of more");
    let at = thread.wake_at(false).unwrap();
    assert_eq!(thread.next_request(false, at), Some(ThreadRequest::Page(None)));
    thread.page(None, page(vec![comment(1, 5), comment(2, 10), comment(3, 11)], false, 11), at);
    assert_eq!(bodies(&thread), ["1 at 5", "2 at 10", "3 at 11"]);
    assert_eq!((thread.next_request(false, at + 60_000), thread.wake_at(false)), (None, None), "once");
}
