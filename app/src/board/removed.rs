//! Cards that are deleted while the reader uses them.
//!
//! The focus moves to the next card, popovers and dialogs of the card close, and a toast says who deleted it. Browser
//! only.

use engine::{Board, TaskId, UserId, session::Changes};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

use super::{elements, menu, store::BoardStore};
use crate::{
    message::quoted,
    ui::{dom, focus::nothing_has_focus, toast::Toast},
};

/// A card that is about to leave the board.
struct RemovedCard {
    id: TaskId,
    title: String,
    /// The other user who deleted it, if it was not the reader.
    by: Option<UserId>,
    /// Whether the reader deleted it on this page.
    own: bool,
    /// What the reader was doing with it.
    at: Engagement,
}

/// How the reader is using a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Engagement {
    /// The card or its menu has the focus.
    focused: bool,
    /// Its menu is open.
    menu: bool,
    /// "Move to…" is open for it.
    moving: bool,
    /// It is open beside the board.
    open: bool,
    /// The focus is in its panel.
    panel: bool,
    /// It is being dragged.
    dragged: bool,
}

/// The cards that a changed view no longer has, and how the reader was using them.
pub(super) struct RemovedCards(Vec<RemovedCard>);

impl RemovedCards {
    /// Called before the signals are set.
    pub(super) fn before(store: BoardStore, view: &Board, changes: &Changes) -> Self {
        let gone = |id: &TaskId| view.task(*id).is_none();
        let ids: Vec<TaskId> =
            if changes.all { store.shown_tasks() } else { changes.tasks.clone() }.into_iter().filter(gone).collect();
        let removed = ids.into_iter().filter_map(|id| {
            let task = store.task(id)?;
            if let Some(fallback) = fallback(store, view, id, task.status_id) {
                store.set_focus_fallback(id, fallback);
            }
            let by = changes.remote.iter().find(|(task, _)| *task == id).map(|(_, user)| *user);
            let own = store.was_deleted_here(id);
            Some(RemovedCard { id, title: quoted(&task.title), by, own, at: engagement(store, id) })
        });
        Self(removed.collect())
    }

    /// Called after the signals are set.
    pub(super) fn after(self, store: BoardStore) {
        if !self.0.is_empty() {
            dom::after_render(move || self.0.into_iter().for_each(|removed| removed.finish(store)));
        }
    }
}

impl RemovedCard {
    fn finish(self, store: BoardStore) {
        let at = self.at;
        if at.menu {
            menu::hide();
        }
        if at.moving
            && let Some(dialog) = moving().and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok())
        {
            dialog.close();
        }
        if (at.focused || at.menu || at.moving) && nothing_has_focus() {
            store.focus_instead(self.id);
        }
        if at.panel {
            // The panel's fields go a little later, and the panel then shows what was typed in them.
            dom::next_frame(|| {
                let there = nothing_has_focus() || dom::find(".task-dialog:focus-within").is_some();
                if there && let Some(panel) = dom::find(".task-dialog[open]") {
                    dom::focus(&panel);
                }
            });
        }
        if !self.own && at != Engagement::default() {
            let by = self.by.and_then(|user| untrack(|| store.member(user))).map(|member| member.name);
            let text = match by {
                Some(name) => format!("{} was deleted by {name}.", self.title),
                None => format!("{} was deleted.", self.title),
            };
            store.toast(Toast::done(text));
        }
    }
}

fn engagement(store: BoardStore, id: TaskId) -> Engagement {
    let active = document().active_element();
    let inside = |element: Option<&Element>| {
        active.as_ref().is_some_and(|active| element.is_some_and(|element| element.contains(Some(active))))
    };
    let slot = elements::slot(id);
    let open = store.viewed() == Some(id);
    let is_for = |element: &Element| element.get_attribute("data-for").is_some_and(|of| of == id.to_string());
    Engagement {
        focused: inside(slot.as_deref()),
        menu: menu::open_for() == Some(id),
        moving: moving().is_some_and(|dialog| is_for(&dialog)),
        open,
        panel: open && inside(dom::find(".task-dialog").as_deref()),
        dragged: slot.is_some_and(|slot| slot.has_attribute("data-ghost") || slot.has_attribute("data-lifted")),
    }
}

/// The open "Move to…" dialog.
fn moving() -> Option<Element> {
    dom::find(".move-dialog[open]").map(Into::into)
}

/// The card that takes the focus from a deleted one: the next visible card, or the one before it.
fn fallback(store: BoardStore, view: &Board, id: TaskId, column: engine::StatusId) -> Option<TaskId> {
    store.column(column).with_untracked(|ids| {
        let at = ids.iter().position(|other| *other == id)?;
        let stays = |id: &&TaskId| {
            view.task(**id).is_some() && elements::slot(**id).is_some_and(|slot| !slot.has_attribute("hidden"))
        };
        ids[at + 1..].iter().find(stays).or_else(|| ids[..at].iter().rev().find(stays)).copied()
    })
}
