//! Segments, of which one is chosen, and a switch.

use leptos::prelude::*;

use crate::ui::icon::Icon;

/// A segment: its value, its label, and its icon.
pub(crate) type Segment = (&'static str, &'static str, Option<&'static str>);

/// A choice between a few segments. Shows `value`: `choose` has to change it.
pub(crate) fn segments(
    legend: &'static str,
    name: &'static str,
    choices: &[Segment],
    value: Signal<&'static str>,
    choose: Callback<&'static str>,
) -> AnyView {
    let segment = |(own, label, icon): Segment| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name=name
                    // The attribute is for the server's HTML, the property for later changes.
                    checked=value.get_untracked() == own
                    prop:checked=move || value.get() == own
                    on:change=move |_| choose.run(own)
                />
                {icon.map(|name| view! { <Icon name /> })}
                <span>{label}</span>
            </label>
        }
        .into_any()
    };
    view! {
        <fieldset class="segments">
            <legend class="visually-hidden">{legend}</legend>
            {choices.iter().copied().map(segment).collect_view()}
        </fieldset>
    }
    .into_any()
}

/// A switch without a label of its own. Shows `on`, whatever was clicked: `toggle` has to change it.
pub(crate) fn switch(on: Signal<bool>, locked: Signal<bool>, toggle: Callback<()>) -> AnyView {
    view! {
        <input
            class="switch"
            type="checkbox"
            role="switch"
            // The attribute is for the server's HTML, the property for later changes.
            checked=on.get_untracked()
            prop:checked=move || on.get()
            disabled=move || locked.get()
            on:change=move |_| toggle.run(())
        />
    }
    .into_any()
}
