//! The kinds of notifications, and the channels of each.

use engine::notification::{Channels, KindChannels, NotificationKind, Preferences};
use leptos::prelude::*;

use super::{ShownPreferences, preference_switch};
use crate::{
    backend::Alerts,
    bell::{BellState, kind::words},
};

/// A channel of notifications.
#[derive(Clone, Copy)]
struct Channel {
    label: &'static str,
    get: fn(&Channels) -> bool,
    set: fn(&mut Channels, bool),
}

const CHANNELS: [Channel; 3] = [
    Channel { label: "Bell", get: |to| to.bell, set: |to, on| to.bell = on },
    Channel { label: "Desktop", get: |to| to.browser, set: |to, on| to.browser = on },
    Channel { label: "E-mail", get: |to| to.email, set: |to, on| to.email = on },
];
/// The channel that a browser may lack.
const BROWSER: usize = 1;
/// The channel that a server may lack.
const MAIL: usize = 2;

fn channels(all: &Preferences, kind: NotificationKind) -> Channels {
    let set = all.kinds.iter().find(|set| set.kind == kind);
    set.map_or_else(|| Channels::default_for(kind), |set| set.channels)
}

/// The table of switches: kinds × channels.
#[component]
pub(super) fn Kinds(preferences: ShownPreferences) -> impl IntoView {
    let mail = preferences.shown.with_untracked(|all| all.email_available);
    let bell: BellState = expect_context();
    // Which channels work here: a channel that does not has no switch on.
    let here = Signal::derive(move || bell.alerts() == Alerts::On);
    let in_force = move |at: usize| match at {
        BROWSER => here,
        MAIL => Signal::stored(mail),
        _ => Signal::stored(true),
    };
    let elsewhere = move || {
        let kinds = NotificationKind::ALL.into_iter();
        let on = preferences
            .shown
            .with(|all| kinds.filter(|kind| channels(all, *kind).browser).map(words).collect::<Vec<_>>());
        let names: Vec<_> = on.into_iter().map(|(name, _)| name).collect();
        let off = bell.alerts() != Alerts::Unknown && !here.get() && !names.is_empty();
        let text = || format!("Off in this browser. Browsers where they're on show: {}.", names.join(", "));
        off.then(|| view! { <p class="hint" data-testid="alerts-elsewhere">{text()}</p> }.into_any())
    };
    let heads = CHANNELS.map(|channel| view! { <th scope="col">{channel.label}</th> });
    let rows = NotificationKind::ALL.map(|kind| {
        let (name, when) = words(kind);
        let cells =
            CHANNELS.iter().enumerate().map(|(at, channel)| cell(preferences, kind, name, *channel, in_force(at)));
        view! {
            <tr>
                <th scope="row">
                    <span class="kind-name">{name}</span>
                    <span class="kind-when">{when}</span>
                </th>
                {cells.collect_view()}
            </tr>
        }
    });
    view! {
        <table class="kinds">
            <caption class="visually-hidden">"Where each kind of notification goes"</caption>
            <thead>
                <tr>
                    <td></td>
                    {heads.into_iter().collect_view()}
                </tr>
            </thead>
            <tbody>{rows.into_iter().collect_view()}</tbody>
        </table>
        {elsewhere}
        {(!mail).then(|| view! { <p class="hint">"E-mail isn't set up on this server."</p> })}
    }
    .into_any()
}

fn cell(
    preferences: ShownPreferences,
    kind: NotificationKind,
    name: &'static str,
    channel: Channel,
    there: Signal<bool>,
) -> AnyView {
    let on = Memo::new(move |_| there.get() && preferences.shown.with(|all| (channel.get)(&channels(all, kind))));
    let toggle = Callback::new(move |()| {
        let to = !on.get_untracked();
        preferences.change(|all| {
            let mut channels = channels(all, kind);
            (channel.set)(&mut channels, to);
            match all.kinds.iter_mut().find(|set| set.kind == kind) {
                Some(set) => set.channels = channels,
                None => all.kinds.push(KindChannels { kind, channels }),
            }
        });
    });
    view! {
        <td>
            <label class="kind-switch">
                <span class="visually-hidden">{format!("{name}: {}", channel.label)}</span>
                {preference_switch(preferences, on, there, toggle)}
            </label>
        </td>
    }
    .into_any()
}
