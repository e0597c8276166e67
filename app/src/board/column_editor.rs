//! Changes a column, in the settings and from its head on the board. The change is sent, and the event that follows
//! shows it.

use engine::{Method, Request, Status, StatusId, limit};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::BoardStore;
use crate::ui::field::{LineField, Rule, Save, swatches};

/// The end of the board towards which a column moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// One column of a board, to read and to change.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) store: BoardStore,
    pub(crate) id: StatusId,
}

impl Column {
    /// A field of the column, tracked. Empty once the column is gone.
    pub(crate) fn read(self, field: fn(&Status) -> String) -> Signal<String> {
        Signal::derive(move || self.store.status(self.id).as_ref().map(field).unwrap_or_default())
    }

    pub(crate) fn name(self) -> Signal<String> {
        self.read(|status| status.name.clone())
    }

    pub(crate) fn color(self) -> Signal<String> {
        self.read(|status| status.color.clone())
    }

    /// The WIP limit in digits, empty without one.
    pub(crate) fn limit(self) -> Signal<String> {
        self.read(|status| status.wip_limit.map(|limit| limit.to_string()).unwrap_or_default())
    }

    /// The column next to this one on a side, tracked.
    pub(crate) fn neighbour(self, side: Side) -> Option<StatusId> {
        self.store.statuses().with(|all| {
            let at = all.iter().position(|status| status.id == self.id)?;
            let next = match side {
                Side::Left => at.checked_sub(1)?,
                Side::Right => at + 1,
            };
            all.get(next).map(|status| status.id)
        })
    }

    /// The request that changes fields of the column.
    pub(crate) fn patch(self, body: Value) -> Request {
        Request::new(Method::Patch, self.path()).json(body)
    }

    /// The input for the name.
    pub(crate) fn name_field(self, id: String, bare: bool, locked: Signal<bool>) -> AnyView {
        let rename = Callback::new(move |name: String| self.patch(json!({ "name": name })));
        let takes = Rule::Line { max: limit::NAME, optional: false };
        let label = if bare { "Column name" } else { "Name" };
        view! { <LineField id label bare value=self.name() locked takes save=Save::Request(rename) /> }.into_any()
    }

    /// The input for the WIP limit. Empty: no limit.
    pub(crate) fn limit_field(self, id: String, bare: bool, locked: Signal<bool>) -> AnyView {
        let set = Callback::new(move |limit: String| self.patch(json!({ "wip_limit": limit.parse::<u32>().ok() })));
        let takes = Rule::Number { min: 1.0, max: f64::from(limit::WIP), whole: true, optional: true };
        let save = Save::Request(set);
        let placeholder = if bare { "No limit" } else { "None" };
        view! { <LineField id label="WIP limit" bare placeholder value=self.limit() locked takes save /> }.into_any()
    }

    /// The choice of colour.
    pub(crate) fn color_field(self, closes: Option<String>, send: Callback<Request>) -> AnyView {
        let choose = Callback::new(move |color: &'static str| send.run(self.patch(json!({ "color": color }))));
        swatches(self.color(), closes, choose)
    }

    /// The request that swaps the column with its neighbour on a side. `None` without a neighbour.
    pub(crate) fn shift(self, side: Side) -> Option<Request> {
        let next = untrack(|| self.neighbour(side))?;
        Some(self.patch(match side {
            Side::Left => json!({ "before_id": next }),
            Side::Right => json!({ "after_id": next }),
        }))
    }

    fn path(self) -> String {
        format!("/api/projects/{}/statuses/{}", self.store.project_id(), self.id)
    }
}
