//! The month that a date is chosen from.

mod month;

use engine::Day;
use leptos::prelude::*;
use web_sys::{HtmlElement, KeyboardEvent};

use super::reader::Reader;
use crate::ui::{
    dom::{find, focus},
    hydrated::Hydrated,
    icon::Icon,
};

/// The state of the month that opens beside a date field.
#[derive(Clone, Copy)]
pub(crate) struct DatePicker {
    /// The id of the field. The popover's id is derived from it.
    id: StoredValue<String>,
    value: Signal<String>,
    optional: bool,
    today: Signal<Day>,
    choose: Callback<String>,
    open: RwSignal<bool>,
    /// The focused date, whose month is shown.
    at: RwSignal<Day>,
    reader: Reader,
}

impl DatePicker {
    pub(super) fn new(
        id: String,
        value: Signal<String>,
        optional: bool,
        today: Signal<Day>,
        choose: Callback<String>,
    ) -> Self {
        Self {
            id: StoredValue::new(id),
            value,
            optional,
            today,
            choose,
            open: RwSignal::new(false),
            at: RwSignal::new(Day::EARLIEST),
            reader: Reader::expect(),
        }
    }

    fn popover_id(self) -> String {
        self.id.with_value(|id| format!("{id}-picker"))
    }

    fn popover(self) -> Option<HtmlElement> {
        find(&format!("#{}", self.popover_id()))
    }

    fn chosen(self) -> Option<Day> {
        self.value.get().parse().ok()
    }

    /// Opens the month of the date, or of today.
    pub(super) fn show(self) {
        // By its button, so that the browser places it there. If it is open already, a press would close it.
        if !self.open.get_untracked()
            && let Some(button) = find(&format!("[popovertarget=\"{}\"]", self.popover_id()))
        {
            button.click();
        }
    }

    /// Prepares the month before it is shown.
    fn opening(self) {
        self.reader.ask_first_weekday();
        self.at.set(untrack(|| self.chosen().unwrap_or_else(|| self.today.get())));
        self.open.set(true);
        self.focus_day();
    }

    fn choose_day(self, day: Option<Day>) {
        if let Some(popover) = self.popover() {
            let _ = popover.hide_popover();
        }
        self.choose.run(day.map(|day| day.to_string()).unwrap_or_default());
        if let Some(input) = find(&format!("#{}", self.id.get_value())) {
            focus(&input);
        }
    }

    fn move_to(self, to: Day) {
        self.at.set(to.clamp(Day::EARLIEST, Day::LATEST));
    }

    /// Focuses the day that the keys have moved to, once it is drawn.
    fn focus_day(self) {
        request_animation_frame(move || {
            let Some(day) = self.at.try_get_untracked() else { return };
            if let Some(button) = find(&format!("#{} [data-date=\"{day}\"]", self.popover_id())) {
                focus(&button);
            }
        });
    }

    fn pressed(self, event: &KeyboardEvent) {
        let at = self.at.get_untracked();
        let week = at.week(self.reader.first_weekday());
        let months = if event.shift_key() { 12 } else { 1 };
        let to = match event.key().as_str() {
            "ArrowLeft" => at.plus(-1),
            "ArrowRight" => at.plus(1),
            "ArrowUp" => at.plus(-7),
            "ArrowDown" => at.plus(7),
            "Home" => week,
            "End" => week.plus(6),
            "PageUp" => months_on(at, -months),
            "PageDown" => months_on(at, months),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        self.move_to(to);
        self.focus_day();
    }

    /// The button, and the popover that it opens.
    pub(super) fn view(self, locked: Signal<bool>) -> AnyView {
        let ready: Hydrated = expect_context();
        let field = self.id.with_value(|id| format!("{id}-label"));
        // `beforetoggle`, so that the month is rendered when the popover opens.
        let toggling = move |_: web_sys::Event| {
            if self.popover().is_some_and(|popover| !popover.matches(":popover-open").unwrap_or_default()) {
                self.opening();
            }
        };
        let toggled = move |_: web_sys::Event| {
            if self.popover().is_some_and(|popover| !popover.matches(":popover-open").unwrap_or_default()) {
                self.open.try_set(false);
            }
        };
        view! {
            <button
                class="icon-button date-button"
                type="button"
                popovertarget=self.popover_id()
                aria-label="Choose a date"
                aria-describedby=field.clone()
                title="Choose a date"
                hidden=move || locked.get()
                disabled=move || !ready.get()
            >
                <Icon name="calendar" />
            </button>
            <div
                class="menu date-picker"
                id=self.popover_id()
                popover="auto"
                role="dialog"
                aria-label="Choose a date"
                aria-describedby=field
                on:beforetoggle=toggling
                on:toggle=toggled
            >
                {move || self.open.get().then(|| self.month())}
            </div>
        }
        .into_any()
    }
}

/// The same day some months later, or the last day of a shorter month.
fn months_on(day: Day, months: i64) -> Day {
    let (year, month, number) = day.civil();
    let count = year * 12 + month as i64 - 1 + months;
    let first: Option<Day> = format!("{:04}-{:02}-01", count.div_euclid(12), count.rem_euclid(12) + 1).parse().ok();
    let Some(first) = first else { return day };
    let next = first.plus(32);
    let length = next.plus(1 - next.civil().2).since(first);
    first.plus(number.min(length) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_later_is_the_same_day_or_the_last_one() {
        for (from, months, to) in [
            ("2026-11-21", 1, "2026-12-21"),
            ("2026-12-21", 1, "2027-01-21"),
            ("2026-01-31", 1, "2026-02-28"),
            ("2024-01-31", 1, "2024-02-29"),
            ("2026-03-31", -1, "2026-02-28"),
            ("2026-01-15", -1, "2025-12-15"),
            ("2024-02-29", 12, "2025-02-28"),
        ] {
            let day: Day = from.parse().expect("a date");
            assert_eq!(months_on(day, months).to_string(), to, "{from} {months}");
        }
    }
}
