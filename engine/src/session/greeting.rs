//! The frame by which one tab's session brings another tab's up to date.

use serde::Serialize;

use super::Session;
use crate::{Epoch, EventId, wire::Presence};

impl Session {
    /// A `sync` frame with this session's position: the other session starts as on a new socket, and fetches what it
    /// has missed. `None` before this session is synced.
    pub fn greeting(&self) -> Option<String> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename = "sync")]
        struct Greeting<'a> {
            epoch: Epoch,
            seq: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            last: Option<EventId>,
            recovered: bool,
            events: [(); 0],
            presence: &'a [Presence],
        }
        let position = self.cursor.position();
        // A replaced log is no place to start: answers to the other tab's earlier requests may still come from it.
        let (epoch, seq) = self.cursor.successor().unwrap_or((self.cursor.epoch(), self.cursor.top()));
        let greeting = Greeting {
            epoch,
            seq,
            last: position.last.filter(|_| epoch == self.cursor.epoch() && position.since == seq),
            // If this session is lost or in doubt, its position is of no use to the other.
            recovered: !self.cursor.is_lost() && !self.cursor.is_doubted(),
            events: [],
            presence: self.people.all(),
        };
        self.synced.then(|| serde_json::to_string(&greeting).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use crate::{
        Epoch, Project, ProjectId, Snapshot, Timestamp, UserId,
        session::{Link, Session, SessionEffect, SessionInput},
        wire::{ResyncReason, ServerFrame},
    };

    /// A session that has started to connect.
    fn session() -> Session {
        let at = Timestamp::from_millis(0);
        let id = ProjectId::new(Uuid::from_u128(1));
        let snapshot = Snapshot {
            epoch: Epoch::new(Uuid::from_u128(9)),
            seq: 3,
            last: None,
            project: Project { id, name: String::new(), created_at: at, updated_at: at, role: None },
            statuses: Vec::new(),
            tasks: Vec::new(),
            unreadable: 0,
            members: Vec::new(),
            labels: Vec::new(),
        };
        let mut session = Session::new(snapshot, UserId::new(Uuid::from_u128(5)), 0);
        session.handle(SessionInput::Tick, 0, 0);
        session
    }

    fn greeted(by: &Session) -> (Session, Vec<SessionEffect>) {
        let mut other = session();
        let frame = ServerFrame::parse(&by.greeting().unwrap()).unwrap();
        let effects = other.handle(SessionInput::Frame(frame), 0, 0);
        (other, effects)
    }

    #[test]
    fn a_greeting_makes_the_other_session_live() {
        let mut leader = session();
        assert_eq!(leader.greeting(), None, "it knows nothing yet");
        let sync = r#"{"type":"sync","epoch":"00000000-0000-0000-0000-000000000009","seq":3,"recovered":true,"events":[],"presence":[]}"#;
        leader.handle(SessionInput::Frame(ServerFrame::parse(sync).unwrap()), 0, 0);
        let (other, effects) = greeted(&leader);
        assert_eq!((other.link(), effects), (Link::Live, vec![]));
    }

    #[test]
    fn a_lost_session_makes_the_other_fetch_the_board() {
        let mut leader = session();
        let (epoch, seq) = (Epoch::new(Uuid::from_u128(10)), 3);
        leader.handle(SessionInput::Frame(ServerFrame::Resync { reason: ResyncReason::Epoch, epoch, seq }), 0, 0);
        let (other, effects) = greeted(&leader);
        assert_ne!(other.link(), Link::Live, "the other would not hear of the new log");
        assert_eq!(effects, [SessionEffect::FetchSnapshot]);
    }

    #[test]
    fn a_board_of_the_replaced_log_does_not_make_the_other_session_live() {
        let mut leader = session();
        let resync = |epoch: u128| ServerFrame::Resync {
            reason: ResyncReason::Epoch,
            epoch: Epoch::new(Uuid::from_u128(epoch)),
            seq: 3,
        };
        let board = |session: &Session| SessionInput::Snapshot(Ok(Box::new(session.confirmed().snapshot())));
        // The other has lost its way, and asks for the board while it is still in the log that there was.
        let mut other = session();
        other.handle(SessionInput::Frame(resync(11)), 0, 0);
        let old = board(&session());
        leader.handle(SessionInput::Frame(resync(10)), 0, 0);
        other.handle(SessionInput::Closed { code: 1006 }, 0, 0);
        other.handle(SessionInput::Woken, 0, 0);
        other.handle(SessionInput::Frame(ServerFrame::parse(&leader.greeting().unwrap()).unwrap()), 0, 0);
        other.handle(old, 0, 0);
        assert_ne!(other.link(), Link::Live, "the leader knows that this log is no more");
    }
}
