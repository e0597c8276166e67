//! Presence: who has the board open, and what this user reports of themselves.

use super::{Session, SessionEffect};
use crate::{
    UserId,
    wire::{ClientFrame, Presence},
};

/// Everybody who has the board open, one entry a person.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    all: Vec<Presence>,
    changed: bool,
}

impl People {
    /// Replaces the whole list.
    pub(super) fn reset(&mut self, all: Vec<Presence>) {
        if self.all != all {
            self.all = all;
            self.changed = true;
        }
    }

    pub(super) fn update(&mut self, join: Vec<Presence>, leave: &[UserId], editing: Vec<Presence>) {
        self.all.retain(|person| !leave.contains(&person.user_id));
        for person in join.into_iter().chain(editing) {
            match self.all.iter_mut().find(|other| other.user_id == person.user_id) {
                Some(other) => *other = person,
                None => self.all.push(person),
            }
        }
        self.changed = true;
    }

    /// Everybody.
    pub(super) fn all(&self) -> &[Presence] {
        &self.all
    }

    /// Returns everybody, if that changed since the last call.
    pub(super) fn take(&mut self) -> Option<&[Presence]> {
        std::mem::take(&mut self.changed).then_some(&self.all)
    }
}

impl Session {
    /// Sends this user's presence now, or once the connection is live.
    pub(super) fn presence(&mut self, frame: ClientFrame, effects: &mut Vec<SessionEffect>) {
        if self.own_presence.as_ref() != Some(&frame) {
            if self.is_live() {
                effects.push(SessionEffect::Send(frame.clone()));
            }
            self.own_presence = Some(frame);
        }
    }
}
