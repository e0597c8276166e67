//! What one user is told, because it concerns them.

use serde::{Deserialize, Serialize};

use crate::{NotificationId, ProjectId, TaskId, Timestamp, UserId, day::FirstWeekday, readable::list};

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A comment names them.
    Mention,
    /// A task was given to them, or taken from them.
    Assignment,
    /// A task that they have or watch is blocked, or no longer is.
    Blocker,
    /// Somebody wrote about a task that they have or watch.
    Comment,
    /// A task that they have is due tomorrow, or overdue.
    Due,
    /// A task that they watch came into another column.
    Status,
    /// The same of a task that they created, and follow for no other reason. A preference only: its notifications are
    /// of the kind [`Self::Status`].
    CreatedStatus,
    /// A week is over: what it brought.
    Report,
}

impl NotificationKind {
    /// All of them, in the order in which preferences list them.
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

/// What a notification leads to.
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

/// One line of somebody's bell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notification {
    /// Which.
    pub id: NotificationId,
    /// Why.
    #[serde(rename = "type")]
    pub kind: NotificationKind,
    /// What happened, in a few words: "Ada mentioned you".
    pub title: String,
    /// Where: the task's title, and what was said.
    pub message: String,
    /// What `reference_id` is.
    pub reference_type: ReferenceType,
    /// The task or comment that it is about; of a report, the first day of its week.
    pub reference_id: String,
    /// The task that a click opens, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// Its project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<ProjectId>,
    /// Who did it; `None` for the calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<UserId>,
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_name: Option<String>,
    /// How often it happened in a row: one person moved one card four times. `title` says so, too.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
    /// When it happened, of several the last time.
    pub created_at: Timestamp,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
    /// Whether the browser may show it by itself, outside the page. Preferences and quiet hours decide.
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

/// Where a kind of notification is to reach its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Channels {
    /// In the bell.
    pub bell: bool,
    /// As a notification of the browser.
    pub browser: bool,
    /// By e-mail, where the server can send any.
    pub email: bool,
}

/// What a user wants to be told, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// Each kind's channels, in the order of [`NotificationKind::ALL`]. One that is missing keeps its default.
    pub kinds: Vec<KindChannels>,
    /// When nothing but the bell may disturb them.
    #[serde(default)]
    pub quiet: Option<QuietHours>,
    /// Their time zone, as the IANA names it: `Europe/Berlin`.
    pub time_zone: String,
    /// The day that their weeks begin with.
    #[serde(default)]
    pub first_weekday: FirstWeekday,
    /// Projects that tell them nothing but mentions and assignments in the bell.
    #[serde(default)]
    pub muted: Vec<ProjectId>,
    /// Whether this server sends e-mail. Only said, never taken.
    #[serde(default)]
    pub email_available: bool,
}

/// The channels of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KindChannels {
    /// Which kind.
    pub kind: NotificationKind,
    /// Where it goes.
    pub channels: Channels,
}

/// A part of each day, in the user's time zone. It may reach over midnight.
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
    /// What a kind does until its user says otherwise.
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
    fn quiet_hours_may_reach_over_midnight() {
        let night = QuietHours { from: 22 * 60, to: 7 * 60 };
        assert!(night.contain(23 * 60) && night.contain(0) && night.contain(7 * 60 - 1));
        assert!(!night.contain(7 * 60) && !night.contain(12 * 60));
        let noon = QuietHours { from: 12 * 60, to: 13 * 60 };
        assert!(noon.contain(12 * 60) && !noon.contain(13 * 60) && !noon.contain(0));
    }
}
