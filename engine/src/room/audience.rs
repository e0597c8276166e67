//! The members of a room, and whether they still have access.
//!
//! Access is checked in the database at some place of the log, and ended by an event at some place of the log. The two
//! are compared: an event older than the check says nothing about it, and a check older than an event may be outdated.

use std::collections::{BTreeMap, BTreeSet};

use super::{LogPlace, Rights, SocketId};
use crate::UserId;

/// Individually remembered losses of access.
const REMEMBERED: usize = 64;

/// The members of a room.
#[derive(Clone, Debug, Default)]
pub(super) struct Audience {
    members: BTreeMap<SocketId, Member>,
    /// Users who lost access while the room was open, with the seq.
    lost: BTreeMap<UserId, u64>,
    /// Up to this seq anybody may have lost access: it was not observed, or is forgotten.
    unseen: u64,
}

#[derive(Clone, Copy, Debug)]
struct Member {
    user: UserId,
    /// The seq at which access was checked.
    checked: u64,
}

impl Audience {
    /// Whether the room has no members.
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether access that was checked at `checked` may have been lost since.
    pub(super) fn doubts(&self, user: UserId, checked: u64) -> bool {
        checked < self.unseen || self.lost.get(&user).is_some_and(|seq| checked < *seq)
    }

    /// Adds a socket.
    pub(super) fn enter(&mut self, socket: SocketId, user: UserId, checked: u64) {
        self.members.insert(socket, Member { user, checked });
    }

    /// Removes a socket.
    pub(super) fn leave(&mut self, socket: SocketId) {
        self.members.remove(&socket);
    }

    /// Removes and returns all sockets.
    pub(super) fn clear(&mut self) -> Vec<SocketId> {
        std::mem::take(&mut self.members).into_keys().collect()
    }

    /// Handles an event at `seq` that ends access. Removes and returns the sockets concerned.
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

    /// Takes the users with access at a place that the room jumps to. Removes and returns the sockets of others.
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
