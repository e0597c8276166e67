//! Quiet hours: a part of each day in which nothing but the bell disturbs.

use engine::notification::QuietHours;
use leptos::prelude::*;

use super::{Wanted, switch};

/// What somebody gets who turns them on.
const NIGHT: QuietHours = QuietHours { from: 22 * 60, to: 7 * 60 };

/// A switch, and the two ends.
#[component]
pub(super) fn Hours(wanted: Wanted) -> impl IntoView {
    let quiet = wanted.read(|all| all.quiet);
    let on = Memo::new(move |_| quiet.get().is_some());
    let toggle = Callback::new(move |()| {
        let to = quiet.get_untracked().is_none().then_some(NIGHT);
        wanted.change(|all| all.quiet = to);
    });
    let ends = move || {
        let end = |label, id, read: fn(QuietHours) -> u16, set| end(wanted, label, id, quiet, read, set);
        on.get().then(|| {
            view! {
                <div class="preferences-hours">
                    {end("From", "quiet-from", |hours| hours.from, |hours, minute| hours.from = minute)}
                    {end("To", "quiet-to", |hours| hours.to, |hours, minute| hours.to = minute)}
                </div>
            }
            .into_any()
        })
    };
    view! {
        <div class="preferences-part">
            <label class="preferences-line">
                <span>
                    <span class="kind-name">"Quiet hours"</span>
                    <span class="kind-when">"Nothing outside of the page; e-mail waits until they end"</span>
                </span>
                {switch(wanted, on, true, toggle)}
            </label>
            {move || ends()}
        </div>
    }
    .into_any()
}

fn end(
    wanted: Wanted,
    label: &'static str,
    id: &'static str,
    quiet: Memo<Option<QuietHours>>,
    read: fn(QuietHours) -> u16,
    set: fn(&mut QuietHours, u16),
) -> AnyView {
    let value = move || quiet.get().map(|hours| text(read(hours))).unwrap_or_default();
    let changed = move |event| {
        if let Some(minute) = parse(&event_target_value(&event)) {
            wanted.change(|all| {
                if let Some(hours) = &mut all.quiet {
                    set(hours, minute);
                }
            });
        }
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                class="input"
                id=id
                type="time"
                // Before the properties are there, the server's HTML has to show it.
                value=untrack(value)
                prop:value=value
                disabled=move || wanted.locked()
                on:change=changed
            />
        </div>
    }
    .into_any()
}

/// `22:05` for 1325.
fn text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// A minute of the day, from `22:05`.
fn parse(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_of_the_day_are_read_as_they_are_written() {
        for minute in [0, 59, 60, 1325, 1439] {
            assert_eq!(parse(&text(minute)), Some(minute));
        }
        assert_eq!(parse("07:30:00"), Some(450));
        for wrong in ["", "24:00", "12:60", "noon"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
