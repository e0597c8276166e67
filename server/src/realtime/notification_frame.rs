//! A change of a user's notifications, with its frame encoded once.

use engine::{
    Notification, NotificationId,
    wire::{NotificationRead, ServerFrame},
};

use super::frame;
use crate::frame_text::FrameText;

/// A change of a user's notifications, with its frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationFrame {
    delta: Delta,
    frame: FrameText,
}

/// The effect of a change on the totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delta {
    /// A new unread notification.
    New(NotificationId),
    /// A notification was replaced or changed, and is still unread.
    Changed,
    /// Notifications were read.
    Read {
        /// The total number of unread ones left.
        unread: u64,
    },
}

impl NotificationFrame {
    /// A new notification.
    pub fn new(notification: &Notification) -> Self {
        let frame = frame::encode(&ServerFrame::Notification { data: Box::new(notification.clone()) });
        Self { delta: Delta::New(notification.id), frame }
    }

    /// A notification that counts a repetition, or whose quoted text changed.
    pub fn changed(notification: &Notification, replaces: NotificationId) -> Self {
        let data = Box::new(notification.clone());
        Self { delta: Delta::Changed, frame: frame::encode(&ServerFrame::NotificationChanged { data, replaces }) }
    }

    /// Notifications were read.
    pub fn read(read: &NotificationRead) -> Self {
        let frame = frame::encode(&ServerFrame::NotificationRead(read.clone()));
        Self { delta: Delta::Read { unread: read.unread }, frame }
    }

    /// Parses a frame of another process; `None` for any other frame.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let delta = match ServerFrame::parse(text).ok()? {
            ServerFrame::Notification { data } => Delta::New(data.id),
            ServerFrame::NotificationChanged { .. } => Delta::Changed,
            ServerFrame::NotificationRead(read) => Delta::Read { unread: read.unread },
            _ => return None,
        };
        Some(Self { delta, frame: text.into() })
    }

    /// The frame for the sockets.
    pub(super) fn frame(&self) -> &FrameText {
        &self.frame
    }

    pub(super) fn delta(&self) -> Delta {
        self.delta
    }
}
