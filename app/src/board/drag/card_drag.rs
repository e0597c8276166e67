//! Dragging a card: its preview, the gap it would drop into, scrolling at the edges, the drop.

mod gap;

use engine::{Op, Placement, Rank, StatusId, TaskId, wire::PresenceMode};
use leptos::prelude::*;
use web_sys::{DomRect, HtmlElement};

use super::{
    geometry::{Plan, Slot},
    measure,
    pager::Pager,
};
use crate::{
    board::{
        board_state::BoardState,
        elements,
        motion::{animate, fly},
        store::Flight,
    },
    message::quoted,
    ui::{
        dom,
        drag::{ActiveDrag, CancelReason, DragPreview, KeyMove, Point, edge_speed},
    },
};
use gap::Gap;

/// A column that takes more than this share of the view fills it, as on a phone.
const FILLS: f64 = 0.6;
/// A frame that took longer than this (a hidden tab) scrolls no further than this, in milliseconds.
const LONGEST_FRAME: f64 = 64.0;

/// A drag of one card.
pub(super) struct CardDrag {
    state: BoardState,
    task: TaskId,
    title: String,
    plan: Plan,
    slot: Slot,
    /// The revision of the board that `plan` was measured at.
    revision: u64,
    /// Where the card was at the last look, and the revision since which changes to it count.
    origin: Option<(StatusId, Rank)>,
    since: u64,
    /// The user who moved it during the drag, and the column they moved it to.
    moved: Option<(String, String)>,
    preview: DragPreview,
    board: HtmlElement,
    gap: Gap,
    /// The gap that is open, and the revision it was opened at.
    open: Option<(Slot, u64)>,
    drawn_at: Option<f64>,
    pager: Pager,
}

impl CardDrag {
    /// Starts the drag. `None` when the card is not on the page.
    pub(super) fn lift(state: BoardState, task: TaskId, pointer: Option<(i32, Point)>) -> Option<Self> {
        let board = elements::board()?;
        let plan = measure::plan(state.store, task);
        let slot = plan.origin()?;
        let lifted = state.store.task(task)?;
        let (title, origin) = (lifted.title.clone(), Some((lifted.status_id, lifted.rank.clone())));
        let preview = DragPreview::new(&elements::card(task)?, "drag-card", pointer)?;
        let _ = board.set_attribute("data-dragging", "");
        if let Some((pointer, _)) = pointer {
            // The board receives the pointer's events from now on, wherever it goes. Fails for a pointer that is gone.
            let _ = board.set_pointer_capture(pointer);
        }
        state.store.send_presence(Some(task), PresenceMode::Drag);
        let revision = state.store.revision();
        let (since, moved) = (revision, None);
        let (gap, open, drawn_at, pager) = (Gap::default(), None, None, Pager::default());
        let mut drag = Self {
            state,
            task,
            title,
            plan,
            slot,
            revision,
            origin,
            since,
            moved,
            preview,
            board,
            gap,
            open,
            drawn_at,
            pager,
        };
        drag.mark_origin();
        drag.make_room();
        let place = drag.place();
        state.announce(format!("Picked up {}. {place}.", drag.title));
        Some(drag)
    }

    /// Animates the copy back to the card's slot, and the shifted cards back to theirs.
    fn fly_back(&self) {
        if dom::reduced_motion() {
            return;
        }
        for (slot, by) in self.gap.shifted() {
            animate(&slot, &[("translate", &by, "none")]);
        }
        let from = self.preview.copy.get_bounding_client_rect();
        if let Some(slot) = elements::slot(self.task) {
            fly(&slot, &slot.get_bounding_client_rect(), from.left(), from.top());
        }
    }

    fn move_to(&self, to: Placement) {
        self.state.store.submit(Op::MoveTask { task_id: self.task, to });
    }

    /// Draws the preview under the pointer, and finds the gap there. A drag by key chooses its gap in `step`.
    fn follow(&mut self, passed: f64) {
        if let Some(grip) = &self.preview.pointer {
            let (at, corner) = (grip.at, grip.corner());
            self.preview.draw(corner);
            self.aim(at, corner.y, passed);
        }
    }

    /// Measures the board again when it has changed.
    fn refresh(&mut self) {
        let revision = self.state.store.revision();
        if revision == self.revision {
            return;
        }
        self.revision = revision;
        self.plan = measure::plan(self.state.store, self.task);
        // The gap of a drag by key may be past the end of a column that has become shorter.
        let lane = self.slot.lane.min(self.plan.lanes.len().saturating_sub(1));
        self.slot = Slot { lane, index: self.slot.index.min(self.plan.size(lane)) };
        // When another user moved the card itself, its new element becomes the ghost.
        self.mark_origin();
        self.notice_move();
    }

    /// Announces that another user moved the card during the drag. The drop wins: it is the later move.
    fn notice_move(&mut self) {
        let Some(task) = self.state.store.task(self.task) else { return };
        let origin = Some((task.status_id, task.rank.clone()));
        if std::mem::replace(&mut self.origin, origin.clone()) == origin {
            return;
        }
        let Some(user) = self.state.store.changed_by(self.task, self.since) else { return };
        self.since = self.revision;
        let column = untrack(|| self.state.store.status(task.status_id)).map(|status| status.name).unwrap_or_default();
        let name = self.state.store.name_of(user);
        let title = quoted(&self.title);
        self.state.store.notify(format!("{name} just moved {title} to {column}. It goes where you drop it."));
        self.moved = Some((name, column));
    }

    /// Scrolls the board and the column near whose edge the pointer is, and finds the gap under the card's upper edge, `top`.
    fn aim(&mut self, at: Point, top: f64, passed: f64) {
        let view = self.board.get_bounding_client_rect();
        let speed = edge_speed(at.x, view.left(), view.right());
        match self.stops(view.width()) {
            Some(stops) => {
                let from = f64::from(self.board.scroll_left());
                let to = self.pager.scroll(&stops, from, speed, passed);
                if to != from {
                    self.board.set_scroll_left(to.round() as i32);
                }
            }
            None => dom::scroll_left(&self.board, speed * passed),
        }
        let x = at.x - view.left() + f64::from(self.board.scroll_left());
        let Some(lane) = self.plan.lane_at(x) else { return };
        let Some(list) = self.plan.lanes.get(lane).and_then(|lane| elements::list(lane.status)) else { return };
        let frame = list.get_bounding_client_rect();
        dom::scroll_top(&list, edge_speed(at.y, frame.top(), frame.bottom()) * passed);
        self.slot = self.plan.slot_at(lane, top - frame.top() + f64::from(list.scroll_top()));
    }

    /// The scroll offsets that show one column each. `None` where a column does not fill the view.
    fn stops(&self, view: f64) -> Option<Vec<f64>> {
        let wide = |width: f64| width > view * FILLS;
        self.plan.lanes.first().filter(|lane| wide(lane.right - lane.left))?;
        let most = f64::from(self.board.scroll_width() - self.board.client_width());
        let stop = |left: f64, right: f64| ((left + right - view) / 2.0).clamp(0.0, most.max(0.0));
        Some(self.plan.lanes.iter().map(|lane| stop(lane.left, lane.right)).collect())
    }

    /// Opens the gap where the card would drop.
    fn make_room(&mut self) {
        let now = (self.slot, self.revision);
        if self.open == Some(now) {
            return;
        }
        self.open = Some(now);
        if let Some((list, _)) = self.list() {
            self.gap.open(list, &self.plan, self.slot);
        }
    }

    /// The corner of a card in the gap, in the window.
    fn corner(&self) -> Option<Point> {
        let (list, frame) = self.list()?;
        if frame.height() == 0.0 {
            let strip = elements::column(self.lane()?)?.get_bounding_client_rect();
            return Some(Point { x: strip.left(), y: strip.top() });
        }
        let inset = elements::slot(self.task).map_or(0.0, |slot| f64::from(slot.offset_left()));
        let top = self.plan.top(self.slot) - f64::from(list.scroll_top()) + frame.top();
        let lowest = (frame.bottom() - self.plan.height()).max(frame.top());
        Some(Point { x: frame.left() + inset, y: top.clamp(frame.top(), lowest) })
    }

    /// Scrolls the gap into view, in a drag by key.
    fn reveal(&self) {
        let Some((list, _)) = self.list() else { return };
        if let Ok(Some(column)) = list.closest(".column") {
            dom::scroll_to(&column);
        }
        let gap = self.plan.top(self.slot) as i32;
        let (top, height) = (list.scroll_top(), list.client_height());
        let margin = height / 4;
        if gap < top + margin {
            list.set_scroll_top(gap - margin);
        } else if gap > top + height - margin {
            list.set_scroll_top(gap - height + margin);
        }
    }

    fn lane(&self) -> Option<StatusId> {
        self.plan.lanes.get(self.slot.lane).map(|lane| lane.status)
    }

    /// Whether the gap is in a column that shows no cards.
    fn is_collapsed(&self) -> bool {
        let column = self.lane().and_then(elements::column);
        column.is_some_and(|column| column.has_attribute("data-collapsed"))
    }

    fn list(&self) -> Option<(HtmlElement, DomRect)> {
        let list = elements::list(self.lane()?)?;
        let frame = list.get_bounding_client_rect();
        Some((list, frame))
    }

    /// `In progress, position 2 of 5`.
    fn place(&self) -> String {
        let name = self.lane().and_then(|id| untrack(|| self.state.store.status(id))).map(|status| status.name);
        if self.is_collapsed() {
            return format!("{}, at the end", name.unwrap_or_default());
        }
        let of = self.plan.size(self.slot.lane) + 1;
        format!("{}, position {} of {of}", name.unwrap_or_default(), self.slot.index + 1)
    }

    fn mark_origin(&self) {
        let attribute = if self.preview.pointer.is_some() { "data-ghost" } else { "data-lifted" };
        if let Some(slot) = elements::slot(self.task) {
            let _ = slot.set_attribute(attribute, "");
        }
    }
}

impl ActiveDrag for CardDrag {
    fn track(&mut self, at: Point) {
        self.preview.track(at);
    }

    fn step(&mut self, step: KeyMove) {
        self.refresh();
        let slot = self.plan.step(self.slot, step);
        if slot != self.slot {
            self.slot = slot;
            self.state.announce(self.place());
        }
        self.reveal();
        self.make_room();
    }

    fn frame(&mut self, now: f64) -> bool {
        if self.state.store.task(self.task).is_none() {
            return false;
        }
        self.refresh();
        let passed = self.drawn_at.map_or(0.0, |before| (now - before).min(LONGEST_FRAME)) / 1_000.0;
        self.drawn_at = Some(now);
        self.follow(passed);
        self.make_room();
        if self.preview.pointer.is_none()
            && let Some(corner) = self.corner()
        {
            self.preview.draw(corner);
        }
        true
    }

    fn finish(mut self: Box<Self>) {
        self.refresh();
        // The pointer may have moved since the last frame.
        self.follow(0.0);
        let origin = self.plan.origin() == Some(self.slot);
        let aimed = self.plan.placement(self.slot);
        let place = self.place();
        if let Some(to) = aimed.filter(|_| !origin && self.state.can_edit.get_untracked()) {
            let from = self.preview.copy.get_bounding_client_rect();
            self.state.store.set_flight(Some(Flight { task: self.task, left: from.left(), top: from.top() }));
            self.move_to(to);
            self.state.announce(format!("Dropped {}. {place}.", self.title));
        } else {
            self.fly_back();
            self.state.announce(format!("Dropped {} where it was.", self.title));
        }
    }

    fn cancel(self: Box<Self>, why: CancelReason) {
        self.fly_back();
        let deleted_by = || {
            let by = self.state.store.changed_by(self.task, self.since);
            by.map_or_else(|| "Someone else".to_owned(), |user| self.state.store.name_of(user))
        };
        self.state.announce(match (why, &self.moved) {
            (CancelReason::ByUser, None) => format!("{} is back where it was.", self.title),
            (CancelReason::ByUser, Some((name, column))) => {
                format!("{} stays in {column}, where {name} moved it.", self.title)
            }
            (CancelReason::ItemDeleted, _) => format!("{} deleted {}. Nothing was moved.", deleted_by(), self.title),
        });
    }
}

impl Drop for CardDrag {
    fn drop(&mut self) {
        // First: the attribute turns transitions on, and what is reset below must not glide.
        let _ = self.board.remove_attribute("data-dragging");
        self.gap.close();
        if let Some(slot) = elements::slot(self.task) {
            let _ = slot.remove_attribute("data-ghost");
            let _ = slot.remove_attribute("data-lifted");
        }
        self.preview.copy.remove();
        if let Some(grip) = &self.preview.pointer {
            let _ = self.board.release_pointer_capture(grip.id);
        }
        self.state.store.send_drag_end();
    }
}
