//! The user's time zone, and the first day of their week.

use engine::day::FirstWeekday;
use leptos::prelude::*;

use super::ShownPreferences;
use crate::{
    bell::zone,
    ui::field::{Choice, Select},
};

const FIRST_WEEKDAYS: [(FirstWeekday, &str, &str); 3] = [
    (FirstWeekday::Monday, "monday", "Monday"),
    (FirstWeekday::Saturday, "saturday", "Saturday"),
    (FirstWeekday::Sunday, "sunday", "Sunday"),
];

/// The time zone, for quiet hours and due dates, and the first day of weeks in oversight.
#[component]
pub(super) fn Place(preferences: ShownPreferences) -> impl IntoView {
    let value = preferences.read(|all| all.time_zone.clone());
    let known = RwSignal::new(Vec::new());
    Effect::new(move || known.set(zone::all()));
    let zones = Signal::derive(move || {
        let mut zones = known.get();
        let own = value.get();
        if !zones.contains(&own) {
            zones.insert(0, own);
        }
        zones.into_iter().map(|zone| (zone.clone(), zone.replace('_', " "))).collect::<Vec<Choice>>()
    });
    let choose = Callback::new(move |zone: String| preferences.change(|all| all.time_zone = zone));
    let first = preferences.read(|all| all.first_weekday);
    let own = move || FIRST_WEEKDAYS.iter().find(|(day, ..)| *day == first.get()).map_or("monday", |(_, own, _)| *own);
    let days = FIRST_WEEKDAYS.map(|(_, own, name)| (own.to_owned(), name.to_owned())).to_vec();
    let choose_first = Callback::new(move |chosen: String| {
        if let Some((day, ..)) = FIRST_WEEKDAYS.iter().find(|(_, own, _)| *own == chosen) {
            preferences.change(|all| all.first_weekday = *day);
        }
    });
    let locked = Signal::derive(move || preferences.locked());
    view! {
        <div class="preferences-part preferences-zone">
            <Select id="time-zone" label="Time zone" value choices=zones disabled=locked saves=true on_change=choose />
            <Select
                id="first-weekday"
                label="First day of the week"
                value=Signal::derive(move || own().to_owned())
                choices=Signal::stored(days)
                disabled=locked
                saves=true
                on_change=choose_first
            />
        </div>
    }
    .into_any()
}
