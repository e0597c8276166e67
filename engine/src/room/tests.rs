use uuid::Uuid;

use super::*;
use crate::{Epoch, EventId, UserId};

const OLD: Epoch = Epoch::new(Uuid::from_u128(1));
const NEW: Epoch = Epoch::new(Uuid::from_u128(2));
const ANN: UserId = UserId::new(Uuid::from_u128(11));
const BOB: UserId = UserId::new(Uuid::from_u128(12));

#[derive(Clone, Debug, PartialEq)]
struct Line(u64, Option<Rights>);

impl Sequenced for Line {
    fn seq(&self) -> u64 {
        self.0
    }

    fn id(&self) -> EventId {
        event_id(self.0)
    }

    fn prev(&self) -> Option<EventId> {
        Some(event_id(self.0 - 1))
    }

    fn rights(&self) -> Option<Rights> {
        self.1
    }
}

fn event_id(seq: u64) -> EventId {
    EventId::new(Uuid::from_u128(u128::from(seq)))
}

fn line(seq: u64) -> Line {
    Line(seq, None)
}

fn place(epoch: Epoch, seq: u64) -> LogPlace {
    LogPlace { epoch, seq }
}

fn socket(user: UserId) -> SocketId {
    SocketId::new(if user == ANN { 1 } else { 2 })
}

fn join(user: UserId, checked: u64, since: Option<u64>) -> RoomInput<Line> {
    let resume = since.map(|since| Resume { epoch: Some(OLD), since, last: None });
    RoomInput::Join(Join { socket: socket(user), user, checked: place(OLD, checked), resume, may_rotate: false })
}

fn located(epoch: Epoch, seq: u64, readers: &[UserId]) -> RoomInput<Line> {
    RoomInput::Located(Ok(Some(Located {
        place: place(epoch, seq),
        last: Some(event_id(seq)),
        readers: readers.to_vec(),
    })))
}

/// The events after `since`, up to the log's end.
fn page(epoch: Epoch, since: u64, seq: u64) -> RoomInput<Line> {
    RoomInput::Page(Ok(Some(Page {
        epoch,
        seq,
        min_seq: 1,
        since,
        before: Some(event_id(since)),
        events: (since + 1..=seq).map(line).collect(),
    })))
}

fn offer(events: &[Line]) -> RoomInput<Line> {
    RoomInput::Offer { epoch: OLD, events: events.to_vec() }
}

fn entered(user: UserId, since: u64, seq: u64) -> RoomEffect<Line> {
    RoomEffect::Enter(socket(user), Welcome::Sync { epoch: OLD, since, events: (since + 1..=seq).map(line).collect() })
}

/// A room at `seq` with Ann in it.
fn room(seq: u64) -> Room<Line> {
    let mut room = Room::new(20);
    assert_eq!(room.handle(join(ANN, seq, None), 0, 0), [RoomEffect::Locate]);
    let effects = room.handle(located(OLD, seq, &[ANN, BOB]), 0, 0);
    assert_eq!(effects, [RoomEffect::Enter(socket(ANN), Welcome::Sync { epoch: OLD, since: seq, events: vec![] })]);
    room
}

#[test]
fn events_during_the_locate_follow_the_sync() {
    let mut room = Room::new(20);
    room.handle(join(ANN, 5, None), 0, 0);
    assert_eq!(room.handle(offer(&[line(6), line(7)]), 0, 0), []);
    let effects = room.handle(located(OLD, 6, &[ANN]), 0, 0);
    assert_eq!(effects, [RoomEffect::Deliver(vec![line(7)]), entered(ANN, 7, 7)]);
}

#[test]
fn a_gap_is_read_once_after_a_wait() {
    let mut room = room(5);
    assert_eq!(room.handle(offer(&[line(8)]), 100, 0), []);
    assert_eq!(room.wake_at(), Some(120));
    assert_eq!(room.handle(RoomInput::Tick, 119, 0), []);
    assert_eq!(room.handle(RoomInput::Tick, 120, 0), [RoomEffect::Read { since: 5, gap: true }]);
    assert_eq!((room.wake_at(), room.handle(RoomInput::Tick, 500, 0)), (None, vec![]));
    let effects = room.handle(page(OLD, 5, 7), 510, 0);
    assert_eq!(effects, [RoomEffect::Deliver((6..=8).map(line).collect())]);
    assert_eq!((room.position(), room.wake_at()), (Some(place(OLD, 8)), None));
}

#[test]
fn events_missing_from_the_log_are_given_up() {
    let mut room = room(5);
    room.handle(offer(&[line(9)]), 0, 0);
    let mut reads = 0;
    let forgot = loop {
        let now = room.wake_at().unwrap();
        assert_eq!(room.handle(RoomInput::Tick, now, 0), [RoomEffect::Read { since: 5, gap: true }]);
        reads += 1;
        match room.handle(page(OLD, 5, 5), now, 0).as_slice() {
            [] => {}
            effects => break effects.to_vec(),
        }
    };
    assert_eq!((forgot, reads, room.wake_at()), (vec![RoomEffect::Phantoms], 5, None));
}

#[test]
fn one_read_serves_all_returning_sockets() {
    let mut room = room(5);
    assert_eq!(room.handle(join(BOB, 5, Some(2)), 0, 0), [RoomEffect::Read { since: 2, gap: false }]);
    room.handle(RoomInput::Leave(socket(ANN)), 0, 0);
    assert_eq!(room.handle(join(ANN, 5, Some(3)), 0, 0), []);
    let effects = room.handle(page(OLD, 2, 6), 0, 0);
    assert_eq!(effects, [RoomEffect::Deliver(vec![line(6)]), entered(BOB, 2, 6), entered(ANN, 3, 6)]);
}

#[test]
fn no_event_is_delivered_after_access_ends() {
    let mut room = room(5);
    room.handle(join(BOB, 5, None), 0, 0);
    let removal = Line(6, Some(Rights::Lost(BOB)));
    let effects = room.handle(offer(&[removal.clone(), line(7)]), 0, 0);
    let expel = RoomEffect::Expel(vec![socket(BOB)]);
    assert_eq!(effects, [RoomEffect::Deliver(vec![removal]), expel, RoomEffect::Deliver(vec![line(7)])]);
    let refused = [RoomEffect::Refuse(socket(BOB), JoinRefusal::AccessChanged)];
    assert_eq!(room.handle(join(BOB, 5, None), 0, 0), refused, "checked before the removal");
    assert_eq!(room.handle(join(BOB, 8, None), 0, 0), [entered(BOB, 7, 7)], "taken in again");
}

#[test]
fn an_old_removal_does_not_affect_a_later_check() {
    let mut room = room(5);
    room.handle(join(BOB, 7, None), 0, 0);
    let removal = Line(6, Some(Rights::Lost(BOB)));
    assert_eq!(room.handle(offer(std::slice::from_ref(&removal)), 0, 0), [RoomEffect::Deliver(vec![removal])]);
}

#[test]
fn another_log_restarts_the_room_and_rechecks_its_members() {
    let mut room = room(5);
    room.handle(join(BOB, 5, None), 0, 0);
    room.handle(RoomInput::LogEnd(Some(place(NEW, 3))), 0, 0);
    assert_eq!(room.handle(RoomInput::Tick, 20, 0), [RoomEffect::Read { since: 5, gap: true }]);
    assert_eq!(room.handle(page(NEW, 5, 5), 20, 0), [RoomEffect::Locate]);
    let effects = room.handle(located(NEW, 3, &[ANN]), 30, 0);
    let expected = [RoomEffect::Expel(vec![socket(BOB)]), RoomEffect::Resync(ResyncReason::Epoch, place(NEW, 3))];
    assert_eq!(effects, expected);
}

#[test]
fn an_older_access_check_needs_confirmation_by_the_log() {
    let mut room = Room::new(20);
    room.handle(join(ANN, 5, None), 0, 0);
    // Removed at 6, while the room was being located: no event will report it.
    let effects = room.handle(located(OLD, 7, &[BOB]), 0, 0);
    assert_eq!(effects, [RoomEffect::Refuse(socket(ANN), JoinRefusal::AccessChanged)]);
    assert_eq!(room.handle(join(BOB, 6, None), 0, 0), [RoomEffect::Refuse(socket(BOB), JoinRefusal::AccessChanged)]);
}

#[test]
fn a_failed_read_refuses_waiting_sockets_and_is_retried_for_members() {
    let mut room = room(5);
    room.handle(offer(&[line(7)]), 0, 0);
    room.handle(join(BOB, 5, Some(2)), 0, 0);
    let effects = room.handle(RoomInput::Page(Err(Unavailable)), 10, 0);
    assert_eq!(effects, [RoomEffect::Refuse(socket(BOB), JoinRefusal::Unavailable)]);
    assert_eq!(room.wake_at(), Some(90));
    assert_eq!(room.handle(RoomInput::Tick, 90, 0), [RoomEffect::Read { since: 5, gap: true }]);
}

#[test]
fn a_deleted_project_closes_its_room() {
    let mut room = room(5);
    room.handle(RoomInput::LogEnd(None), 0, 0);
    assert_eq!(room.handle(RoomInput::Tick, 20, 0), [RoomEffect::Read { since: 5, gap: true }]);
    assert_eq!(room.handle(RoomInput::Page(Ok(None)), 20, 0), [RoomEffect::Expel(vec![socket(ANN)])]);
    assert_eq!(room.wake_at(), None);
}

/// A client that returns with an event that may not be in the log.
fn back(user: UserId, since: u64, last: u64, may_rotate: bool) -> RoomInput<Line> {
    let resume = Some(Resume { epoch: Some(OLD), since, last: Some(event_id(last)) });
    RoomInput::Join(Join { socket: socket(user), user, checked: place(OLD, 5), resume, may_rotate })
}

#[test]
fn a_room_ahead_of_its_log_rotates_the_epoch() {
    let mut room = room(5);
    let (top, last) = (place(OLD, 3), Some(event_id(3)));
    assert_eq!(room.handle(RoomInput::Compared { asked_at: Some(place(OLD, 5)), top, last }, 0, 0), []);
    assert_eq!(room.handle(RoomInput::Tick, 20, 0), [RoomEffect::Read { since: 5, gap: true }]);
    let short = Page { epoch: OLD, seq: 3, min_seq: 1, since: 5, before: None, events: vec![] };
    let rotate = RoomEffect::RotateEpoch { epoch: OLD, claimed_by: None };
    assert_eq!(room.handle(RoomInput::Page(Ok(Some(short))), 20, 0), std::slice::from_ref(&rotate));
    // Nothing is delivered meanwhile, and failures are retried.
    assert_eq!(room.handle(offer(&[line(4)]), 21, 0), []);
    assert_eq!(room.handle(RoomInput::Located(Err(Unavailable)), 30, 0), []);
    let again = room.wake_at().unwrap();
    assert_eq!(room.handle(RoomInput::Tick, again, 0), [rotate]);
    let effects = room.handle(located(NEW, 3, &[ANN, BOB]), again, 0);
    assert_eq!(effects, [RoomEffect::Resync(ResyncReason::Epoch, place(NEW, 3))]);
    assert_eq!((room.position(), room.wake_at()), (Some(place(NEW, 3)), None));
}

#[test]
fn a_cursor_with_another_event_is_of_another_log() {
    let mut room = room(5);
    assert_eq!(room.handle(back(BOB, 5, 5, true), 0, 0), [entered(BOB, 5, 5)]);
    room.handle(RoomInput::Leave(socket(BOB)), 0, 0);
    let effects = room.handle(back(BOB, 5, 55, true), 0, 0);
    assert_eq!(effects, [RoomEffect::RotateEpoch { epoch: OLD, claimed_by: Some(BOB) }]);
    let (anew, top) = (Welcome::Resync(ResyncReason::Epoch, place(NEW, 5)), place(NEW, 5));
    let effects = room.handle(located(NEW, 5, &[ANN, BOB]), 0, 0);
    assert_eq!(effects, [RoomEffect::Resync(ResyncReason::Epoch, top), RoomEffect::Enter(socket(BOB), anew)]);
}

#[test]
fn a_rejected_cursor_does_not_affect_other_sockets() {
    let mut room = room(5);
    let resync = RoomEffect::Enter(socket(BOB), Welcome::Resync(ResyncReason::Epoch, place(OLD, 5)));
    assert_eq!(room.handle(back(BOB, 5, 55, false), 0, 0), [resync]);
}

#[test]
fn a_failed_epoch_rotation_is_not_repeated_forever() {
    let mut room = room(5);
    room.handle(back(BOB, 5, 55, true), 0, 0);
    let effects = room.handle(located(OLD, 5, &[ANN, BOB]), 0, 0);
    let resync = Welcome::Resync(ResyncReason::Epoch, place(OLD, 5));
    assert!(effects.contains(&RoomEffect::Enter(socket(BOB), resync)), "{effects:?}");
}

#[test]
fn a_cursor_ahead_of_the_room_is_looked_up_in_the_log() {
    let mut room = room(5);
    assert_eq!(room.handle(back(BOB, 7, 7, true), 0, 0), [RoomEffect::Read { since: 5, gap: false }]);
    // The room was only late.
    let effects = room.handle(page(OLD, 5, 7), 0, 0);
    assert_eq!(effects, [RoomEffect::Deliver(vec![line(6), line(7)]), entered(BOB, 7, 7)]);
}

#[test]
fn an_event_before_the_ring_is_read_from_the_log() {
    let mut room = room(5);
    assert_eq!(room.handle(back(BOB, 2, 2, true), 0, 0), [RoomEffect::Read { since: 2, gap: false }]);
    assert_eq!(room.handle(page(OLD, 2, 5), 0, 0), [entered(BOB, 2, 5)]);
    room.handle(RoomInput::Leave(socket(BOB)), 0, 0);
    let effects = room.handle(back(BOB, 2, 22, true), 0, 0);
    assert_eq!(effects, [RoomEffect::RotateEpoch { epoch: OLD, claimed_by: Some(BOB) }]);
}
