//! The grid of a month.

use engine::{Day, day::FirstWeekday};
use leptos::prelude::*;

use super::{DatePicker, months_on};
use crate::{date::local_words, ui::icon::Icon};

impl DatePicker {
    pub(super) fn month(self) -> AnyView {
        let step = |months: i64, label: &'static str, icon: &'static str| {
            view! {
                <button
                    class="icon-button"
                    type="button"
                    aria-label=label
                    title=label
                    on:click=move |_| self.move_to(months_on(self.at.get_untracked(), months))
                >
                    <Icon name=icon />
                </button>
            }
            .into_any()
        };
        let quick = |label: &'static str, day: fn(Day) -> Option<Day>| {
            view! {
                <button class="button small" type="button" on:click=move |_| self.choose_day(day(self.today.get_untracked()))>
                    {label}
                </button>
            }
            .into_any()
        };
        let title = self.id.with_value(|id| format!("{id}-month"));
        let name = move || local_words(self.at.get(), &[("month", "long"), ("year", "numeric")]);
        view! {
            <div class="date-head">
                {step(-1, "Previous month", "chevron-left")}
                <h3 class="date-month" id=title.clone() aria-live="polite">{name}</h3>
                {step(1, "Next month", "chevron-right")}
            </div>
            <table class="date-grid" role="grid" aria-labelledby=title on:keydown=move |event| self.pressed(&event)>
                {move || self.weeks()}
            </table>
            <div class="date-quick">
                {quick("Today", Some)}
                {quick("Tomorrow", |today| Some(today.plus(1)))}
                {quick("Next Monday", |today| Some(today.week(FirstWeekday::Monday).plus(7)))}
                {self.optional.then(|| quick("Clear", |_| None))}
            </div>
        }
        .into_any()
    }

    fn weeks(self) -> AnyView {
        let (at, first, today, chosen) = (self.at.get(), self.reader.first_weekday(), self.today.get(), self.chosen());
        let (year, month, day) = at.civil();
        let begin = at.plus(1 - day).week(first);
        let heads = (0..7).map(|n| {
            let day = begin.plus(n);
            let (short, long) = (local_words(day, &[("weekday", "short")]), local_words(day, &[("weekday", "long")]));
            view! { <th scope="col" abbr=long>{short}</th> }.into_any()
        });
        let cell = move |date: Day| {
            let (own_year, own_month, number) = date.civil();
            let name =
                local_words(date, &[("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")]);
            view! {
                <td role="gridcell" aria-selected=(chosen == Some(date)).to_string()>
                    <button
                        class="date-day"
                        class:date-other=(own_year, own_month) != (year, month)
                        type="button"
                        data-date=date.to_string()
                        tabindex=if date == at { "0" } else { "-1" }
                        aria-label=name
                        aria-current=(date == today).then_some("date")
                        disabled=!(Day::EARLIEST..=Day::LATEST).contains(&date)
                        on:click=move |_| self.choose_day(Some(date))
                    >
                        {number}
                    </button>
                </td>
            }
            .into_any()
        };
        // Always six weeks: the popover keeps its size.
        let weeks = (0..6)
            .map(|week| view! { <tr>{(0..7).map(|n| cell(begin.plus(week * 7 + n))).collect_view()}</tr> }.into_any());
        view! {
            <thead>
                <tr>{heads.collect_view()}</tr>
            </thead>
            <tbody>{weeks.collect_view()}</tbody>
        }
        .into_any()
    }
}
