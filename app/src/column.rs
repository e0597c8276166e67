//! A column as it can be changed: in the settings, and from its head on the board. The change is sent, and the event
//! that follows shows it.

use engine::{Method, Request, Status, StatusId, limit};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::board::BoardStore;

/// The colours on offer; the API takes any other.
const COLORS: [(&str, &str); 10] = [
    ("#8b93a3", "Grey"),
    ("#6b7cff", "Indigo"),
    ("#3b9eff", "Blue"),
    ("#12a594", "Teal"),
    ("#46a758", "Green"),
    ("#e2a336", "Amber"),
    ("#f0743c", "Orange"),
    ("#e5484d", "Red"),
    ("#d6409f", "Pink"),
    ("#8e4ec6", "Purple"),
];

/// A colour for one more column, that its neighbours are unlikely to have.
pub(crate) fn next_color(columns: usize) -> &'static str {
    COLORS[columns % COLORS.len()].0
}

/// Towards which end of the board a column goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// One column of a board.
#[derive(Clone, Copy)]
pub(crate) struct Column {
    pub(crate) store: BoardStore,
    pub(crate) id: StatusId,
}

impl Column {
    /// A field of it, tracked. Empty once it is gone.
    pub(crate) fn read(self, field: fn(&Status) -> String) -> Signal<String> {
        Signal::derive(move || self.store.status(self.id).as_ref().map(field).unwrap_or_default())
    }

    pub(crate) fn name(self) -> Signal<String> {
        self.read(|status| status.name.clone())
    }

    pub(crate) fn color(self) -> Signal<String> {
        self.read(|status| status.color.clone())
    }

    /// Its WIP limit in digits, empty where there is none.
    pub(crate) fn limit(self) -> Signal<String> {
        self.read(|status| status.wip_limit.map(|limit| limit.to_string()).unwrap_or_default())
    }

    /// The column next to it on one side, tracked.
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

    /// Changes fields of it.
    pub(crate) fn patch(self, body: Value) -> Request {
        Request::new(Method::Patch, self.path()).json(body)
    }

    /// Gives it a name. `None` for one that is empty or too long.
    pub(crate) fn rename(self, name: &str) -> Option<Request> {
        Some(self.patch(json!({ "name": limit::text(name, limit::NAME)? })))
    }

    /// Limits it to a number of cards. No number: no limit.
    pub(crate) fn set_limit(self, text: &str) -> Request {
        let limit = text.trim().parse::<u32>().ok().filter(|limit| *limit > 0);
        self.patch(json!({ "wip_limit": limit }))
    }

    /// Changes places with its neighbour on one side. `None` where there is none.
    pub(crate) fn shift(self, side: Side) -> Option<Request> {
        let next = untrack(|| self.neighbour(side))?;
        Some(self.patch(match side {
            Side::Left => json!({ "before_id": next }),
            Side::Right => json!({ "after_id": next }),
        }))
    }

    /// Takes it off the board.
    pub(crate) fn delete(self) -> Request {
        Request::new(Method::Delete, self.path())
    }

    fn path(self) -> String {
        format!("/api/projects/{}/statuses/{}", self.store.project_id(), self.id)
    }
}

/// A dot in a colour of the users'. As an attribute of SVG, because the page's policy allows no inline style.
pub(crate) fn dot(color: Signal<String>) -> AnyView {
    view! {
        <svg class="dot" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <circle cx="6" cy="6" r="6" fill=move || color.get()></circle>
        </svg>
    }
    .into_any()
}

/// The colours to choose from, that of the column pressed. A choice closes the popover `closes`, if one is named.
pub(crate) fn swatches(column: Column, closes: Option<String>, choose: Callback<Request>) -> AnyView {
    let color = column.color();
    let swatch = |(hex, label): (&'static str, &'static str)| {
        view! {
            <button
                class="swatch"
                type="button"
                aria-label=label
                title=label
                aria-pressed=move || color.with(|color| color.eq_ignore_ascii_case(hex)).to_string()
                popovertarget=closes.clone()
                popovertargetaction="hide"
                on:click=move |_| choose.run(column.patch(json!({ "color": hex })))
            >
                {dot(Signal::stored(hex.to_owned()))}
            </button>
        }
    };
    COLORS.map(swatch).into_iter().collect_view().into_any()
}
