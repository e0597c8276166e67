//! What a room reads in a logged event.

use engine::{
    Change, Event, EventId,
    comment::Commented,
    room::{Rights, Sequenced},
};

use crate::realtime::Logged;

impl Logged {
    /// The comment it is about, if any. Searched for like the [rights](Sequenced::rights).
    pub(super) fn comment(&self) -> Option<Commented> {
        let text = self.frame.as_str();
        if !text.contains(r#""type":"comment_"#) {
            return None;
        }
        match serde_json::from_str::<Event>(text).ok()?.change {
            Change::CommentCreated(commented)
            | Change::CommentUpdated(commented)
            | Change::CommentDeleted(commented) => Some(commented),
            _ => None,
        }
    }
}

impl Sequenced for Logged {
    fn seq(&self) -> u64 {
        self.seq
    }

    fn id(&self) -> EventId {
        self.event_id
    }

    fn prev(&self) -> Option<EventId> {
        self.prev
    }

    /// Most events cost no more than this search. Quotation marks inside texts are escaped, so no title can look like
    /// one of these.
    fn rights(&self) -> Option<Rights> {
        let text = self.frame.as_str();
        if !text.contains(r#""type":"member_removed""#) && !text.contains(r#""type":"project_deleted""#) {
            return None;
        }
        match serde_json::from_str::<Event>(text).ok()?.change {
            Change::MemberRemoved(member) => Some(Rights::Lost(member.user_id)),
            Change::ProjectDeleted(_) => Some(Rights::Gone),
            _ => None,
        }
    }
}
