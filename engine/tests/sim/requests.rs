//! What a page has asked for and has been told, and what it may not ask for because of that.

use std::collections::BTreeSet;

use engine::{
    ApiError, OpId,
    room::Place,
    session::{Effect, Input, Session},
    wire::{Batch, ServerFrame, close},
};

/// How long a fetch that was answered may put the next one off, in milliseconds.
const BACKOFF_MS: u64 = 30_000;

#[derive(Default)]
pub(crate) struct Requests {
    /// Ops whose answers are out, and that no batch of the log has confirmed.
    ops: BTreeSet<OpId>,
    /// Whether the answer to a fetch is out.
    fetching: bool,
    /// Until when a fetch that was answered may put the next one off.
    backoff_until: u64,
    /// Whether the server has said that its user is signed out, and the page has not come to the front since.
    signed_out: bool,
}

impl Requests {
    /// The session is about to hear something. True when it has to ask the server whether the log still has its cursor:
    /// a socket begins before it, under the epoch that it has.
    pub(crate) fn heard(&mut self, input: &Input, at: Place, now: u64) -> bool {
        match input {
            Input::Answered { op_id, .. } => drop(self.ops.remove(op_id)),
            Input::Frame(ServerFrame::Batch(Batch { op_id: Some(op_id), .. })) => drop(self.ops.remove(op_id)),
            Input::Events(_) | Input::Snapshot(_) => {
                self.fetching = false;
                self.backoff_until = now + BACKOFF_MS;
            }
            _ => {}
        }
        match input {
            Input::Closed { code: close::SIGN_IN } => self.signed_out = true,
            _ if refusal(input).is_some_and(|error| error.status == 401) => self.signed_out = true,
            Input::Woken => self.signed_out = false,
            _ => {}
        }
        let below = |epoch, seq| epoch == at.epoch && seq < at.seq;
        matches!(input, Input::Frame(ServerFrame::Sync(sync)) if below(sync.epoch, sync.seq))
            && !self.fetching
            && now >= self.backoff_until
    }

    /// The session has heard it, and wants this done. `doubts` is what [`Requests::heard`] said.
    pub(crate) fn wanted(&mut self, session: &Session, effects: &[Effect], doubts: bool) {
        for effect in effects {
            let asks = !matches!(effect, Effect::Close | Effect::Send(_) | Effect::Refused { .. });
            assert!(!asks || !self.signed_out, "a page that is signed out goes on: {effect:?}");
            match effect {
                Effect::Submit { op_id, .. } => {
                    let open = |other: &OpId| other != op_id && session.wishes().any(|wish| wish.op_id == *other);
                    assert!(!self.ops.iter().any(open), "two ops are under way at once");
                    self.ops.insert(*op_id);
                }
                Effect::FetchEvents(_) | Effect::FetchSnapshot => self.fetching = true,
                _ => {}
            }
        }
        // A session that was told nothing by its socket, as none of its own is open, has no greeting for others.
        let asked = self.fetching || session.greeting().is_none();
        assert!(!doubts || asked, "a socket begins before the cursor, in its epoch, and nobody asks");
    }
}

/// With which error a request was answered.
fn refusal(input: &Input) -> Option<&ApiError> {
    match input {
        Input::Answered { result, .. } => result.as_ref().err(),
        Input::Events(result) => result.as_ref().err(),
        Input::Snapshot(result) => result.as_ref().err(),
        _ => None,
    }
}
