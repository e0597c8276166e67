//! The requests of one page: pending answers, and requests that break a guarantee.

use std::collections::BTreeSet;

use engine::{
    ApiError, OpId,
    room::LogPlace,
    session::{Session, SessionEffect, SessionInput},
    wire::{Batch, ServerFrame, close},
};

/// How long backoff may delay the next fetch, in milliseconds.
const BACKOFF_MS: u64 = 30_000;

#[derive(Default)]
pub(crate) struct Requests {
    /// Ops without an answer that no batch has confirmed either.
    ops: BTreeSet<OpId>,
    /// Whether a fetch of events or of the board is under way.
    fetching: bool,
    /// Until when backoff may delay the next fetch.
    backoff_until: u64,
    /// Whether the server has said that the user is signed out or has no access. Reset when the user returns.
    turned_away: bool,
}

impl Requests {
    /// Records an input before the session handles it. True if the session has to fetch the log: a socket starts below
    /// the cursor `at` in the same epoch, so this may be another log.
    pub(crate) fn answered(&mut self, input: &SessionInput, at: LogPlace, now: u64) -> bool {
        match input {
            SessionInput::Answered { op_id, .. } => drop(self.ops.remove(op_id)),
            SessionInput::Frame(ServerFrame::Batch(Batch { op_id: Some(op_id), .. })) => drop(self.ops.remove(op_id)),
            SessionInput::Events(_) | SessionInput::Snapshot(_) => {
                self.fetching = false;
                self.backoff_until = now + BACKOFF_MS;
            }
            _ => {}
        }
        match input {
            SessionInput::Closed { code: close::SIGN_IN | close::NO_ACCESS } => self.turned_away = true,
            SessionInput::Snapshot(Err(error)) if matches!(error.status, 403 | 404) => self.turned_away = true,
            _ if refusal(input).is_some_and(|error| error.status == 401) => self.turned_away = true,
            SessionInput::Woken => self.turned_away = false,
            _ => {}
        }
        let below = |epoch, seq| epoch == at.epoch && seq < at.seq;
        matches!(input, SessionInput::Frame(ServerFrame::Sync(sync)) if below(sync.epoch, sync.seq))
            && !self.fetching
            && now >= self.backoff_until
    }

    /// Checks the session's requests after the input. `doubts` is the result of [`Requests::answered`].
    pub(crate) fn requested(&mut self, session: &Session, effects: &[SessionEffect], doubts: bool) {
        for effect in effects {
            let asks = !matches!(effect, SessionEffect::Close | SessionEffect::Send(_) | SessionEffect::Refused { .. });
            assert!(!asks || !self.turned_away, "a page that was turned away asks for {effect:?}");
            match effect {
                SessionEffect::Submit { op_id, .. } => {
                    let open = |other: &OpId| other != op_id && session.pending_ops().any(|op| op.op_id == *other);
                    assert!(!self.ops.iter().any(open), "two ops are under way at once");
                    self.ops.insert(*op_id);
                }
                SessionEffect::FetchEvents(_) | SessionEffect::FetchSnapshot => {
                    assert!(!self.fetching, "two fetches are under way at once");
                    self.fetching = true;
                }
                _ => {}
            }
        }
        // Without a socket the session ignores the frame. Only a leader with a socket greets other tabs.
        let asked = self.fetching || session.greeting().is_none();
        assert!(!doubts || asked, "a socket begins below the cursor in its epoch, and the page asks nothing");
    }
}

/// The error that answers a request.
fn refusal(input: &SessionInput) -> Option<&ApiError> {
    match input {
        SessionInput::Answered { result, .. } => result.as_ref().err(),
        SessionInput::Events(result) => result.as_ref().err(),
        SessionInput::Snapshot(result) => result.as_ref().err(),
        _ => None,
    }
}
