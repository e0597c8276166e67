//! Frames on the sockets, and close codes.

mod position;

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Value, from_str};

pub use self::position::LogPosition;
use crate::{
    Comment, Epoch, Event, EventId, Notification, NotificationId, OpId, TaskId, Timestamp, UserId, readable::list,
};

/// Close codes. 4400–4499 are final, 4100–4199 ask for a reconnect with backoff, 4200–4299 for one now.
pub mod close {
    /// The server goes away; `bye` said when to come back.
    pub const GOING_AWAY: u16 = 4101;
    /// The reader was too slow.
    pub const TOO_SLOW: u16 = 4108;
    /// Too many frames a second.
    pub const TOO_MANY_FRAMES: u16 = 4129;
    /// More sockets than one user may have open.
    pub const TOO_MANY_SOCKETS: u16 = 4130;
    /// No pong came.
    pub const NO_PONG: u16 = 4201;
    /// A frame that is not in the protocol, or too large.
    pub const BAD_FRAME: u16 = 4400;
    /// Not signed in.
    pub const SIGN_IN: u16 = 4401;
    /// No access to the project.
    pub const NO_ACCESS: u16 = 4403;
    /// The session is another user's than the one the client names.
    pub const OTHER_USER: u16 = 4409;
    /// The page is older than the server.
    pub const CLIENT_TOO_OLD: u16 = 4410;

    /// Whether a client gives up on this code.
    pub const fn is_final(code: u16) -> bool {
        matches!(code, 4400..=4499)
    }

    /// Whether a client comes back without waiting.
    pub const fn is_immediate(code: u16) -> bool {
        matches!(code, 4200..=4299)
    }
}

/// The server pings a socket that it has sent nothing for this long, in milliseconds.
pub const PING_INTERVAL_MS: u64 = 25_000;
/// A client that has heard nothing for this long takes the socket for dead, in milliseconds.
pub const DEAD_AFTER_MS: u64 = PING_INTERVAL_MS + 10_000;

/// The scope of whoever oversees their projects, on the socket of their notifications. Subscribing is a lease of
/// [`LEASE_MS`], and each subscription is followed by a first [`ServerFrame::Changed`].
pub const OVERSIGHT: &str = "oversight";
/// How long such a lease lasts, in milliseconds.
pub const LEASE_MS: u64 = 300_000;

/// Why a client has to fetch the board again.
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

/// What somebody is doing.
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

/// Somebody on the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who.
    pub user_id: UserId,
    /// Their name.
    pub name: String,
    /// The task they are at.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// What they do with it.
    pub mode: PresenceMode,
}

/// Server → client, one JSON object a frame.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame: where the log is, and what the client missed.
    Sync(Sync),
    /// Several events of one op.
    Batch(Batch),
    /// Fetch the board again.
    Resync {
        /// Why.
        reason: ResyncReason,
        /// Of which log.
        epoch: Epoch,
        /// Its last event.
        seq: u64,
    },
    /// Who came, who went, who edits.
    Presence {
        /// Came.
        join: Vec<Presence>,
        /// Went.
        leave: Vec<UserId>,
        /// Now at something else.
        editing: Vec<Presence>,
    },
    /// The bell's first frame.
    UnreadSync {
        /// The newest ones, newest first.
        notifications: Vec<Notification>,
        /// How many are unread in all.
        unread: u64,
    },
    /// Something new for the bell. It counts as unread.
    Notification {
        /// What.
        data: Box<Notification>,
    },
    /// A notification is another one now: it happened again, or what it quotes was edited. As unread as it was.
    NotificationChanged {
        /// As it is now.
        data: Box<Notification>,
        /// The id that it had before, which may be its own.
        replaces: NotificationId,
    },
    /// Notifications were read, in this tab or elsewhere.
    NotificationRead(NotificationRead),
    /// A subscription works: from here on, comments come by themselves.
    Subscribed(Subscribed),
    /// A subscription was refused, or ended because its reader may no longer read it.
    Denied {
        /// Of which scope.
        scope: String,
    },
    /// A comment of a subscribed task, as it is now. Of two with one id the one with the higher seq counts.
    Comment {
        /// The comment.
        comment: Box<Comment>,
    },
    /// What a subscribed scope shows may be another now: ask again.
    Changed {
        /// `oversight`.
        scope: String,
    },
    /// Are you there?
    Ping,
    /// The answer to a client's `ping`.
    Pong,
    /// The server closes this socket.
    Bye {
        /// With this close code.
        code: u16,
        /// In words.
        reason: String,
        /// When to come back, in milliseconds.
        retry_ms: u64,
    },
    /// One event.
    #[serde(untagged)]
    Event(Box<Event>),
    /// A frame from a newer server: heard, and left alone.
    #[serde(untagged)]
    Unknown(Value),
}

/// The first frame of a project's socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sync {
    /// Of which log.
    pub epoch: Epoch,
    /// Its last event; `events` reach up to it.
    pub seq: u64,
    /// The id of that event, where the sender knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<EventId>,
    /// The id of the event before `events`, where the sender knows it: tabs that share a socket do not all stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<EventId>,
    /// Whether `events` are all that was missed. Without a `since` there is nothing to miss: true.
    pub recovered: bool,
    /// What was missed, in order.
    pub events: Vec<Event>,
    /// Who is here.
    #[serde(deserialize_with = "list")]
    pub presence: Vec<Presence>,
}

/// Several events of one op, `from` to `to` without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// Of which log.
    pub epoch: Epoch,
    /// First seq.
    pub from: u64,
    /// Last seq.
    pub to: u64,
    /// The op that they answer.
    #[serde(default)]
    pub op_id: Option<OpId>,
    /// All of them.
    pub events: Vec<Event>,
}

/// What was read of somebody's notifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRead {
    /// These.
    #[serde(default)]
    pub ids: Vec<NotificationId>,
    /// All that are not newer than this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<NotificationId>,
    /// How many are unread after it.
    pub unread: u64,
}

/// The first answer to a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// To what: `task:{id}` or `oversight`, of which the rest says nothing.
    pub scope: String,
    /// The `since` that the subscription named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// The log's end when `comments` were read.
    pub seq: u64,
    /// What changed after `since`, deleted ones too; without one, nothing.
    pub comments: Vec<Comment>,
    /// Whether `comments` are all that changed. Where not, the thread is to be fetched again.
    pub complete: bool,
}

impl ServerFrame {
    /// Reads a frame. A `type` that is neither a frame's nor an event's is `Unknown`.
    ///
    /// # Errors
    /// When the text is no JSON object with a `type`, or a known type does not fit.
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
        // Every part is read from the text: a tree of values between would be a second deserialiser
        // for each of these types in the browser, and a copy of every frame.
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

/// Client → server, one JSON object a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// The answer to a `ping`.
    Pong,
    /// Are you there? Answered by `pong`.
    Ping,
    /// Who this is, where neither a cookie nor a `token` parameter said so.
    Auth {
        /// A token from `POST /api/ws-token`.
        token: String,
    },
    /// A notification was read.
    MarkRead {
        /// Which.
        notification_id: String,
    },
    /// Send what happens in this scope.
    Subscribe {
        /// `task:{id}` or `oversight`.
        scope: String,
        /// Of which log the next is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        epoch: Option<Epoch>,
        /// The seq up to which the sender knows the scope.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<u64>,
    },
    /// No longer.
    Unsubscribe {
        /// `task:{id}` or `oversight`.
        scope: String,
    },
    /// What this user is doing.
    Presence {
        /// At which task.
        #[serde(default)]
        task_id: Option<TaskId>,
        /// What.
        mode: PresenceMode,
    },
}

/// A page of the log: `GET /api/projects/{id}/events`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventPage {
    /// Of which log.
    pub epoch: Epoch,
    /// The log's last event, which may be past this page.
    pub seq: u64,
    /// When the page was read.
    pub at: Timestamp,
    /// The events after `since`, in order.
    pub events: Vec<Event>,
}
