//! Notifications of a user, and their preferences.

use serde::{Deserialize, Serialize};

use crate::{NotificationId, ProjectId, TaskId, Timestamp, UserId, day::FirstWeekday, readable::list};

/// The kind of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A comment mentions the user.
    Mention,
    /// A task was assigned to them, or unassigned.
    Assignment,
    /// A task that they are assigned or watch was blocked or unblocked.
    Blocker,
    /// Somebody commented on a task that they are assigned or watch.
    Comment,
    /// A task assigned to them is due tomorrow, or overdue.
    Due,
    /// A task that they watch moved to another column.
    Status,
    /// The same for a task that they created, and follow for no other reason. A preference only: its notifications are
    /// of the kind [`Self::Status`].
    CreatedStatus,
    /// The weekly report.
    Report,
}

impl NotificationKind {
    /// All kinds, in the order of the preferences.
    pub const ALL: [Self; 8] = [
        Self::Mention,
        Self::Assignment,
        Self::Comment,
        Self::Blocker,
        Self::Status,
        Self::CreatedStatus,
        Self::Due,
        Self::Report,
    ];
}

/// The type of thing that a notification links to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReferenceType {
    /// A task.
    Task,
    /// A comment on it.
    Comment,
    /// The report of a week.
    Report,
}

/// A notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Why.
    #[serde(rename = "type")]
    pub kind: NotificationKind,
    /// What happened, in a few words: "Ada mentioned you".
    pub title: String,
    /// The task's title, and the quoted text.
    pub message: String,
    /// What `reference_id` is.
    pub reference_type: ReferenceType,
    /// The id of the task or comment; for a report, the first day of its week.
    pub reference_id: String,
    /// The task that a click opens, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// Its project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<ProjectId>,
    /// The user who caused it; `None` for due dates and reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<UserId>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// How often it happened in a row, for example one user moving one card four times. `title` says so, too.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
    /// When it happened last.
    pub created_at: Timestamp,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// Whether the browser may show it as a desktop notification, by the preferences and quiet hours.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alert: bool,
}

/// A page of somebody's notifications, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationPage {
    /// The notifications.
    #[serde(deserialize_with = "list")]
    pub notifications: Vec<Notification>,
    /// Whether there are older ones.
    pub more: bool,
    /// How many are unread in all.
    pub unread: u64,
}

/// The channels of a kind of notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Channels {
    /// In the bell.
    pub bell: bool,
    /// As a desktop notification.
    pub browser: bool,
    /// By e-mail, if the server sends any.
    pub email: bool,
}

/// A user's notification preferences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// The channels of each kind, in the order of [`NotificationKind::ALL`]. A missing kind keeps its default.
    pub kinds: Vec<KindChannels>,
    /// When only the bell may show notifications.
    #[serde(default)]
    pub quiet: Option<QuietHours>,
    /// The user's IANA time zone: `Europe/Berlin`.
    pub time_zone: String,
    /// The first day of the user's week.
    #[serde(default)]
    pub first_weekday: FirstWeekday,
    /// Projects that notify only of mentions and assignments, in the bell.
    #[serde(default)]
    pub muted: Vec<ProjectId>,
    /// Whether this server sends e-mail. Read-only.
    #[serde(default)]
    pub email_available: bool,
}

/// The channels of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KindChannels {
    /// The kind.
    pub kind: NotificationKind,
    /// Its channels.
    pub channels: Channels,
}

/// A daily period in the user's time zone. It may span midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// First minute of the day, 0 to 1439.
    pub from: u16,
    /// First minute after it, 0 to 1439.
    pub to: u16,
}

const fn once() -> u32 {
    1
}

const fn is_once(times: &u32) -> bool {
    *times == 1
}

impl Notification {
    /// The path and query of the page that a click opens.
    pub fn address(&self) -> String {
        let reference = &self.reference_id;
        let task = match (self.reference_type, self.project_id, self.task_id) {
            (ReferenceType::Report, ..) => return format!("/oversight/report?week={reference}"),
            (_, Some(project), Some(task)) => format!("/projects/{project}?task={task}"),
            _ => return "/".to_owned(),
        };
        if self.reference_type == ReferenceType::Comment { format!("{task}&comment={reference}") } else { task }
    }
}

impl Channels {
    /// The default channels of a kind.
    pub const fn default_for(kind: NotificationKind) -> Self {
        match kind {
            NotificationKind::Mention | NotificationKind::Assignment => Self { bell: true, browser: true, email: true },
            NotificationKind::Due => Self { bell: true, browser: false, email: true },
            NotificationKind::Blocker | NotificationKind::Comment => Self { bell: true, browser: false, email: true },
            NotificationKind::Status => Self { bell: true, browser: false, email: false },
            NotificationKind::CreatedStatus | NotificationKind::Report => {
                Self { bell: false, browser: false, email: false }
            }
        }
    }
}

impl QuietHours {
    /// Whether a minute of the day lies within.
    pub const fn contain(self, minute: u16) -> bool {
        if self.from <= self.to {
            self.from <= minute && minute < self.to
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_may_span_midnight() {
        let night = QuietHours { from: 22 * 60, to: 7 * 60 };
        assert!(night.contain(23 * 60) && night.contain(0) && night.contain(7 * 60 - 1));
        assert!(!night.contain(7 * 60) && !night.contain(12 * 60));
        let noon = QuietHours { from: 12 * 60, to: 13 * 60 };
        assert!(noon.contain(12 * 60) && !noon.contain(13 * 60) && !noon.contain(0));
    }
}
