//! Who is in a room, and whether they may be.
//!
//! Access is asked of the database at some place of the log, and ended by an event at some place of the log.
//! The two places are compared: an event that is older than the check says nothing about it, and a check that
//! is older than an event may have been overtaken by it.

use std::collections::{BTreeMap, BTreeSet};

use super::{LogPlace, Rights, SocketId};
use crate::UserId;

/// Ends of access that are remembered one by one.
const REMEMBERED: usize = 64;

/// The members of a room.
#[derive(Clone, Debug, Default)]
pub(super) struct Audience {
    members: BTreeMap<SocketId, Member>,
    /// Who lost access while the room was open, and at which seq.
    lost: BTreeMap<UserId, u64>,
    /// Up to this seq anybody may have lost access, unseen or forgotten.
    unseen: u64,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    user: UserId,
    /// The seq at which access was asked for.
    checked: u64,
}

impl Audience {
    /// Whether nobody is there.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether access that was asked for at `checked` may have been lost up to here.
    pub(super) fn doubts(&self, user: UserId, checked: u64) -> bool {
        checked < self.unseen || self.lost.get(&user).is_some_and(|seq| checked < *seq)
    }

    /// A socket is in.
    pub(super) fn enter(&mut self, socket: SocketId, user: UserId, checked: u64) {
        self.members.insert(socket, Member { user, checked });
    }

    /// A socket is gone.
    pub(super) fn leave(&mut self, socket: SocketId) {
        self.members.remove(&socket);
    }

    /// Everybody is gone.
    pub(super) fn clear(&mut self) -> Vec<SocketId> {
        std::mem::take(&mut self.members).into_keys().collect()
    }

    /// An event at `seq` ended access. Takes out, and returns, those whom it concerns.
    pub(super) fn lost(&mut self, rights: Rights, seq: u64) -> Vec<SocketId> {
        match rights {
            Rights::Lost(user) => {
                self.lost.insert(user, seq);
                if self.lost.len() > REMEMBERED {
                    self.lost.clear();
                    self.unseen = seq;
                }
                self.remove_where(|member| member.user == user && member.checked < seq)
            }
            Rights::Gone => {
                self.unseen = seq;
                self.remove_where(|member| member.checked < seq)
            }
        }
    }

    /// The database says who has access at a place that the room jumps to. Takes out, and returns, the others.
    pub(super) fn located(&mut self, place: LogPlace, readers: &BTreeSet<UserId>) -> Vec<SocketId> {
        self.lost.clear();
        self.unseen = place.seq;
        for member in self.members.values_mut() {
            member.checked = place.seq;
        }
        self.remove_where(|member| !readers.contains(&member.user))
    }

    fn remove_where(&mut self, matches: impl Fn(Member) -> bool) -> Vec<SocketId> {
        self.members.extract_if(.., |_, member| matches(*member)).map(|(socket, _)| socket).collect()
    }
}
