//! Writes to tasks: a draft creates one, a patch changes one, a bulk patch changes many.

use serde::{Deserialize, Serialize};

use super::present;
use crate::{StatusId, Task, TaskId, Timestamp, UserId, fields::FieldValue, task_fields};

/// Declares drafts and patches with the plain fields of a task, and how they apply to one.
macro_rules! drafts_and_patches {
    ($($(#[doc = $doc:literal])* $(#[serde $of_task:tt])? $name:ident: $type:ty,)*) => {
        /// A task to create, at the end of its column.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(deny_unknown_fields)]
        pub struct TaskDraft {
            /// The id chosen by the client (a UUIDv7); without one the server creates one.
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
            /// The assignee.
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
            /// Copies the draft's fields into a task, except its place and description.
            pub fn apply(&self, task: &mut Task) {
                task.title.clone_from(&self.title);
                task.assignee_id = self.assignee_id;
                $(task.$name.clone_from(&self.$name);)*
            }
        }

        /// Fields of a task to change. Absent: unchanged; `null`: cleared. The last writer of a field wins, except for
        /// the description: a patch names the `version` that its writer has read, and is refused with
        /// `description_conflict` if the description is newer.
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
            /// The task's version whose description was read.
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
            /// Applies the patch to a task, except the description. A task that becomes blocked is blocked since `at`.
            pub fn apply(&self, task: &mut Task, at: Timestamp) {
                if let Some(title) = &self.title {
                    task.title.clone_from(title);
                }
                $(if let Some(value) = &self.$name {
                    task.$name.clone_from(value);
                })*
                if let Some(reason) = &self.blocked_reason {
                    // A new reason does not reset since when it is blocked.
                    task.blocked_since = reason.as_ref().and(task.blocked_since.or(Some(at)));
                    task.blocked_reason.clone_from(reason);
                }
            }

            /// The text that the author typed, if there is one.
            pub(super) fn text(&self) -> Option<&str> {
                let reason = || self.blocked_reason.as_ref().and_then(Option::as_deref);
                let text = self.description.as_deref().or(self.title.as_deref()).or_else(reason);
                $(let text = text.or_else(|| self.$name.as_ref().and_then(FieldValue::text));)*
                text
            }
        }

        /// Fields that can be set on many tasks at once. Absent: unchanged; `null`: cleared.
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
