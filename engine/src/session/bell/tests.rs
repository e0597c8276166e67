mod oversight;
mod world;

use uuid::Uuid;

use super::*;
use crate::{
    ProjectId, TaskId,
    limit::PAGE,
    notification::{NotificationKind, NotificationPage, ReferenceType},
    wire::{NotificationRead, close},
};

const CONNECT: [BellEffect; 1] = [BellEffect::Connect];

fn id(number: u128) -> NotificationId {
    NotificationId::new(Uuid::from_u128(number))
}

fn told(number: u128, read: bool) -> Notification {
    Notification {
        id: id(number),
        kind: NotificationKind::Mention,
        title: "Ada mentioned you".into(),
        message: String::new(),
        reference_type: ReferenceType::Task,
        reference_id: String::new(),
        task_id: Some(TaskId::new(Uuid::nil())),
        project_id: Some(ProjectId::new(Uuid::nil())),
        actor_id: None,
        actor_name: None,
        times: 1,
        created_at: Timestamp::from_millis(0),
        read_at: read.then(|| Timestamp::from_millis(1)),
        alert: false,
    }
}

/// A bell that is live, with notifications `1..=count`, all unread.
fn live(count: u128) -> Bell {
    let mut bell = Bell::new(0);
    assert_eq!(bell.handle(BellInput::Tick, 0, 0), CONNECT);
    let notifications = (1..=count).rev().take(PAGE).map(|number| told(number, false)).collect();
    let sync = ServerFrame::UnreadSync { notifications, unread: u64::try_from(count).unwrap() };
    assert!(bell.handle(BellInput::Frame(Some(sync)), 5, 0).is_empty());
    bell
}

fn receive(bell: &mut Bell, frame: ServerFrame) {
    assert_eq!(bell.handle(BellInput::Frame(Some(frame)), 6, 0), []);
}

fn read(ids: &[u128], unread: u64) -> ServerFrame {
    ServerFrame::NotificationRead(NotificationRead { ids: ids.iter().copied().map(id).collect(), up_to: None, unread })
}

#[test]
fn it_connects_authenticates_and_heals() {
    let mut bell = live(7);
    assert_eq!((bell.link(), bell.unread()), (Link::Live, 7));
    let pong = [BellEffect::Send(ClientFrame::Pong)];
    assert_eq!(bell.handle(BellInput::Frame(Some(ServerFrame::Ping)), 6, 0), pong);

    assert!(bell.handle(BellInput::Closed { code: 1006 }, 20, 300).is_empty());
    assert_eq!((bell.link(), bell.unread()), (Link::Reconnecting { attempt: 1 }, 7));
    assert_eq!(bell.handle(BellInput::Tick, bell.wake_at().unwrap(), 0), CONNECT);
    let sync = ServerFrame::UnreadSync { notifications: Vec::new(), unread: 0 };
    assert!(bell.handle(BellInput::Frame(Some(sync)), 400, 0).is_empty());
    assert_eq!((bell.link(), bell.unread()), (Link::Live, 0));

    let bye = ServerFrame::Bye { code: close::SIGN_IN, reason: String::new(), retry_ms: 0 };
    assert_eq!(bell.handle(BellInput::Frame(Some(bye)), 500, 0), [BellEffect::Close]);
    assert_eq!((bell.link(), bell.wake_at()), (Link::SignedOut, None));
}

#[test]
fn a_new_notification_counts_once_and_is_announced_once() {
    let mut bell = live(2);
    assert!(bell.take_fresh().is_empty(), "what was there is not news");
    for _ in 0..2 {
        receive(&mut bell, ServerFrame::Notification { data: Box::new(told(3, false)) });
    }
    assert_eq!((bell.unread(), bell.take_fresh().len(), bell.take_fresh().len()), (3, 1, 0));
    assert_eq!(bell.notifications(false).map(|told| told.id).collect::<Vec<_>>(), [id(3), id(2), id(1)]);
}

#[test]
fn a_read_mark_shows_at_once_and_survives_frames_and_answers_in_any_order() {
    for echo_first in [true, false] {
        let mut bell = live(3);
        let mark = BellEffect::Mark(ReadMarks::Ids(vec![id(2)]));
        assert_eq!(bell.handle(BellInput::Read(id(2)), 6, 0), [mark]);
        assert!(bell.handle(BellInput::Read(id(2)), 6, 0).is_empty(), "it is read already");
        assert_eq!((bell.unread(), bell.notifications(true).count()), (2, 2));
        // Another one, counted before this one was.
        receive(&mut bell, read(&[1], 2));
        assert_eq!(bell.unread(), 1);
        let answer = BellInput::Marked(Ok(()));
        if echo_first {
            receive(&mut bell, read(&[2], 1));
            assert!(bell.handle(answer, 7, 0).is_empty());
        } else {
            assert!(bell.handle(answer, 7, 0).is_empty());
            assert_eq!(bell.unread(), 1);
            receive(&mut bell, read(&[2], 1));
        }
        assert_eq!((bell.unread(), bell.notifications(true).count()), (1, 1));
    }
}

#[test]
fn a_refused_mark_is_undone_and_a_lost_one_is_resent() {
    let mut bell = live(2);
    bell.handle(BellInput::ReadAll, 6, 0);
    assert_eq!(bell.unread(), 0);
    let refusal = ApiError::new(403, "forbidden", "No.");
    let effects = bell.handle(BellInput::Marked(Err(refusal.clone())), 7, 0);
    assert_eq!((effects, bell.unread()), (vec![BellEffect::Refused(refusal)], 2));

    let all = BellEffect::Mark(ReadMarks::UpTo(id(2)));
    assert_eq!(bell.handle(BellInput::ReadAll, 8, 0), std::slice::from_ref(&all));
    assert!(bell.handle(BellInput::Marked(Err(ApiError::network())), 10, 300).is_empty());
    assert_eq!((bell.unread(), bell.wake_at()), (0, Some(310)));
    assert_eq!(bell.handle(BellInput::Tick, 310, 0), [all]);
}

#[test]
fn reading_all_leaves_later_ones_unread() {
    let mut bell = live(120);
    bell.handle(BellInput::ReadAll, 6, 0);
    receive(&mut bell, ServerFrame::Notification { data: Box::new(told(121, false)) });
    assert_eq!(bell.unread(), 1);
    assert!(bell.handle(BellInput::Marked(Ok(())), 7, 0).is_empty());
    let up_to = Some(id(120));
    receive(&mut bell, ServerFrame::NotificationRead(NotificationRead { ids: Vec::new(), up_to, unread: 1 }));
    assert_eq!((bell.unread(), bell.notifications(true).count()), (1, 1));
}

#[test]
fn a_page_does_not_fetch_a_second_page_before_it_shows_the_first() {
    for unread in [false, true] {
        let mut bell = live(120);
        let empty = BellInput::More { unread, below: None };
        assert_eq!(bell.handle(empty, 6, 0), [], "the first page is here, and about to be shown");
        let below = bell.floor(unread);
        assert_eq!(below, Some(id(71)));
        let fetch = BellEffect::FetchPage { unread, before: below };
        assert_eq!(bell.handle(BellInput::More { unread, below }, 7, 0), [fetch]);
    }
}

#[test]
fn a_greeting_starts_another_tabs_bell_at_the_same_state() {
    let mut bell = live(70);
    receive(&mut bell, read(&[70], 69));
    let mut follower = Bell::new(0);
    follower.handle(BellInput::Tick, 0, 0);
    let greeting = ServerFrame::parse(&bell.greeting().unwrap()).unwrap();
    receive(&mut follower, greeting);
    assert_eq!((follower.link(), follower.unread()), (Link::Live, 69));
    assert!(follower.notifications(false).eq(bell.notifications(false)));
    assert!(follower.more(false) && Bell::new(0).greeting().is_none());
}

#[test]
fn another_users_sign_in_ends_the_bell() {
    let mut bell = live(3);
    assert_eq!(bell.handle(BellInput::OtherUser, 10, 0), [BellEffect::Close]);
    assert_eq!((bell.link(), bell.wake_at()), (Link::OtherUser, None));
    assert_eq!(bell.handle(BellInput::Read(id(2)), 11, 0), [BellEffect::Mark(ReadMarks::Ids(vec![id(2)]))]);
    assert_eq!(bell.handle(BellInput::OtherUser, 12, 0), []);
    assert_eq!(bell.handle(BellInput::Woken, 13, 0), CONNECT);
}

/// A polling bell with this first page.
fn polling(rows: &[(u128, bool)]) -> Bell {
    let mut bell = Bell::new(0);
    bell.expect_blocked();
    poll(&mut bell, page(rows, false));
    bell
}

fn page(rows: &[(u128, bool)], more: bool) -> NotificationPage {
    let notifications = rows.iter().map(|(number, read)| told(*number, *read)).collect();
    let unread = rows.iter().filter(|(_, read)| !read).count() as u64;
    NotificationPage { notifications, more, unread }
}

/// Advances time without a socket until the bell polls, answers the poll, and returns the time.
fn poll(bell: &mut Bell, page: NotificationPage) -> u64 {
    let mut now = 0;
    for _ in 0..100 {
        now = bell.wake_at().map_or(now, |at| at.max(now));
        let mut effects = bell.handle(BellInput::Tick, now, 0);
        if effects.contains(&BellEffect::Connect) {
            effects.extend(bell.handle(BellInput::Closed { code: 1006 }, now, 0));
        }
        if effects.contains(&BellEffect::Poll) {
            bell.handle(BellInput::Page { unread: false, before: None, result: Ok(page) }, now, 0);
            return now;
        }
    }
    panic!("it does not poll");
}

fn shown(bell: &Bell) -> Vec<(NotificationId, bool)> {
    bell.notifications(false).map(|told| (told.id, bell.is_read(told))).collect()
}

#[test]
fn a_poll_with_an_equal_count_still_updates_the_list() {
    let mut bell = polling(&[(4, false), (3, true), (2, false), (1, true)]);
    assert_eq!((bell.link(), bell.unread(), shown(&bell).len()), (Link::Polling, 2, 4));
    let lists: [&[(u128, bool)]; 5] = [
        // One is gone, the newest one is the same.
        &[(4, false), (2, false), (1, true)],
        &[(4, false), (2, false)],
        &[(4, false), (3, false), (2, true)],
        &[(6, false), (5, false)],
        &[(7, false), (5, false), (4, true)],
    ];
    for rows in lists {
        poll(&mut bell, page(rows, false));
        assert_eq!(bell.unread(), 2);
        assert_eq!(shown(&bell), rows.iter().map(|(number, read)| (id(*number), *read)).collect::<Vec<_>>());
    }
}

#[test]
fn a_poll_updates_a_changed_notification() {
    let mut bell = polling(&[(1, false)]);
    let edited = Notification { message: "The comment was edited".into(), ..told(1, false) };
    poll(&mut bell, NotificationPage { notifications: vec![edited.clone()], more: false, unread: 1 });
    assert!(bell.notifications(false).eq([&edited]));
}

#[test]
fn a_poll_without_changes_keeps_older_pages() {
    let rows: Vec<_> = (1..=120).rev().map(|number| (number, true)).collect();
    let mut bell = polling(&[]);
    let now = poll(&mut bell, page(&rows[..PAGE], true));
    let before = bell.floor(false);
    bell.handle(BellInput::More { unread: false, below: before }, now, 0);
    let result = Ok(page(&rows[PAGE..2 * PAGE], true));
    bell.handle(BellInput::Page { unread: false, before, result }, now, 0);
    for _ in 0..3 {
        assert_eq!(shown(&bell).len(), 2 * PAGE);
        poll(&mut bell, page(&rows[..PAGE], true));
    }
}

#[test]
fn a_sync_with_an_equal_count_still_updates_the_list() {
    let mut bell = live(3);
    bell.handle(BellInput::Closed { code: 1006 }, 20, 300);
    assert_eq!(bell.handle(BellInput::Tick, bell.wake_at().unwrap(), 0), CONNECT);
    let notifications = vec![told(5, false), told(3, true), told(2, false), told(1, false)];
    receive(&mut bell, ServerFrame::UnreadSync { notifications, unread: 3 });
    assert_eq!(shown(&bell), [(id(5), false), (id(3), true), (id(2), false), (id(1), false)]);
    let fresh: Vec<_> = bell.take_fresh().iter().map(|told| told.id).collect();
    assert_eq!(fresh, [id(5)]);
}

#[test]
fn a_count_that_contradicts_the_list_makes_the_bell_fetch_it() {
    let mut bell = Bell::new(0);
    bell.handle(BellInput::Tick, 0, 0);
    // The loaded ones are all unread ones; ten older ones are read.
    let notifications = (11..=60).rev().map(|number| told(number, false)).collect();
    bell.handle(BellInput::Frame(Some(ServerFrame::UnreadSync { notifications, unread: 50 })), 5, 0);
    // An older one was read again, after a newer one whose frame was lost.
    let effects = bell.handle(BellInput::Frame(Some(read(&[5], 49))), 6, 0);
    assert_eq!(effects, [BellEffect::FetchPage { unread: false, before: None }]);
}

fn changed(told: Notification, replaces: u128) -> ServerFrame {
    ServerFrame::NotificationChanged { data: Box::new(told), replaces: id(replaces) }
}

#[test]
fn a_repeated_notification_moves_to_the_top_and_counts_once() {
    let mut bell = live(3);
    let again = Notification { times: 2, ..told(4, false) };
    for _ in 0..2 {
        receive(&mut bell, changed(again.clone(), 2));
    }
    assert_eq!((bell.unread(), bell.take_fresh()), (3, vec![again]));
    assert_eq!(bell.notifications(false).map(|told| told.id).collect::<Vec<_>>(), [id(4), id(3), id(1)]);
    // The frame of the replaced one arrives late: the count is right, the list is not.
    receive(&mut bell, changed(told(6, false), 5));
    receive(&mut bell, ServerFrame::Notification { data: Box::new(told(5, false)) });
    assert_eq!(bell.notifications(false).map(|told| told.id).collect::<Vec<_>>(), [id(6), id(4), id(3), id(1)]);
    assert_eq!(bell.unread(), 4);
}

#[test]
fn an_edited_quote_keeps_its_notification_as_read_as_it_was() {
    let mut bell = live(2);
    receive(&mut bell, read(&[2], 1));
    let edited = Notification { message: "Edited".into(), ..told(2, false) };
    receive(&mut bell, changed(edited, 2));
    let newest = bell.notifications(false).next().cloned().unwrap();
    assert_eq!((newest.message.as_str(), newest.read_at.is_some()), ("Edited", true));
    assert_eq!((bell.unread(), bell.take_fresh()), (1, vec![]));
}

#[test]
fn notifications_of_the_viewed_task_are_read_and_not_announced() {
    let mut bell = live(2);
    let other = TaskId::new(Uuid::from_u128(7));
    let mark = |ids: &[u128]| [BellEffect::Mark(ReadMarks::Ids(ids.iter().copied().map(id).collect()))];
    // Viewing the task marks the existing one, too.
    assert_eq!(bell.handle(BellInput::Looks(Some(TaskId::new(Uuid::nil()))), 6, 0), mark(&[1, 2]));
    assert_eq!(bell.unread(), 0);
    assert!(bell.handle(BellInput::Marked(Ok(())), 6, 0).is_empty());
    receive(&mut bell, read(&[1, 2], 0));
    let notification = ServerFrame::Notification { data: Box::new(told(3, false)) };
    assert_eq!(bell.handle(BellInput::Frame(Some(notification)), 6, 0), mark(&[3]));
    assert_eq!((bell.unread(), bell.take_fresh()), (0, vec![]));
    // After the refusal it is unread again, and is not marked forever.
    let refusal = ApiError::new(403, "forbidden", "No.");
    let effects = bell.handle(BellInput::Marked(Err(refusal.clone())), 7, 0);
    assert_eq!((effects, bell.unread()), (vec![BellEffect::Refused(refusal)], 1));

    receive(
        &mut bell,
        ServerFrame::Notification { data: Box::new(Notification { task_id: Some(other), ..told(4, false) }) },
    );
    assert_eq!((bell.unread(), bell.take_fresh().len()), (2, 1));
    assert!(bell.handle(BellInput::Looks(None), 8, 0).is_empty());
    receive(&mut bell, ServerFrame::Notification { data: Box::new(told(5, false)) });
    assert_eq!(bell.unread(), 3);
}
