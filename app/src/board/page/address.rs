//! The address of a board page: which card is open, and whether it has the page for itself.

use engine::{ProjectId, TaskId};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};

use crate::board::filter::Wanted;

/// The open card.
const TASK: &str = "task";
/// A comment of it, which a notification leads to.
const COMMENT: &str = "comment";
/// How the card is shown: `page`, or beside the board.
const VIEW: &str = "view";
const PAGE: &str = "page";

/// The address of a board page, to read and to change. What else stands in it stays.
#[derive(Clone, Copy)]
pub(crate) struct BoardAddress {
    project: ProjectId,
    query: Memo<ParamsMap>,
    /// Goes to a path. `true`: in the place of the entry of the history that is there.
    go: Callback<(String, bool)>,
}

/// The card that the address names.
pub(super) fn open_task() -> Memo<Option<TaskId>> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get_str(TASK).and_then(|id| id.parse().ok())))
}

impl BoardAddress {
    /// The address of this page, whose board is the one of `project`.
    pub(super) fn expect(project: ProjectId) -> Self {
        let navigate = use_navigate();
        let go = Callback::new(move |(path, replace): (String, bool)| {
            navigate(&path, NavigateOptions { scroll: false, replace, ..NavigateOptions::default() });
        });
        Self { project, query: use_query_map(), go }
    }

    /// The path of a card, without what only this reader's address says.
    pub(super) fn of(self, id: TaskId) -> String {
        format!("{}?{TASK}={id}", self.home())
    }

    /// The path of the board.
    pub(crate) fn home(self) -> String {
        format!("/projects/{}", self.project)
    }

    /// The whole address of a card, to pass on. In the browser only.
    pub(crate) fn link(self, id: TaskId) -> String {
        window().location().origin().unwrap_or_default() + &self.of(id)
    }

    /// Tracks whether the open card has the page for itself.
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

    /// Gives the page to the open card, or back to the board.
    pub(crate) fn set_page(self, page: bool) {
        self.change(true, |query| {
            query.remove(VIEW);
            if page {
                query.insert(VIEW, PAGE.to_owned());
            }
        });
    }

    /// Keeps the filter, in the place of the one that is there.
    pub(super) fn set_filter(self, wanted: &Wanted) {
        self.change(true, |query| wanted.write(query));
    }

    fn change(self, replace: bool, change: impl FnOnce(&mut ParamsMap)) {
        let mut query = self.query.get_untracked();
        change(&mut query);
        self.go.run((self.home() + &query.to_query_string(), replace));
    }
}
