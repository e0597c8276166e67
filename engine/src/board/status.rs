//! A column, and what it means.

use serde::{Deserialize, Serialize};

use crate::{ProjectId, Rank, StatusId};

/// What a status means for the work in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Not begun.
    Todo,
    /// Being worked on.
    Doing,
    /// Finished: a task in it has a `completed_at`.
    Done,
}

impl Category {
    /// What it is called where no column says it better.
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
    /// Which.
    pub id: StatusId,
    /// On which board.
    pub project_id: ProjectId,
    /// The column's name.
    pub name: String,
    /// `#rrggbb`: a dot and a thin edge, chosen by the users.
    pub color: String,
    /// Where the column stands among the others.
    pub rank: Rank,
    /// How many tasks should be in it at the most. Shown, never enforced.
    pub wip_limit: Option<u32>,
    /// Column type.
    pub category: Category,
}
