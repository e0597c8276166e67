//! The Redis payloads: versioned JSON, so that two builds can run side by side.

use engine::{Epoch, EventId, OpId};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{BusMessage, Committed, Topic};
use crate::realtime::{Logged, NotificationFrame, Revocation};

/// The version that this build writes and reads.
const VERSION: u32 = 1;
/// Larger events are announced rather than sent: reading the log is faster than having Redis copy them to every node.
pub(super) const LARGE: usize = 8 * 1024;

/// A decoded payload.
#[derive(Debug)]
pub(super) enum Decoded {
    /// A message of another process.
    Message(BusMessage),
    /// A message of this process.
    Echo,
    /// A probe of this process.
    Probe(u64),
    /// A message of another build that this one cannot read.
    UnknownVersion,
    /// No valid payload.
    Malformed,
}

/// Encodes a message.
pub(super) fn encode(instance: Uuid, message: &BusMessage) -> String {
    match message {
        BusMessage::Events(Committed { epoch, events, .. }) => {
            let size: usize = events.iter().map(|event| event.frame.len() + 1).sum();
            let mut text = String::with_capacity(size + 208);
            text.push_str(&format!(r#"{{"version":{VERSION},"instance_id":"{instance}","epoch":"{epoch}","events":["#));
            for (index, event) in events.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(event.frame.as_str());
            }
            text.push(']');
            if let Some(after) = events.first().and_then(|event| event.prev) {
                text.push_str(&format!(r#","after":"{after}""#));
            }
            text.push('}');
            text
        }
        BusMessage::Revoked(revocation) => {
            // Contains ids only, which always serialise.
            let revoked = serde_json::to_string(revocation).unwrap_or_default();
            format!(r#"{{"version":{VERSION},"instance_id":"{instance}","revoked":{revoked}}}"#)
        }
        BusMessage::Bell { frame, .. } => {
            format!(r#"{{"version":{VERSION},"instance_id":"{instance}","bell":{}}}"#, frame.frame().as_str())
        }
        BusMessage::Grown { epoch, from, to, .. } => {
            format!(r#"{{"version":{VERSION},"instance_id":"{instance}","epoch":"{epoch}","from":{from},"to":{to}}}"#)
        }
    }
}

/// Encodes a probe.
pub(super) fn probe(instance: Uuid, number: u64) -> String {
    format!(r#"{{"version":{VERSION},"instance_id":"{instance}","probe":{number}}}"#)
}

/// Decodes a payload received on the channel of a topic, or on a channel without topic.
pub(super) fn read(instance: Uuid, topic: Option<Topic>, payload: &[u8]) -> Decoded {
    #[derive(Deserialize)]
    struct Header {
        version: u32,
    }
    #[derive(Deserialize)]
    struct Body<'a> {
        version: u32,
        instance_id: Uuid,
        #[serde(default)]
        epoch: Option<Epoch>,
        #[serde(default, borrow)]
        events: Vec<&'a RawValue>,
        /// The event before the first of these. Older builds omit it.
        #[serde(default)]
        after: Option<EventId>,
        #[serde(default)]
        from: Option<u64>,
        #[serde(default)]
        to: Option<u64>,
        #[serde(default, borrow)]
        bell: Option<&'a RawValue>,
        #[serde(default)]
        probe: Option<u64>,
        #[serde(default)]
        revoked: Option<Revocation>,
    }
    let body = match serde_json::from_slice::<Body<'_>>(payload) {
        Ok(body) if body.version == VERSION => body,
        Ok(_) => return Decoded::UnknownVersion,
        Err(_) => {
            return match serde_json::from_slice::<Header>(payload) {
                Ok(header) if header.version != VERSION => Decoded::UnknownVersion,
                _ => Decoded::Malformed,
            };
        }
    };
    if body.instance_id == instance {
        return body.probe.map_or(Decoded::Echo, Decoded::Probe);
    }
    let (project_id, epoch) = match (topic, body.epoch) {
        (Some(Topic::Board(project_id)), Some(epoch)) => (project_id, epoch),
        (Some(Topic::Board(_)), None) => return Decoded::Malformed,
        (Some(Topic::Bell(user_id)), _) => {
            let frame = body.bell.and_then(|frame| NotificationFrame::parse(frame.get()));
            return frame.map_or(Decoded::Malformed, |frame| Decoded::Message(BusMessage::Bell { user_id, frame }));
        }
        (None, _) => {
            return body
                .revoked
                .map_or(Decoded::Malformed, |revocation| Decoded::Message(BusMessage::Revoked(revocation)));
        }
    };
    if let (Some(from), Some(to)) = (body.from, body.to) {
        return Decoded::Message(BusMessage::Grown { project_id, epoch, from, to });
    }
    match body.events.into_iter().map(logged).collect::<Option<Vec<_>>>() {
        Some(mut events) => {
            let mut prev = body.after;
            for event in &mut events {
                event.prev = prev.replace(event.event_id);
            }
            Decoded::Message(BusMessage::Events(Committed { project_id, epoch, events }))
        }
        None => Decoded::Malformed,
    }
}

fn logged(raw: &RawValue) -> Option<Logged> {
    #[derive(Deserialize)]
    struct Head {
        event_id: EventId,
        seq: u64,
        #[serde(default)]
        op_id: Option<OpId>,
    }
    let head: Head = serde_json::from_str(raw.get()).ok()?;
    Some(Logged { seq: head.seq, event_id: head.event_id, prev: None, op_id: head.op_id, frame: raw.get().into() })
}
