//! Each kind of notification, and where it goes.

use engine::notification::{Channels, KindChannels, NotificationKind, Preferences};
use leptos::prelude::*;

use super::{Wanted, preference_switch};
use crate::bell::kind::words;

/// A place where notifications go.
#[derive(Clone, Copy)]
struct Way {
    label: &'static str,
    get: fn(&Channels) -> bool,
    set: fn(&mut Channels, bool),
}

const WAYS: [Way; 3] = [
    Way { label: "Bell", get: |to| to.bell, set: |to, on| to.bell = on },
    Way { label: "Browser", get: |to| to.browser, set: |to, on| to.browser = on },
    Way { label: "E-mail", get: |to| to.email, set: |to, on| to.email = on },
];
/// The one that a server need not have.
const MAIL: usize = 2;

fn channels(all: &Preferences, kind: NotificationKind) -> Channels {
    let set = all.kinds.iter().find(|set| set.kind == kind);
    set.map_or_else(|| Channels::default_for(kind), |set| set.channels)
}

/// A table of switches.
#[component]
pub(super) fn Kinds(wanted: Wanted) -> impl IntoView {
    let mail = wanted.shown.with_untracked(|all| all.email_available);
    let heads = WAYS.map(|way| view! { <th scope="col">{way.label}</th> });
    let rows = NotificationKind::ALL.map(|kind| {
        let (name, when) = words(kind);
        let cells = WAYS.iter().enumerate().map(|(at, way)| cell(wanted, kind, name, *way, at != MAIL || mail));
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
        {(!mail).then(|| view! { <p class="hint">"This server sends no e-mail."</p> })}
    }
    .into_any()
}

fn cell(wanted: Wanted, kind: NotificationKind, name: &'static str, way: Way, there: bool) -> AnyView {
    let on = wanted.read(move |all| there && (way.get)(&channels(all, kind)));
    let toggle = Callback::new(move |()| {
        let to = !on.get_untracked();
        wanted.change(|all| {
            let mut channels = channels(all, kind);
            (way.set)(&mut channels, to);
            match all.kinds.iter_mut().find(|set| set.kind == kind) {
                Some(set) => set.channels = channels,
                None => all.kinds.push(KindChannels { kind, channels }),
            }
        });
    });
    view! {
        <td>
            <label class="kind-switch">
                <span class="visually-hidden">{format!("{name}: {}", way.label)}</span>
                {preference_switch(wanted, on, there, toggle)}
            </label>
        </td>
    }
    .into_any()
}
