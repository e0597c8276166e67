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

fn hear(bell: &mut Bell, frame: ServerFrame) {
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
fn what_is_new_counts_once_and_is_fresh_once() {
    let mut bell = live(2);
    assert!(bell.take_fresh().is_empty(), "what was there is not news");
    for _ in 0..2 {
        hear(&mut bell, ServerFrame::Notification { data: Box::new(told(3, false)) });
    }
    assert_eq!((bell.unread(), bell.take_fresh().len(), bell.take_fresh().len()), (3, 1, 0));
    assert_eq!(bell.notifications(false).map(|told| told.id).collect::<Vec<_>>(), [id(3), id(2), id(1)]);
}

#[test]
fn a_read_mark_shows_at_once_and_survives_frames_and_answers_in_any_order() {
    for echo_first in [true, false] {
        let mut bell = live(3);
        let mark = BellEffect::Mark(Mark::Ids(vec![id(2)]));
        assert_eq!(bell.handle(BellInput::Read(id(2)), 6, 0), [mark]);
        assert!(bell.handle(BellInput::Read(id(2)), 6, 0).is_empty(), "it is read already");
        assert_eq!((bell.unread(), bell.notifications(true).count()), (2, 2));
        // Somebody else's, counted before this one was.
        hear(&mut bell, read(&[1], 2));
        assert_eq!(bell.unread(), 1);
        let answer = BellInput::Marked(Ok(()));
        if echo_first {
            hear(&mut bell, read(&[2], 1));
            assert!(bell.handle(answer, 7, 0).is_empty());
        } else {
            assert!(bell.handle(answer, 7, 0).is_empty());
            assert_eq!(bell.unread(), 1);
            hear(&mut bell, read(&[2], 1));
        }
        assert_eq!((bell.unread(), bell.notifications(true).count()), (1, 1));
    }
}

#[test]
fn a_refused_mark_is_rolled_back_and_a_lost_one_is_sent_again() {
    let mut bell = live(2);
    bell.handle(BellInput::ReadAll, 6, 0);
    assert_eq!(bell.unread(), 0);
    let refusal = ApiError::new(403, "forbidden", "No.");
    let effects = bell.handle(BellInput::Marked(Err(refusal.clone())), 7, 0);
    assert_eq!((effects, bell.unread()), (vec![BellEffect::Refused(refusal)], 2));

    let all = BellEffect::Mark(Mark::UpTo(id(2)));
    assert_eq!(bell.handle(BellInput::ReadAll, 8, 0), std::slice::from_ref(&all));
    assert!(bell.handle(BellInput::Marked(Err(ApiError::network())), 10, 300).is_empty());
    assert_eq!((bell.unread(), bell.wake_at()), (0, Some(310)));
    assert_eq!(bell.handle(BellInput::Tick, 310, 0), [all]);
}

#[test]
fn reading_all_leaves_what_comes_after_it() {
    let mut bell = live(120);
    bell.handle(BellInput::ReadAll, 6, 0);
    hear(&mut bell, ServerFrame::Notification { data: Box::new(told(121, false)) });
    assert_eq!(bell.unread(), 1);
    assert!(bell.handle(BellInput::Marked(Ok(())), 7, 0).is_empty());
    let up_to = Some(id(120));
    hear(&mut bell, ServerFrame::NotificationRead(NotificationRead { ids: Vec::new(), up_to, unread: 1 }));
    assert_eq!((bell.unread(), bell.notifications(true).count()), (1, 1));
}

#[test]
fn a_page_that_does_not_show_the_first_page_yet_gets_no_second_one() {
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
fn the_bell_of_another_tab_begins_where_this_one_is() {
    let mut bell = live(70);
    hear(&mut bell, read(&[70], 69));
    let mut follower = Bell::new(0);
    follower.handle(BellInput::Tick, 0, 0);
    let greeting = ServerFrame::parse(&bell.greeting().unwrap()).unwrap();
    hear(&mut follower, greeting);
    assert_eq!((follower.link(), follower.unread()), (Link::Live, 69));
    assert!(follower.notifications(false).eq(bell.notifications(false)));
    assert!(follower.more(false) && Bell::new(0).greeting().is_none());
}

#[test]
fn another_user_who_signs_in_ends_it() {
    let mut bell = live(3);
    assert_eq!(bell.handle(BellInput::OtherUser, 10, 0), [BellEffect::Close]);
    assert_eq!((bell.link(), bell.wake_at()), (Link::OtherUser, None));
    assert_eq!(bell.handle(BellInput::Read(id(2)), 11, 0), [BellEffect::Mark(Mark::Ids(vec![id(2)]))]);
    assert_eq!(bell.handle(BellInput::OtherUser, 12, 0), []);
    assert_eq!(bell.handle(BellInput::Woken, 13, 0), CONNECT);
}
