//! Who is on the board, put together from what the server says of comings and goings; and what this user does there.

use super::{Session, SessionEffect};
use crate::{
    UserId,
    wire::{ClientFrame, Presence},
};

/// Everybody on the board, one entry a person.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    all: Vec<Presence>,
    changed: bool,
}

impl People {
    /// Everybody, as of now.
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

    /// Everybody, if that changed since the last call.
    pub(super) fn take(&mut self) -> Option<&[Presence]> {
        std::mem::take(&mut self.changed).then_some(&self.all)
    }
}

impl Session {
    /// The others hear of it now, or when there is a connection.
    pub(super) fn presence(&mut self, frame: ClientFrame, effects: &mut Vec<SessionEffect>) {
        if self.own_presence.as_ref() != Some(&frame) {
            if self.is_live() {
                effects.push(SessionEffect::Send(frame.clone()));
            }
            self.own_presence = Some(frame);
        }
    }
}
