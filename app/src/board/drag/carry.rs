//! The card that is carried.

mod hand;

use engine::{Op, Placement, Rank, StatusId, TaskId, wire::PresenceMode};
use leptos::prelude::*;
use web_sys::{DomRect, HtmlElement};

use super::{
    geometry::{Plan, Slot, Step, edge_speed},
    gesture::Point,
    measure,
    pager::Pager,
};
use crate::board::{desk::Desk, page, refusal::quoted, store::Flight};
use hand::Hand;

/// Between cards, and at the sides of the list, in CSS pixels: as `board.css` has it.
const GAP: f64 = 6.0;
const INSET: f64 = 8.0;
/// The share of the view that a column has on a phone.
const FILLS: f64 = 0.6;
/// A frame that took longer than this (a hidden tab) does not scroll further than this, in milliseconds.
const LONGEST_FRAME: f64 = 64.0;

/// How a carried card ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// It is carried on.
    On,
    /// Somebody else has deleted it.
    Gone,
}

/// One card on its way, from the lift to the drop.
pub(super) struct Carry {
    desk: Desk,
    task: TaskId,
    title: String,
    plan: Plan,
    slot: Slot,
    /// The board's state that the plan was measured in.
    revision: u64,
    /// Where the card was when it was last looked at, and since which state of the board changes count.
    home: Option<(StatusId, Rank)>,
    since: u64,
    /// Who else has moved it meanwhile, and to which column.
    moved: Option<(String, String)>,
    pointer: Option<Hand>,
    board: HtmlElement,
    mark: HtmlElement,
    drawn_at: Option<f64>,
    pager: Pager,
}

impl Carry {
    /// Lifts a card. `None` when it is not on the page.
    pub(super) fn lift(desk: Desk, task: TaskId, pointer: Option<(i32, Point)>) -> Option<Self> {
        let board = page::board()?;
        let mark = page::find("[data-drag-mark]")?;
        let plan = measure::plan(desk.store, task);
        let slot = plan.home()?;
        let lifted = desk.store.task(task)?;
        let (title, home) = (lifted.title.clone(), Some((lifted.status_id, lifted.rank.clone())));
        let pointer = match pointer {
            Some((pointer, at)) => Some(Hand::take(task, pointer, at)?),
            None => None,
        };
        let _ = board.set_attribute("data-dragging", "");
        if let Some(hand) = &pointer {
            // From here on the pointer's events come here, wherever it goes. Fails for a pointer that is gone already.
            let _ = board.set_pointer_capture(hand.pointer);
        }
        desk.store.tell(Some(task), PresenceMode::Drag);
        let revision = desk.store.revision();
        let (since, moved) = (revision, None);
        let (drawn_at, pager) = (None, Pager::default());
        let carry =
            Self { desk, task, title, plan, slot, revision, home, since, moved, pointer, board, mark, drawn_at, pager };
        carry.mark_origin();
        let place = carry.place();
        desk.say(format!("Picked up {}. {place}.", carry.title));
        Some(carry)
    }

    /// The pointer is here now. The next frame draws it.
    pub(super) fn track(&mut self, at: Point) {
        if let Some(hand) = &mut self.pointer {
            hand.at = at;
        }
    }

    /// A key moves the gap.
    pub(super) fn step(&mut self, step: Step) {
        self.refresh();
        let slot = self.plan.step(self.slot, step);
        if slot != self.slot {
            self.slot = slot;
            self.desk.say(self.place());
        }
        self.reveal();
    }

    /// Draws one frame at `now` (milliseconds): scrolls near the edges, finds the gap, moves what floats.
    pub(super) fn frame(&mut self, now: f64) -> Frame {
        if self.desk.store.task(self.task).is_none() {
            return Frame::Gone;
        }
        self.refresh();
        let passed = self.drawn_at.map_or(0.0, |before| (now - before).min(LONGEST_FRAME)) / 1_000.0;
        self.drawn_at = Some(now);
        self.follow(passed);
        self.draw_mark();
        Frame::On
    }

    /// Puts the card into the gap that is marked.
    pub(super) fn put(mut self) {
        self.refresh();
        // The pointer may have moved since the last frame: the gap is the one that it is over now.
        self.follow(0.0);
        let home = self.plan.home() == Some(self.slot);
        let aimed = self.plan.placement(self.slot);
        let place = self.place();
        if let Some(to) = aimed.filter(|_| !home && self.desk.can_edit.get_untracked()) {
            let from = self.pointer.as_ref().map(|hand| hand.copy.get_bounding_client_rect());
            let flight = from.map(|from| Flight { task: self.task, left: from.left(), top: from.top() });
            self.desk.store.set_flight(flight);
            self.move_to(to);
            self.desk.say(format!("Dropped {}. {place}.", self.title));
        } else {
            self.desk.say(format!("Dropped {} where it was.", self.title));
        }
    }

    /// Puts the card back.
    pub(super) fn give_up(self, why: Frame) {
        let deleted_by = || {
            let by = self.desk.store.changed_by(self.task, self.since);
            by.map_or_else(|| "Someone else".to_owned(), |user| self.desk.store.name_of(user))
        };
        self.desk.say(match (why, &self.moved) {
            (Frame::On, None) => format!("{} is back where it was.", self.title),
            (Frame::On, Some((name, column))) => format!("{} stays in {column}, where {name} moved it.", self.title),
            (Frame::Gone, _) => format!("{} deleted {}. Nothing was moved.", deleted_by(), self.title),
        });
    }

    fn move_to(&self, to: Placement) {
        self.desk.store.submit(Op::MoveTask { task_id: self.task, to });
    }

    /// Draws what floats where the pointer is, and finds the gap there. The keys say theirs themselves.
    fn follow(&mut self, passed: f64) {
        if let Some(hand) = &self.pointer {
            let at = hand.at;
            hand.draw();
            self.aim(at, passed);
        }
    }

    /// Measures again when the board has changed under the card.
    fn refresh(&mut self) {
        let revision = self.desk.store.revision();
        if revision == self.revision {
            return;
        }
        self.revision = revision;
        self.plan = measure::plan(self.desk.store, self.task);
        // A gap of the keys may be past the end of a column that has become shorter.
        let lane = self.slot.lane.min(self.plan.lanes.len().saturating_sub(1));
        self.slot = Slot { lane, index: self.slot.index.min(self.plan.size(lane)) };
        // Somebody may have moved the card itself: its new element is the ghost now.
        self.mark_origin();
        self.notice_move();
    }

    /// Says who else has moved the card while it is carried. Where it is dropped counts: it is the later move.
    fn notice_move(&mut self) {
        let Some(task) = self.desk.store.task(self.task) else { return };
        let home = Some((task.status_id, task.rank.clone()));
        if std::mem::replace(&mut self.home, home.clone()) == home {
            return;
        }
        let Some(user) = self.desk.store.changed_by(self.task, self.since) else { return };
        self.since = self.revision;
        let column = untrack(|| self.desk.store.status(task.status_id)).map(|status| status.name).unwrap_or_default();
        let name = self.desk.store.name_of(user);
        let title = quoted(&self.title);
        self.desk.store.notify(format!("{name} just moved {title} to {column}. It goes where you drop it."));
        self.moved = Some((name, column));
    }

    /// Scrolls what the pointer is near the edge of, and finds the gap that it is over.
    fn aim(&mut self, at: Point, passed: f64) {
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
            None => page::scroll_left(&self.board, speed * passed),
        }
        let x = at.x - view.left() + f64::from(self.board.scroll_left());
        let Some(lane) = self.plan.lane_at(x) else { return };
        let Some(list) = self.plan.lanes.get(lane).and_then(|lane| page::list(lane.status)) else { return };
        let frame = list.get_bounding_client_rect();
        page::scroll_top(&list, edge_speed(at.y, frame.top(), frame.bottom()) * passed);
        let y = at.y - frame.top() + f64::from(list.scroll_top());
        self.slot = self.plan.slot_at(lane, y);
    }

    /// The offsets that show one column each, where a column fills the view.
    fn stops(&self, view: f64) -> Option<Vec<f64>> {
        let wide = |width: f64| width > view * FILLS;
        self.plan.lanes.first().filter(|lane| wide(lane.right - lane.left))?;
        let most = f64::from(self.board.scroll_width() - self.board.client_width());
        let stop = |left: f64, right: f64| ((left + right - view) / 2.0).clamp(0.0, most.max(0.0));
        Some(self.plan.lanes.iter().map(|lane| stop(lane.left, lane.right)).collect())
    }

    fn draw_mark(&self) {
        let shown = (self.plan.home() != Some(self.slot)).then(|| self.list()).flatten();
        let Some((list, frame)) = shown else {
            let _ = self.mark.remove_attribute("data-shown");
            return;
        };
        let y = self.plan.mark(self.slot, GAP) - f64::from(list.scroll_top()) + frame.top();
        let y = y.clamp(frame.top(), frame.bottom().max(frame.top() + GAP));
        let style = self.mark.style();
        let width = (f64::from(list.client_width()) - 2.0 * INSET).max(0.0);
        let _ = style.set_property("width", &format!("{width}px"));
        let _ = style.set_property("transform", &format!("translate({}px, {}px)", frame.left() + INSET, y - 1.0));
        let _ = self.mark.set_attribute("data-shown", "");
    }

    /// Brings the gap of the keys into view.
    fn reveal(&self) {
        let Some((list, _)) = self.list() else { return };
        if let Ok(Some(column)) = list.closest(".column") {
            page::scroll_to(&column);
        }
        let mark = self.plan.mark(self.slot, GAP) as i32;
        let (top, height) = (list.scroll_top(), list.client_height());
        let margin = height / 4;
        if mark < top + margin {
            list.set_scroll_top(mark - margin);
        } else if mark > top + height - margin {
            list.set_scroll_top(mark - height + margin);
        }
    }

    fn list(&self) -> Option<(HtmlElement, DomRect)> {
        let list = page::list(self.plan.lanes.get(self.slot.lane)?.status)?;
        let frame = list.get_bounding_client_rect();
        Some((list, frame))
    }

    /// `In progress, position 2 of 5`.
    fn place(&self) -> String {
        let status = self.plan.lanes.get(self.slot.lane).map(|lane| lane.status);
        let name = status.and_then(|id| untrack(|| self.desk.store.status(id))).map(|status| status.name);
        let of = self.plan.size(self.slot.lane) + 1;
        format!("{}, position {} of {of}", name.unwrap_or_default(), self.slot.index + 1)
    }

    fn mark_origin(&self) {
        let attribute = if self.pointer.is_some() { "data-ghost" } else { "data-lifted" };
        if let Some(slot) = page::slot(self.task) {
            let _ = slot.set_attribute(attribute, "");
        }
    }
}

impl Drop for Carry {
    fn drop(&mut self) {
        let _ = self.board.remove_attribute("data-dragging");
        let _ = self.mark.remove_attribute("data-shown");
        if let Some(slot) = page::slot(self.task) {
            let _ = slot.remove_attribute("data-ghost");
            let _ = slot.remove_attribute("data-lifted");
        }
        if let Some(hand) = &self.pointer {
            hand.copy.remove();
            let _ = self.board.release_pointer_capture(hand.pointer);
        }
        self.desk.store.tell_put_down();
    }
}
