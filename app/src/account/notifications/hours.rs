//! Quiet hours: a part of each day without pop-ups and e-mail.

use engine::notification::QuietHours;
use leptos::prelude::*;

use super::{ShownPreferences, preference_switch};
use crate::ui::field::{LineField, Rule, Save};

/// The initial quiet hours of a user who turns them on.
const NIGHT: QuietHours = QuietHours { from: 22 * 60, to: 7 * 60 };

/// A switch, and the start and end.
#[component]
pub(super) fn Hours(preferences: ShownPreferences) -> impl IntoView {
    let quiet = preferences.read(|all| all.quiet);
    let on = Memo::new(move |_| quiet.get().is_some());
    let toggle = Callback::new(move |()| {
        let to = quiet.get_untracked().is_none().then_some(NIGHT);
        preferences.change(|all| all.quiet = to);
    });
    let ends = move || {
        let end = |label, id, read: fn(QuietHours) -> u16, set| end(preferences, label, id, quiet, read, set);
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
                    <span class="kind-when">"No pop-ups; e-mail is held until they end"</span>
                </span>
                {preference_switch(preferences, on, Signal::stored(true), toggle)}
            </label>
            {move || ends()}
        </div>
    }
    .into_any()
}

fn end(
    preferences: ShownPreferences,
    label: &'static str,
    id: &'static str,
    quiet: Memo<Option<QuietHours>>,
    read: fn(QuietHours) -> u16,
    set: fn(&mut QuietHours, u16),
) -> AnyView {
    let value = Signal::derive(move || quiet.get().map(|hours| text(read(hours))).unwrap_or_default());
    let save = Callback::new(move |time: String| {
        if let Some(minute) = parse(&time) {
            preferences.change(|all| {
                if let Some(hours) = &mut all.quiet {
                    set(hours, minute);
                }
            });
        }
    });
    let locked = Signal::derive(move || preferences.locked());
    view! {
        <div class="field">
            <LineField id label value locked takes=Rule::Time save=Save::Now(save) />
        </div>
    }
    .into_any()
}

/// `22:05` for 1325.
fn text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The minute of the day of `22:05`, as the field writes it.
fn parse(time: &str) -> Option<u16> {
    let (hours, minutes) = time.split_once(':')?;
    Some(hours.parse::<u16>().ok()? * 60 + minutes.parse::<u16>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_of_the_day_round_trip() {
        for minute in [0, 59, 60, 1325, 1439] {
            assert_eq!(parse(&text(minute)), Some(minute));
        }
    }
}
