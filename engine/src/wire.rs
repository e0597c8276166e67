//! Frames on sockets, and close codes.

mod position;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Value, from_str};

pub use self::position::LogPosition;
use crate::{
    Comment, Epoch, Event, EventId, Notification, NotificationId, OpId, TaskId, Timestamp, UserId, readable::list,
};

/// Close codes. 4400–4499 are final, 4100–4199 ask for a reconnect with backoff, 4200–4299 for one now.
pub mod close {
    /// The server goes away; its `bye` said when to return.
    pub const GOING_AWAY: u16 = 4101;
    /// The reader is too slow.
    pub const TOO_SLOW: u16 = 4108;
    /// Too many frames a second.
    pub const TOO_MANY_FRAMES: u16 = 4129;
    /// More sockets than one user may have open.
    pub const TOO_MANY_SOCKETS: u16 = 4130;
    /// No pong arrived.
    pub const NO_PONG: u16 = 4201;
    /// A frame that violates the protocol, or is too large.
    pub const BAD_FRAME: u16 = 4400;
    /// Not signed in.
    pub const SIGN_IN: u16 = 4401;
    /// No access to the project.
    pub const NO_ACCESS: u16 = 4403;
    /// The session belongs to another user than the one the client names.
    pub const OTHER_USER: u16 = 4409;
    /// The page is older than the server.
    pub const CLIENT_TOO_OLD: u16 = 4410;

    /// Whether a client gives up on this code.
    pub const fn is_final(code: u16) -> bool {
        matches!(code, 4400..=4499)
    }

    /// Whether a client reconnects without waiting.
    pub const fn is_immediate(code: u16) -> bool {
        matches!(code, 4200..=4299)
    }
}

/// The server pings a socket to which it has sent nothing for this long, in milliseconds.
pub const PING_INTERVAL_MS: u64 = 25_000;
/// A client treats a socket that has been silent for this long as dead, in milliseconds.
pub const DEAD_AFTER_MS: u64 = PING_INTERVAL_MS + 10_000;

/// The scope of oversight figures, on the notification socket. A subscription is a lease of [`LEASE_MS`], and each is
/// answered by a first [`ServerFrame::Changed`].
pub const OVERSIGHT: &str = "oversight";
/// How long a lease lasts, in milliseconds.
pub const LEASE_MS: u64 = 300_000;

/// Why a client has to fetch the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResyncReason {
    /// The log no longer reaches back to the cursor.
    LogPruned,
    /// The cursor is of another log.
    Epoch,
    /// The reader fell too far behind.
    Slow,
}

/// The activity of a user on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceMode {
    /// Looking.
    View,
    /// Editing a task.
    Edit,
    /// Dragging a task.
    Drag,
}

/// The presence of a user on a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The user.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// The task they are viewing.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// Their activity.
    pub mode: PresenceMode,
}

/// Frame from server to client, as a JSON object.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame: the log's position and the missed events.
    Sync(Sync),
    /// Several events of one op.
    Batch(Batch),
    /// Tells the client to fetch the board.
    Resync {
        /// The reason.
        reason: ResyncReason,
        /// The epoch of the log.
        epoch: Epoch,
        /// Its last event.
        seq: u64,
    },
    /// Changes of presence.
    Presence {
        /// Users who joined.
        join: Vec<Presence>,
        /// Users who left.
        leave: Vec<UserId>,
        /// Users whose activity changed.
        editing: Vec<Presence>,
    },
    /// The bell's first frame.
    UnreadSync {
        /// The newest notifications, newest first.
        notifications: Vec<Notification>,
        /// How many are unread in all.
        unread: u64,
    },
    /// A new notification. It counts as unread.
    Notification {
        /// The notification.
        data: Box<Notification>,
    },
    /// A notification changed: it happened again, or what it quotes was edited. Whether it is unread stays the same.
    NotificationChanged {
        /// Its new state.
        data: Box<Notification>,
        /// Its previous id, which may be the same.
        replaces: NotificationId,
    },
    /// Notifications were read, in this tab or elsewhere.
    NotificationRead(NotificationRead),
    /// A subscription was accepted: comments are sent from now on.
    Subscribed(Subscribed),
    /// A subscription was refused, or ended because the user lost access.
    Denied {
        /// The scope.
        scope: String,
    },
    /// A comment of a subscribed task. Of two versions the one with the higher seq counts.
    Comment {
        /// The comment.
        comment: Box<Comment>,
    },
    /// The data of a subscribed scope may have changed: fetch it again.
    Changed {
        /// `oversight`.
        scope: String,
    },
    /// Asks for a `pong`.
    Ping,
    /// The answer to a client's `ping`.
    Pong,
    /// The server closes this socket.
    Bye {
        /// The close code.
        code: u16,
        /// The reason, in words.
        reason: String,
        /// When to reconnect, in milliseconds.
        retry_ms: u64,
    },
    /// One event.
    #[serde(untagged)]
    Event(Box<Event>),
    /// A frame of a newer server. Ignored, but it counts as traffic.
    #[serde(untagged)]
    Unknown(Value),
}

/// The first frame of a project's socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sync {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// Seq of its last event; `events` reach up to it.
    pub seq: u64,
    /// The id of that event, where the sender knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<EventId>,
    /// The id of the event before `events`, where known: tabs that share a socket may be at other positions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<EventId>,
    /// Whether `events` are all that the client missed. True without a `since`, when nothing can be missed.
    pub recovered: bool,
    /// The missed events, in order.
    pub events: Vec<Event>,
    /// The users on the board.
    #[serde(deserialize_with = "list")]
    pub presence: Vec<Presence>,
}

/// Several events of one op, from seq `from` to `to` without gaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// First seq.
    pub from: u64,
    /// Last seq.
    pub to: u64,
    /// The op that caused them.
    #[serde(default)]
    pub op_id: Option<OpId>,
    /// The events.
    pub events: Vec<Event>,
}

/// Notifications that a user has read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRead {
    /// Their ids.
    #[serde(default)]
    pub ids: Vec<NotificationId>,
    /// All up to and including this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<NotificationId>,
    /// Number of unread ones afterwards.
    pub unread: u64,
}

/// The answer to a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// The scope: `task:{id}` or `oversight`, for which the other fields are empty.
    pub scope: String,
    /// The `since` that the subscription named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// Seq of the log's last event when `comments` were read.
    pub seq: u64,
    /// Comments changed after `since`, including deleted ones; empty without `since`.
    pub comments: Vec<Comment>,
    /// Whether `comments` has every change. If not, the client fetches the thread again.
    pub complete: bool,
}

impl ServerFrame {
    /// Reads a frame. A `type` of neither a frame nor an event becomes `Unknown`.
    ///
    /// # Errors
    /// If the text is not a JSON object with a `type`, or does not match a known type.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            #[serde(rename = "type")]
            kind: String,
            seq: Option<IgnoredAny>,
            event_id: Option<IgnoredAny>,
        }
        #[derive(Deserialize)]
        struct Resync {
            reason: ResyncReason,
            epoch: Epoch,
            seq: u64,
        }
        #[derive(Deserialize)]
        struct People {
            #[serde(default, deserialize_with = "list")]
            join: Vec<Presence>,
            #[serde(default)]
            leave: Vec<UserId>,
            #[serde(default, deserialize_with = "list")]
            editing: Vec<Presence>,
        }
        #[derive(Deserialize)]
        struct Unread {
            #[serde(deserialize_with = "list")]
            notifications: Vec<Notification>,
            unread: u64,
        }
        #[derive(Deserialize)]
        struct New {
            data: Box<Notification>,
        }
        #[derive(Deserialize)]
        struct Changed {
            data: Box<Notification>,
            replaces: NotificationId,
        }
        #[derive(Deserialize)]
        struct Scoped {
            scope: String,
        }
        #[derive(Deserialize)]
        struct Said {
            comment: Box<Comment>,
        }
        #[derive(Deserialize)]
        struct Bye {
            code: u16,
            reason: String,
            retry_ms: u64,
        }
        // Each part is read from the text: an intermediate tree of values would need a second deserialiser for each of
        // these types in the browser, and a copy of every frame.
        let Head { kind, seq, event_id } = from_str(text)?;
        Ok(match kind.as_str() {
            "sync" => Self::Sync(from_str(text)?),
            "batch" => Self::Batch(from_str(text)?),
            "resync" => {
                let Resync { reason, epoch, seq } = from_str(text)?;
                Self::Resync { reason, epoch, seq }
            }
            "presence" => {
                let People { join, leave, editing } = from_str(text)?;
                Self::Presence { join, leave, editing }
            }
            "unread_sync" => {
                let Unread { notifications, unread } = from_str(text)?;
                Self::UnreadSync { notifications, unread }
            }
            "notification" => Self::Notification { data: from_str::<New>(text)?.data },
            "notification_changed" => {
                let Changed { data, replaces } = from_str(text)?;
                Self::NotificationChanged { data, replaces }
            }
            "notification_read" => Self::NotificationRead(from_str(text)?),
            "subscribed" => Self::Subscribed(from_str(text)?),
            "denied" => Self::Denied { scope: from_str::<Scoped>(text)?.scope },
            "changed" => Self::Changed { scope: from_str::<Scoped>(text)?.scope },
            "comment" => Self::Comment { comment: from_str::<Said>(text)?.comment },
            "ping" => Self::Ping,
            "pong" => Self::Pong,
            "bye" => {
                let Bye { code, reason, retry_ms } = from_str(text)?;
                Self::Bye { code, reason, retry_ms }
            }
            _ if seq.is_some() && event_id.is_some() => Self::Event(Box::new(from_str(text)?)),
            _ => Self::Unknown(from_str(text)?),
        })
    }
}

/// Frame from client to server, as a JSON object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The answer to a `ping`.
    Pong,
    /// Asks for a `pong`.
    Ping,
    /// Authenticates a client without a cookie or a `token` parameter.
    Auth {
        /// A token from `POST /api/ws-token`.
        token: String,
    },
    /// A notification was read.
    MarkRead {
        /// The notification.
        notification_id: String,
    },
    /// Subscribes to a scope.
    Subscribe {
        /// `task:{id}` or `oversight`.
        scope: String,
        /// The epoch of the log that `since` refers to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<Epoch>,
        /// The seq up to which the client knows the scope.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
    },
    /// Unsubscribes from a scope.
    Unsubscribe {
        /// `task:{id}` or `oversight`.
        scope: String,
    },
    /// Reports the user's activity.
    Presence {
        /// The task, if any.
        #[serde(default)]
        task_id: Option<TaskId>,
        /// The kind of activity.
        mode: PresenceMode,
    },
}

/// A page of the log: `GET /api/projects/{id}/events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventPage {
    /// The epoch of the log.
    pub epoch: Epoch,
    /// The log's last event, which may be past this page.
    pub seq: u64,
    /// When the page was read.
    pub at: Timestamp,
    /// The events after `since`, in order.
    pub events: Vec<Event>,
}
