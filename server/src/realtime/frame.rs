//! The frames that the server writes. Events are in them as the log has them: encoded once.

use axum::extract::ws::Utf8Bytes;
use engine::{
    Epoch, UserId,
    limit::FRAME_BYTES,
    wire::{Presence, ResyncReason, ServerFrame},
};

use super::Logged;

/// Are you there?
pub(super) const PING: Utf8Bytes = Utf8Bytes::from_static(r#"{"type":"ping"}"#);
/// The answer to a client's `ping`.
pub(super) const PONG: Utf8Bytes = Utf8Bytes::from_static(r#"{"type":"pong"}"#);
/// The first frame of a bell.
pub(super) const NO_NOTIFICATIONS: Utf8Bytes =
    Utf8Bytes::from_static(r#"{"type":"unread_sync","notifications":[],"unread":0}"#);

/// Fetch the board again.
pub(super) fn resync(reason: ResyncReason, epoch: Epoch, seq: u64) -> Utf8Bytes {
    encode(&ServerFrame::Resync { reason, epoch, seq })
}

/// Who came, who went, who is at something else.
pub(super) fn presence(join: Vec<Presence>, leave: Vec<UserId>, editing: Vec<Presence>) -> Utf8Bytes {
    encode(&ServerFrame::Presence { join, leave, editing })
}

/// The server closes this socket; come back after `retry_ms`.
pub(super) fn bye(code: u16, reason: &str, retry_ms: u64) -> Utf8Bytes {
    encode(&ServerFrame::Bye { code, reason: reason.to_owned(), retry_ms })
}

/// The first frame of a board's socket, with the `events` after `since`. What would make it larger
/// than a frame may be follows in `batch` frames, and an event that is larger on its own as itself.
pub(super) fn sync<'a>(
    epoch: Epoch,
    since: u64,
    events: impl Iterator<Item = &'a Logged>,
    presence: &[Presence],
) -> Vec<Utf8Bytes> {
    let presence = serde_json::to_string(presence).unwrap_or_else(|_| "[]".into());
    let mut frames = Vec::new();
    let mut part = Part { from: since, to: since, events: String::new() };
    // Room for the words around the events.
    let mut room = FRAME_BYTES.saturating_sub(presence.len() + 256);
    let mut presence = Some(presence);
    for event in events {
        if part.events.len() + event.frame.len() + 1 > room {
            frames.extend(part.close(epoch, presence.take()));
            room = FRAME_BYTES - 256;
        }
        if event.frame.len() > room {
            frames.extend(part.close(epoch, presence.take()));
            frames.push(event.frame.clone());
            part.to = event.seq;
            part.from = event.seq;
            continue;
        }
        part.push(event);
    }
    frames.extend(part.close(epoch, presence.take()));
    frames
}

/// Events of one frame: those after `from`, up to `to`.
struct Part {
    from: u64,
    to: u64,
    events: String,
}

impl Part {
    fn push(&mut self, event: &Logged) {
        if !self.events.is_empty() {
            self.events.push(',');
        }
        self.events.push_str(event.frame.as_str());
        self.to = event.seq;
    }

    /// Ends a frame and begins the next one. The first one is a `sync`, whether it has events or not.
    fn close(&mut self, epoch: Epoch, sync: Option<String>) -> Option<Utf8Bytes> {
        let Self { from, to, events } = self;
        let frame = match sync {
            Some(presence) => format!(
                r#"{{"type":"sync","epoch":"{epoch}","seq":{to},"recovered":true,"events":[{events}],"presence":{presence}}}"#
            ),
            None if events.is_empty() => return None,
            None => format!(
                r#"{{"type":"batch","epoch":"{epoch}","from":{},"to":{to},"op_id":null,"events":[{events}]}}"#,
                *from + 1
            ),
        };
        events.clear();
        *from = *to;
        Some(frame.into())
    }
}

fn encode(frame: &ServerFrame) -> Utf8Bytes {
    // These frames hold ids, numbers and texts: nothing that could fail to be written as JSON.
    serde_json::to_string(frame).unwrap_or_else(|_| r#"{"type":"ping"}"#.into()).into()
}

#[cfg(test)]
mod tests {
    use engine::{Event, EventId};
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
        Logged { seq, event_id, op_id: None, frame: frame.to_string().into() }
    }

    fn read(frames: &[Utf8Bytes]) -> Vec<ServerFrame> {
        frames.iter().map(|frame| ServerFrame::parse(frame.as_str()).unwrap()).collect()
    }

    fn seqs(events: &[Event]) -> Vec<u64> {
        events.iter().map(|event| event.seq).collect()
    }

    #[test]
    fn a_sync_without_events_stands_at_the_cursor() {
        let frames = sync(EPOCH, 41, std::iter::empty(), &[]);
        let [ServerFrame::Sync(sync)] = &read(&frames)[..] else { panic!("{frames:?}") };
        assert_eq!((sync.epoch, sync.seq, sync.recovered, sync.events.len()), (EPOCH, 41, true, 0));
    }

    #[test]
    fn what_does_not_fit_follows_and_nothing_is_left_out() {
        let events: Vec<_> = (42..=541).map(|seq| event(seq, 700)).collect();
        let frames = sync(EPOCH, 41, events.iter(), &[]);
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
    fn an_event_too_large_for_a_frame_goes_as_itself() {
        let events = [event(1, 10), event(2, 2 * FRAME_BYTES), event(3, 10)];
        let frames = read(&sync(EPOCH, 0, events.iter(), &[]));
        let [ServerFrame::Sync(sync), ServerFrame::Event(large), ServerFrame::Batch(batch)] = &frames[..] else {
            panic!("{} frames", frames.len())
        };
        assert_eq!((sync.seq, large.seq, batch.from, batch.to), (1, 2, 3, 3));
        let first = read(&super::sync(EPOCH, 1, events[1..].iter(), &[]));
        assert!(matches!(&first[0], ServerFrame::Sync(sync) if sync.seq == 1 && sync.events.is_empty()));
    }
}
