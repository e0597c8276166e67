//! The address of a board page: which card is open, and whether it takes the whole page.

use engine::{ProjectId, TaskId};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};

use crate::board::filter::FilterQuery;

/// The open card.
const TASK: &str = "task";
/// A comment on it, which a notification links to.
const COMMENT: &str = "comment";
/// How the card is shown: `page`, or else beside the board.
const VIEW: &str = "view";
const PAGE: &str = "page";

/// The address of a board page, to read and to change. Other parameters stay.
#[derive(Clone, Copy)]
pub(crate) struct BoardAddress {
    project: ProjectId,
    query: Memo<ParamsMap>,
    /// Navigates to a path. `true` replaces the current history entry.
    navigate: Callback<(String, bool)>,
}

/// The card that the address names.
pub(super) fn open_task() -> Memo<Option<TaskId>> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get_str(TASK).and_then(|id| id.parse().ok())))
}

impl BoardAddress {
    /// The address of this page, which shows the board of `project`.
    pub(super) fn expect(project: ProjectId) -> Self {
        let navigate = use_navigate();
        let go = Callback::new(move |(path, replace): (String, bool)| {
            navigate(&path, NavigateOptions { scroll: false, replace, ..NavigateOptions::default() });
        });
        Self { project, query: use_query_map(), navigate: go }
    }

    /// The path of a card, without the reader's own view and filter.
    pub(super) fn card_path(self, id: TaskId) -> String {
        format!("{}?{TASK}={id}", self.board_path())
    }

    /// The path of the board.
    pub(crate) fn board_path(self) -> String {
        format!("/projects/{}", self.project)
    }

    /// The full URL of a card, for sharing. In the browser only.
    pub(crate) fn link(self, id: TaskId) -> String {
        window().location().origin().unwrap_or_default() + &self.card_path(id)
    }

    /// Tracks whether the open card takes the whole page.
    pub(crate) fn is_page(self) -> bool {
        self.query.with(|query| query.get_str(VIEW) == Some(PAGE))
    }

    /// Opens a card.
    pub(crate) fn show(self, id: TaskId) {
        self.change(false, |query| {
            query.remove(COMMENT);
            query.replace(TASK, id.to_string());
        });
    }

    /// Closes the card.
    pub(super) fn close(self) {
        self.change(false, |query| {
            for name in [TASK, COMMENT, VIEW] {
                query.remove(name);
            }
        });
    }

    /// Shows the open card on the whole page, or beside the board.
    pub(crate) fn set_page(self, page: bool) {
        self.change(true, |query| {
            query.remove(VIEW);
            if page {
                query.insert(VIEW, PAGE.to_owned());
            }
        });
    }

    /// Replaces the filter in the address.
    pub(super) fn set_filter(self, filter_query: &FilterQuery) {
        self.change(true, |query| filter_query.write(query));
    }

    fn change(self, replace: bool, change: impl FnOnce(&mut ParamsMap)) {
        let mut query = self.query.get_untracked();
        change(&mut query);
        self.navigate.run((self.board_path() + &query.to_query_string(), replace));
    }
}
