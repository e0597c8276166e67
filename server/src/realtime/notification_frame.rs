//! What a bell is told, and the frame that its sockets get: encoded once.

use engine::{
    Notification, NotificationId,
    wire::{NotificationRead, ServerFrame},
};

use super::frame;
use crate::frame_text::FrameText;

/// What a bell is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationFrame {
    news: Delta,
    frame: FrameText,
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delta {
    /// One more that is unread.
    New(NotificationId),
    /// One is another one now, as unread as it was.
    Changed,
    /// Some were read; so many are left.
    Read {
        /// Unread in all.
        unread: u64,
    },
}

impl NotificationFrame {
    /// Something new.
    pub fn new(notification: &Notification) -> Self {
        let frame = frame::encode(&ServerFrame::Notification { data: Box::new(notification.clone()) });
        Self { news: Delta::New(notification.id), frame }
    }

    /// Something that was told before happened again, or quotes another text.
    pub fn changed(notification: &Notification, replaces: NotificationId) -> Self {
        let data = Box::new(notification.clone());
        Self { news: Delta::Changed, frame: frame::encode(&ServerFrame::NotificationChanged { data, replaces }) }
    }

    /// Something was read.
    pub fn read(read: &NotificationRead) -> Self {
        let frame = frame::encode(&ServerFrame::NotificationRead(read.clone()));
        Self { news: Delta::Read { unread: read.unread }, frame }
    }

    /// What another process sent; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let news = match ServerFrame::parse(text).ok()? {
            ServerFrame::Notification { data } => Delta::New(data.id),
            ServerFrame::NotificationChanged { .. } => Delta::Changed,
            ServerFrame::NotificationRead(read) => Delta::Read { unread: read.unread },
            _ => return None,
        };
        Some(Self { news, frame: text.into() })
    }

    /// The frame of the sockets.
    pub(super) fn frame(&self) -> &FrameText {
        &self.frame
    }

    pub(super) fn news(&self) -> Delta {
        self.news
    }
}
