//! A column and its category.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, Rank, StatusId};

/// The meaning of a column for the work in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Not started.
    Todo,
    /// Being worked on.
    Doing,
    /// Finished: a task in it has a `completed_at`.
    Done,
}

impl Category {
    /// Its name if no column provides one.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Todo => "Not started",
            Self::Doing => "In progress",
            Self::Done => "Done",
        }
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    /// Its id.
    pub id: StatusId,
    /// The project.
    pub project_id: ProjectId,
    /// The column's name.
    pub name: String,
    /// `#rrggbb`: a dot and a thin edge, chosen by the users.
    pub color: String,
    /// The column's place among the others.
    pub rank: Rank,
    /// The WIP limit: how many tasks should be in it at most. Shown, never enforced.
    pub wip_limit: Option<u32>,
    /// Column type.
    pub category: Category,
}
