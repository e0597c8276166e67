//! Dragging a task from the panel into a cell of the table.

use engine::{TaskId, oversight::workload::LoadTask};
use leptos::prelude::*;
use web_sys::{Element, HtmlElement, PointerEvent};

use super::{
    plan::{Target, When},
    workload_state::WorkloadState,
};
use crate::ui::{
    dom::{closest, find, scroll_left},
    dom_listener::DomListener,
    drag::{self, ActiveDrag, CancelReason, DragPreview, DragSource, KeyMove, Point, edge_speed},
};

/// A frame that took longer than this (a hidden tab) scrolls no further than this, in milliseconds.
const LONGEST_FRAME: f64 = 50.0;

/// A drag of one task, by a pointer.
struct TaskDrag {
    state: WorkloadState,
    task: LoadTask,
    preview: DragPreview,
    main: Option<HtmlElement>,
    /// The cell below the pointer.
    over: Option<Element>,
    drawn_at: f64,
}

/// Lets the tasks of the panel be dragged for as long as the listeners are kept.
pub(super) fn listen(state: WorkloadState) -> Vec<DomListener> {
    drag::listen(WorkloadDragSource(state), &window())
}

struct WorkloadDragSource(WorkloadState);

impl DragSource for WorkloadDragSource {
    type Item = TaskId;

    const TAKES_ALL_KEYS: bool = false;

    fn pressed(&self, event: &PointerEvent) -> Option<TaskId> {
        if closest(event.target(), "button").is_some() {
            return None;
        }
        closest(event.target(), "[data-load-task]")?.get_attribute("data-load-task")?.parse().ok()
    }

    fn lift(&self, task: TaskId, pointer: Option<(i32, Point)>) -> Option<Box<dyn ActiveDrag>> {
        let drag = TaskDrag::lift(self.0, task, pointer?)?;
        self.0.announcement.set(format!("Picked up {}.", drag.task.title));
        Some(Box::new(drag))
    }
}

/// The user and the first day of the week that a cell stands for.
fn target(cell: &Element) -> Option<(Option<engine::UserId>, engine::Day)> {
    let first = cell.get_attribute("data-put-period")?.parse().ok()?;
    // `none`, of unassigned tasks, is not an id.
    let user = cell.get_attribute("data-put-user")?.parse().ok();
    Some((user, first))
}

impl TaskDrag {
    fn lift(state: WorkloadState, id: TaskId, pointer: (i32, Point)) -> Option<Self> {
        let task = state.tasks.with_untracked(|tasks| tasks.iter().find(|task| task.id == id).cloned())?;
        let row = find(&format!("[data-load-task=\"{id}\"]"))?;
        let preview = DragPreview::new(&row, "drag-card load-drag", Some(pointer))?;
        let _ = row.set_attribute("data-ghost", "");
        let main = find(".oversight");
        if let Some(main) = &main {
            let _ = main.set_attribute("data-dragging", "");
        }
        Some(Self { state, task, preview, main, over: None, drawn_at: js_sys::Date::now() })
    }

    /// Finds the cell below the pointer.
    fn aim(&mut self) {
        let at = self.preview.pointer.as_ref().map(|grip| grip.at);
        let below = at.and_then(|at| document().element_from_point(at.x as f32, at.y as f32));
        let cell = below.and_then(|below| below.closest("[data-put-period]").ok().flatten());
        if cell != self.over {
            if let Some(old) = &self.over {
                let _ = old.remove_attribute("data-over");
            }
            if let Some(new) = &cell {
                let _ = new.set_attribute("data-over", "");
            }
            self.over = cell;
        }
    }
}

impl ActiveDrag for TaskDrag {
    fn track(&mut self, at: Point) {
        self.preview.track(at);
    }

    fn step(&mut self, _: KeyMove) {}

    fn frame(&mut self, now: f64) -> bool {
        let passed = (now - self.drawn_at).min(LONGEST_FRAME) / 1_000.0;
        self.drawn_at = now;
        let Some(grip) = &self.preview.pointer else { return true };
        let at = grip.at;
        self.preview.draw(grip.corner());
        if let Some(view) = find(".load-scroll") {
            let frame = view.get_bounding_client_rect();
            let inside = frame.left() <= at.x && at.x <= frame.right();
            if inside {
                scroll_left(&view, edge_speed(at.x, frame.left(), frame.right()) * passed);
            }
        }
        let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
        let down = edge_speed(at.y, 0.0, height) * passed;
        if down != 0.0 {
            window().scroll_by_with_x_and_y(0.0, down);
        }
        self.aim();
        true
    }

    fn finish(mut self: Box<Self>) {
        // The pointer may have moved since the last frame.
        self.aim();
        let (state, task) = (self.state, self.task.clone());
        let target = self.over.as_ref().and_then(target);
        drop(self);
        match target {
            Some((user, first)) => {
                // From a list without a week, only the assignee changes, unless the cell of another week is chosen.
                let here = state.source_period() == Some(first) && user == task.assignee_id;
                if !here {
                    let when = if state.source_period() == Some(first) { When::Same } else { When::In(first) };
                    state.move_task(task, Target { user, when });
                }
            }
            None => state.announcement.set(format!("{} is back where it was.", task.title)),
        }
    }

    fn cancel(self: Box<Self>, _: CancelReason) {
        self.state.announcement.set(format!("{} is back where it was.", self.task.title));
    }
}

impl Drop for TaskDrag {
    fn drop(&mut self) {
        self.preview.copy.remove();
        if let Some(over) = &self.over {
            let _ = over.remove_attribute("data-over");
        }
        if let Some(main) = &self.main {
            let _ = main.remove_attribute("data-dragging");
        }
        if let Some(row) = find("[data-load-task][data-ghost]") {
            let _ = row.remove_attribute("data-ghost");
        }
    }
}
