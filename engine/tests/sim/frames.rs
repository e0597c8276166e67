//! Frames of a simulated node: those of `server::realtime::frame`, with fewer events each.

use std::rc::Rc;

use engine::{
    Epoch, EventId, OpId,
    room::LogPlace,
    wire::{ResyncReason, ServerFrame, close},
};

use crate::rows::Logged;

/// Most events in one frame.
const EVENTS: usize = 6;

pub(crate) fn encode(frame: &ServerFrame) -> Rc<str> {
    serde_json::to_string(frame).unwrap().into()
}

pub(crate) fn resync(reason: ResyncReason, LogPlace { epoch, seq }: LogPlace) -> Rc<str> {
    encode(&ServerFrame::Resync { reason, epoch, seq })
}

pub(crate) fn bye(reason: &str, retry_ms: u64) -> Rc<str> {
    encode(&ServerFrame::Bye { code: close::GOING_AWAY, reason: reason.to_owned(), retry_ms })
}

pub(crate) fn pong() -> Rc<str> {
    encode(&ServerFrame::Pong)
}

/// The first frame of a socket, and further ones for events that do not fit.
pub(crate) fn sync(epoch: Epoch, since: u64, last: Option<EventId>, missed: &[Logged]) -> Vec<Rc<str>> {
    let (first, rest) = missed.split_at(missed.len().min(EVENTS));
    let seq = since + first.len() as u64;
    let events = joined(first);
    let after = last.filter(|_| !first.is_empty()).map_or_else(String::new, |after| format!(r#""after":"{after}","#));
    let last = first.last().map(|event| event.id).or(last);
    let last = last.map_or_else(String::new, |last| format!(r#""last":"{last}","#));
    let sync = format!(
        r#"{{"type":"sync","epoch":"{epoch}","seq":{seq},{last}{after}"recovered":true,"events":[{events}],"presence":[]}}"#
    );
    let rest = rest.chunks(EVENTS).map(|part| batch(epoch, part, None));
    std::iter::once(sync.into()).chain(rest).collect()
}

/// Consecutive events: a single one as itself, several as a batch.
pub(crate) fn events(epoch: Epoch, events: &[Logged]) -> Vec<Rc<str>> {
    let [event] = events else {
        let ops = events.iter().filter(|event| event.op_id.is_some()).count();
        return events
            .chunks(EVENTS)
            .map(|part| batch(epoch, part, part.last().and_then(|last| last.op_id).filter(|_| ops == 1)))
            .collect();
    };
    vec![Rc::clone(&event.frame)]
}

fn batch(epoch: Epoch, events: &[Logged], op_id: Option<OpId>) -> Rc<str> {
    let (from, to) = (events[0].seq, events[0].seq + events.len() as u64 - 1);
    let op_id = serde_json::to_string(&op_id).unwrap();
    let events = joined(events);
    format!(r#"{{"type":"batch","epoch":"{epoch}","from":{from},"to":{to},"op_id":{op_id},"events":[{events}]}}"#)
        .into()
}

fn joined(events: &[Logged]) -> String {
    events.iter().map(|event| &*event.frame).collect::<Vec<_>>().join(",")
}
