//! What is written to a task: a draft makes one, a patch changes one, a bulk patch changes many.

use serde::{Deserialize, Serialize};

use super::present;
use crate::{StatusId, Task, TaskId, Timestamp, UserId, fields::FieldValue, task_fields};

/// Declares the drafts and patches with the plain fields of a task, and what they do to one.
macro_rules! drafts_and_patches {
    ($($(#[doc = $doc:literal])* $(#[serde $of_task:tt])? $name:ident: $type:ty,)*) => {
        /// A task that is to be made. It comes to the end of its column.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct TaskDraft {
            /// The id that the client has given it (a UUIDv7); without one the server makes one.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub id: Option<TaskId>,
            /// One line of text.
            pub title: String,
            /// The column; without one, the first.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub status_id: Option<StatusId>,
            /// Plain text.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub description: Option<String>,
            /// Who does it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub assignee_id: Option<UserId>,
            $(
                $(#[doc = $doc])*
                #[serde(
                    default,
                    skip_serializing_if = "FieldValue::is_left_out",
                    deserialize_with = "FieldValue::read"
                )]
                pub $name: $type,
            )*
        }

        impl TaskDraft {
            /// Gives a task what the draft says of it, but for its place and its description.
            pub fn apply(&self, task: &mut Task) {
                task.title.clone_from(&self.title);
                task.assignee_id = self.assignee_id;
                $(task.$name.clone_from(&self.$name);)*
            }
        }

        /// Fields of a task to change. Absent: stays. `null`: is emptied. The last writer of a field
        /// wins, but for the description: its writer names the `version` they have read, and a newer
        /// description refuses the patch with `description_conflict`.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct TaskPatch {
            /// One line of text.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub title: Option<String>,
            /// Plain text; needs `version`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub description: Option<String>,
            /// The task's version in which the description was read.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub version: Option<i64>,
            $(
                $(#[doc = $doc])*
                #[serde(
                    default,
                    skip_serializing_if = "Option::is_none",
                    deserialize_with = "FieldValue::read_change"
                )]
                pub $name: Option<$type>,
            )*
            /// Why it is blocked; `null` unblocks.
            #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
            #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
            pub blocked_reason: Option<Option<String>>,
        }

        impl TaskPatch {
            /// Changes the fields of a task that the patch names, but for its description. Of a task that gets blocked,
            /// `at` is since when it is.
            pub fn apply(&self, task: &mut Task, at: Timestamp) {
                if let Some(title) = &self.title {
                    task.title.clone_from(title);
                }
                $(if let Some(value) = &self.$name {
                    task.$name.clone_from(value);
                })*
                if let Some(reason) = &self.blocked_reason {
                    // Another reason does not make it blocked for a shorter time.
                    task.blocked_since = reason.as_ref().and(task.blocked_since.or(Some(at)));
                    task.blocked_reason.clone_from(reason);
                }
            }

            /// The text that its author typed, if there is one.
            pub(super) fn text(&self) -> Option<&str> {
                let reason = || self.blocked_reason.as_ref().and_then(Option::as_deref);
                let text = self.description.as_deref().or(self.title.as_deref()).or_else(reason);
                $(let text = text.or_else(|| self.$name.as_ref().and_then(FieldValue::text));)*
                text
            }
        }

        /// Fields that many tasks can be given at once. Absent: stays. `null`: is emptied.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct BulkPatch {
            $(
                $(#[doc = $doc])*
                #[serde(
                    default,
                    skip_serializing_if = "Option::is_none",
                    deserialize_with = "FieldValue::read_change"
                )]
                pub $name: Option<$type>,
            )*
            /// Why they are blocked; `null` unblocks.
            #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
            #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
            pub blocked_reason: Option<Option<String>>,
        }

        impl From<BulkPatch> for TaskPatch {
            fn from(patch: BulkPatch) -> Self {
                let BulkPatch { $($name,)* blocked_reason } = patch;
                Self { $($name,)* blocked_reason, ..Self::default() }
            }
        }
    };
}
task_fields!(drafts_and_patches);
