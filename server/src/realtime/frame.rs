//! The frames that the server sends. Events are inserted as logged: encoded once.

use engine::{
    Comment, Epoch, EventId, OpId, TaskId, UserId,
    limit::FRAME_BYTES,
    notification::NotificationPage,
    wire::{Presence, ResyncReason, ServerFrame, Subscribed},
};

use super::{Logged, log::ThreadChanges, scope};
use crate::frame_text::FrameText;

/// Asks a client for a sign of life.
pub(super) const PING: FrameText = FrameText::from_static(r#"{"type":"ping"}"#);
/// Answers a client's `ping`.
pub(super) const PONG: FrameText = FrameText::from_static(r#"{"type":"pong"}"#);

/// People per frame.
const MAX_PEOPLE: usize = 10;

/// Tells a client to fetch the board again.
pub(super) fn resync(reason: ResyncReason, epoch: Epoch, seq: u64) -> FrameText {
    encode(&ServerFrame::Resync { reason, epoch, seq })
}

/// Changes of presence. In small frames, because a socket's memory grows to its largest frame.
pub(super) fn presence(join: &[Presence], leave: &[UserId], editing: &[Presence]) -> Vec<FrameText> {
    let frame = |join: &[Presence], leave: &[UserId], editing: &[Presence]| {
        encode(&ServerFrame::Presence { join: join.to_vec(), leave: leave.to_vec(), editing: editing.to_vec() })
    };
    let join = join.chunks(MAX_PEOPLE).map(|join| frame(join, &[], &[]));
    let leave = leave.chunks(MAX_PEOPLE).map(|leave| frame(&[], leave, &[]));
    join.chain(leave).chain(editing.chunks(MAX_PEOPLE).map(|editing| frame(&[], &[], editing))).collect()
}

/// Announces the close of a socket; the client reconnects after `retry_ms`.
pub(super) fn bye(code: u16, reason: &str, retry_ms: u64) -> FrameText {
    encode(&ServerFrame::Bye { code, reason: reason.to_owned(), retry_ms })
}

/// The first frame of a notification socket, and every resend of its state.
pub(super) fn unread_sync(NotificationPage { notifications, unread, .. }: NotificationPage) -> FrameText {
    encode(&ServerFrame::UnreadSync { notifications, unread })
}

/// Confirms a subscription to a task's comments. What does not fit into a frame has to be fetched.
pub(super) fn subscribed(task: TaskId, since: Option<u64>, changes: ThreadChanges) -> FrameText {
    let ThreadChanges { seq, comments, complete } = changes;
    let frame = |comments, complete| {
        encode(&ServerFrame::Subscribed(Subscribed { scope: scope::name(task), since, seq, comments, complete }))
    };
    let whole = frame(comments, complete);
    if whole.len() <= FRAME_BYTES { whole } else { frame(Vec::new(), false) }
}

/// Denies a subscription.
pub(super) fn denied(scope: String) -> FrameText {
    encode(&ServerFrame::Denied { scope })
}

/// The current state of a comment.
pub(super) fn comment(comment: Comment) -> FrameText {
    encode(&ServerFrame::Comment { comment: Box::new(comment) })
}

/// The first frame of a board socket, with the `events` after `since`; `last` is the event at `since`. Events beyond
/// the frame size follow in `batch` frames, an event larger than a frame on its own; most people of a crowd follow in
/// `presence` frames.
pub(super) fn sync<'a>(
    epoch: Epoch,
    since: u64,
    last: Option<EventId>,
    events: impl Iterator<Item = &'a Logged>,
    presence: &[Presence],
) -> Vec<FrameText> {
    let (named, others) = presence.split_at(presence.len().min(MAX_PEOPLE));
    let named = serde_json::to_string(named).unwrap_or_else(|_| "[]".into());
    let mut frames = Part { last, after: last, ..Part::new(epoch, since, Some(named)) }.frames(events);
    frames.extend(self::presence(others, &[], &[]));
    frames
}

/// Consecutive events: a single one as itself, several in `batch` frames, so that a change of hundreds of tasks takes
/// few frames.
pub(super) fn events(epoch: Epoch, events: &[Logged]) -> Vec<FrameText> {
    match events {
        [first, _, ..] => Part::new(epoch, first.seq - 1, None).frames(events.iter()),
        _ => events.iter().map(|event| event.frame.clone()).collect(),
    }
}

/// The events of one frame: those after `from`, up to `to`.
struct Part {
    epoch: Epoch,
    from: u64,
    to: u64,
    /// The id of the event at `to`, if known.
    last: Option<EventId>,
    /// The id of the event before these, if known.
    after: Option<EventId>,
    events: String,
    /// The people on the board: makes it a `sync`.
    presence: Option<String>,
    /// The op of the last event, and whether another op ended before it.
    op_id: Option<OpId>,
    mixed: bool,
}

impl Part {
    fn new(epoch: Epoch, since: u64, presence: Option<String>) -> Self {
        Self {
            epoch,
            from: since,
            to: since,
            last: None,
            after: None,
            events: String::new(),
            presence,
            op_id: None,
            mixed: false,
        }
    }

    fn frames<'a>(mut self, events: impl Iterator<Item = &'a Logged>) -> Vec<FrameText> {
        let mut frames = Vec::new();
        for event in events {
            if self.events.len() + event.frame.len() + 1 > self.room() {
                frames.extend(self.close());
            }
            if event.frame.len() > self.room() {
                // Only a `sync` may come first.
                frames.extend(self.close());
                frames.push(event.frame.clone());
                (self.from, self.to) = (event.seq, event.seq);
            } else {
                self.push(event);
            }
        }
        frames.extend(self.close());
        frames
    }

    /// Bytes left for events, beside the surrounding JSON.
    fn room(&self) -> usize {
        FRAME_BYTES.saturating_sub(self.presence.as_ref().map_or(0, String::len) + 256)
    }

    fn push(&mut self, event: &Logged) {
        if !self.events.is_empty() {
            self.events.push(',');
        }
        self.events.push_str(event.frame.as_str());
        (self.to, self.last) = (event.seq, Some(event.event_id));
        self.mixed |= self.op_id.is_some();
        self.op_id = event.op_id;
    }

    /// Completes a frame and starts the next one. A `sync` is emitted even without events.
    fn close(&mut self) -> Option<FrameText> {
        let Self { epoch, from, to, events, .. } = self;
        let op_id = self.op_id.take().filter(|_| !self.mixed);
        self.mixed = false;
        let frame = match self.presence.take() {
            Some(presence) => {
                let last = self.last.map_or_else(String::new, |last| format!(r#""last":"{last}","#));
                let after = self.after.filter(|_| !events.is_empty());
                let after = after.map_or_else(String::new, |after| format!(r#""after":"{after}","#));
                format!(
                    r#"{{"type":"sync","epoch":"{epoch}","seq":{to},{last}{after}"recovered":true,"events":[{events}],"presence":{presence}}}"#
                )
            }
            None if events.is_empty() => return None,
            None => {
                let op_id = op_id.map_or_else(|| "null".into(), |op_id| format!(r#""{op_id}""#));
                format!(
                    r#"{{"type":"batch","epoch":"{epoch}","from":{},"to":{to},"op_id":{op_id},"events":[{events}]}}"#,
                    *from + 1
                )
            }
        };
        events.clear();
        *from = *to;
        Some(frame.into())
    }
}

/// Encodes a frame.
pub(super) fn encode(frame: &ServerFrame) -> FrameText {
    // These frames contain ids, numbers and texts, which always serialise.
    serde_json::to_string(frame).unwrap_or_else(|_| r#"{"type":"ping"}"#.into()).into()
}

#[cfg(test)]
mod tests {
    use engine::{Event, wire::PresenceMode};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    const EPOCH: Epoch = Epoch::new(Uuid::from_u128(7));

    fn event(seq: u64, padding: usize) -> Logged {
        let event_id = EventId::new(Uuid::from_u128(u128::from(seq)));
        let frame = json!({
            "type": "something", "event_id": event_id, "epoch": EPOCH, "seq": seq, "op_id": null,
            "data": "x".repeat(padding), "triggered_by": Uuid::nil(), "timestamp": "2026-11-21T00:00:00.000Z",
        });
        Logged { seq, event_id, prev: None, op_id: None, frame: frame.to_string().into() }
    }

    fn read(frames: &[FrameText]) -> Vec<ServerFrame> {
        frames.iter().map(|frame| ServerFrame::parse(frame.as_str()).unwrap()).collect()
    }

    fn seqs(events: &[Event]) -> Vec<u64> {
        events.iter().map(|event| event.seq).collect()
    }

    #[test]
    fn a_sync_without_events_has_the_position_of_the_cursor() {
        let frames = sync(EPOCH, 41, None, std::iter::empty(), &[]);
        let [ServerFrame::Sync(sync)] = &read(&frames)[..] else { panic!("{frames:?}") };
        assert_eq!((sync.epoch, sync.seq, sync.recovered, sync.events.len()), (EPOCH, 41, true, 0));
    }

    #[test]
    fn a_sync_names_the_event_before_its_own() {
        let before = EventId::new(Uuid::from_u128(41));
        let frames = sync(EPOCH, 41, Some(before), [event(42, 10)].iter(), &[]);
        let [ServerFrame::Sync(sync)] = &read(&frames)[..] else { panic!("{frames:?}") };
        assert_eq!((sync.after, sync.last), (Some(before), Some(EventId::new(Uuid::from_u128(42)))));
    }

    #[test]
    fn a_crowd_is_sent_in_small_frames() {
        let person = |number: usize| Presence {
            user_id: UserId::new(Uuid::from_u128(number as u128)),
            name: format!("Somebody with the name {number}"),
            task_id: None,
            mode: PresenceMode::View,
        };
        let crowd: Vec<_> = (0..95).map(person).collect();
        let frames = sync(EPOCH, 41, None, [event(42, 10)].iter(), &crowd);
        assert!(frames.iter().all(|frame| frame.len() < 2048));
        let mut named = Vec::new();
        for (index, frame) in read(&frames).into_iter().enumerate() {
            match frame {
                ServerFrame::Sync(sync) if index == 0 => named.extend(sync.presence),
                ServerFrame::Presence { join, .. } if index > 0 => named.extend(join),
                other => panic!("{index}: {other:?}"),
            }
        }
        assert_eq!(named, crowd);
    }

    #[test]
    fn events_that_do_not_fit_follow_and_none_is_missing() {
        let events: Vec<_> = (42..=541).map(|seq| event(seq, 700)).collect();
        let frames = sync(EPOCH, 41, None, events.iter(), &[]);
        assert!(frames.len() > 1 && frames.iter().all(|frame| frame.len() <= FRAME_BYTES));
        let mut all = Vec::new();
        for (index, frame) in read(&frames).into_iter().enumerate() {
            match frame {
                ServerFrame::Sync(sync) if index == 0 => {
                    all.extend(seqs(&sync.events));
                    assert_eq!(all.last(), Some(&sync.seq));
                }
                ServerFrame::Batch(batch) if index > 0 => {
                    assert_eq!(seqs(&batch.events), (batch.from..=batch.to).collect::<Vec<_>>());
                    all.extend(seqs(&batch.events));
                }
                other => panic!("{index}: {other:?}"),
            }
        }
        assert_eq!(all, (42..=541).collect::<Vec<_>>());
    }

    #[test]
    fn an_event_too_large_for_a_frame_is_sent_on_its_own() {
        let events = [event(1, 10), event(2, 2 * FRAME_BYTES), event(3, 10)];
        let frames = read(&sync(EPOCH, 0, None, events.iter(), &[]));
        let [ServerFrame::Sync(sync), ServerFrame::Event(large), ServerFrame::Batch(batch)] = &frames[..] else {
            panic!("{} frames", frames.len())
        };
        assert_eq!((sync.seq, large.seq, batch.from, batch.to), (1, 2, 3, 3));
        let first = read(&super::sync(EPOCH, 1, None, events[1..].iter(), &[]));
        assert!(matches!(&first[0], ServerFrame::Sync(sync) if sync.seq == 1 && sync.events.is_empty()));
    }

    #[test]
    fn the_events_of_one_op_are_sent_in_batches_that_fit_and_the_last_one_names_it() {
        let op_id = OpId::new(Uuid::from_u128(9));
        let mut events: Vec<_> = (42..=541).map(|seq| event(seq, 700)).collect();
        if let Some(last) = events.last_mut() {
            last.op_id = Some(op_id);
        }
        let frames = super::events(EPOCH, &events);
        assert!((6..12).contains(&frames.len()) && frames.iter().all(|frame| frame.len() <= FRAME_BYTES));
        let (mut next, mut ops) = (42, Vec::new());
        for frame in read(&frames) {
            let ServerFrame::Batch(batch) = frame else { panic!("{frame:?}") };
            assert_eq!((batch.epoch, batch.from), (EPOCH, next));
            assert_eq!(seqs(&batch.events), (batch.from..=batch.to).collect::<Vec<_>>());
            next = batch.to + 1;
            ops.push(batch.op_id);
        }
        assert_eq!(next, 542);
        assert_eq!(ops.pop(), Some(Some(op_id)));
        assert!(ops.iter().all(Option::is_none));
        // Two ops together: each event carries its own id.
        events.truncate(2);
        events.iter_mut().for_each(|event| event.op_id = Some(op_id));
        let [ServerFrame::Batch(batch)] = &read(&super::events(EPOCH, &events))[..] else { panic!("no batch") };
        assert_eq!(batch.op_id, None);
        let [ServerFrame::Event(_)] = &read(&super::events(EPOCH, &events[..1]))[..] else { panic!("no event") };
    }
}
