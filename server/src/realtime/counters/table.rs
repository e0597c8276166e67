//! Counters with a label each.

use std::sync::atomic::{AtomicU64, Ordering};

use engine::wire::close;
use serde::{Serialize, Serializer};

/// Counters that are being incremented.
#[derive(Debug)]
pub(super) struct Cells<const N: usize>([AtomicU64; N]);

impl<const N: usize> Default for Cells<N> {
    fn default() -> Self {
        Self([const { AtomicU64::new(0) }; N])
    }
}

impl<const N: usize> Cells<N> {
    /// Adds to the counter of a label.
    pub(super) fn add(&self, index: usize, count: u64) {
        self.0[index].fetch_add(count, Ordering::Relaxed);
    }

    /// The current values.
    pub(super) fn read(&self) -> [u64; N] {
        self.0.each_ref().map(|count| count.load(Ordering::Relaxed))
    }
}

/// Closed sockets, by close code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closes(pub(super) [u64; Self::LABELS.len()]);

impl Closes {
    /// Every code with which the server closes a socket; 0 stands for any other.
    pub(super) const LABELS: [u16; 11] = [
        close::GOING_AWAY,
        close::TOO_SLOW,
        close::TOO_MANY_FRAMES,
        close::TOO_MANY_SOCKETS,
        close::NO_PONG,
        close::BAD_FRAME,
        close::SIGN_IN,
        close::NO_ACCESS,
        close::OTHER_USER,
        close::CLIENT_TOO_OLD,
        0,
    ];

    pub(super) fn index(code: u16) -> usize {
        Self::LABELS.iter().position(|label| *label == code).unwrap_or(Self::LABELS.len() - 1)
    }

    /// How many sockets were closed with this code.
    pub fn with(&self, code: u16) -> u64 {
        self.0[Self::index(code)]
    }
}

impl Serialize for Closes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Self::LABELS.iter().zip(self.0).filter(|(_, count)| *count > 0))
    }
}

/// Events, by type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(pub(super) [u64; Self::LABELS.len()]);

impl Kinds {
    pub(super) const LABELS: [&str; 19] = [
        "task_created",
        "task_updated",
        "task_status_changed",
        "task_deleted",
        "task_assigned",
        "task_restored",
        "tasks_reranked",
        "status_created",
        "status_updated",
        "status_deleted",
        "project_updated",
        "project_deleted",
        "member_added",
        "member_updated",
        "member_removed",
        "comment_created",
        "comment_updated",
        "comment_deleted",
        "other",
    ];

    /// The label of a logged event. Quotation marks inside texts are escaped, so the first such field is the event's.
    pub(super) fn index(frame: &str) -> usize {
        let kind = frame.split_once(r#""type":""#).and_then(|(_, rest)| rest.split_once('"')).map(|(kind, _)| kind);
        let known = kind.and_then(|kind| Self::LABELS.iter().position(|label| *label == kind));
        known.unwrap_or(Self::LABELS.len() - 1)
    }

    /// How many events were of this type.
    pub fn of(&self, kind: &str) -> u64 {
        Self::LABELS.iter().position(|label| *label == kind).map_or(0, |index| self.0[index])
    }
}

impl Serialize for Kinds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Self::LABELS.iter().zip(self.0).filter(|(_, count)| *count > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_counted_by_type_and_an_unknown_one_as_other() {
        let label = |frame: &str| Kinds::LABELS[Kinds::index(frame)];
        assert_eq!(label(r#"{"event_id":"x","type":"task_deleted","data":{"title":"type"}}"#), "task_deleted");
        assert_eq!(label(r#"{"event_id":"x","type":"task_sung"}"#), "other");
        assert_eq!(label("{}"), "other");
        let counts = Kinds([1; Kinds::LABELS.len()]);
        assert_eq!((counts.of("member_added"), counts.of("task_sung")), (1, 0));
    }
}
