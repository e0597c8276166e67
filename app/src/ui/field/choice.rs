//! The choice of one value: from a list, of people, between a few segments, and a switch.

use engine::{Member, UserId};
use leptos::prelude::*;
use web_sys::{Event, FocusEvent, HtmlSelectElement, KeyboardEvent};

use crate::ui::{avatar::member_label, icon::Icon};

/// A choice of a [`Select`]: the value, and the text.
pub type Choice = (String, String);

/// A choice with a label. Shows `value`, whatever was chosen: `on_change` has to change it.
#[component]
pub fn Select(
    /// The id of the control.
    #[prop(into)]
    id: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// Whether the label is only for assistive technology.
    #[prop(optional)]
    bare: bool,
    /// The chosen value.
    #[prop(into)]
    value: Signal<String>,
    /// The choices.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Whether it is disabled.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Whether a choice is saved at once. Values that keys pass over then count only on Enter or blur.
    #[prop(optional)]
    saves: bool,
    /// Receives the chosen value.
    on_change: Callback<String>,
) -> impl IntoView {
    // Whether a pressed key passes over the choices of a closed list, and the value that it has reached.
    let walking = StoredValue::new(false);
    let walked = StoredValue::new(None::<String>);
    let take = move |select: &HtmlSelectElement, chosen: String| {
        walked.set_value(None);
        on_change.run(chosen);
        // Back to `value`, which a choice that took effect at once has changed already.
        select.set_value(&value.get_untracked());
    };
    let changed = move |event: Event| {
        let chosen = event_target_value(&event);
        if saves && walking.get_value() {
            walked.set_value(Some(chosen));
        } else {
            take(&event_target(&event), chosen);
        }
    };
    let pressed = move |event: KeyboardEvent| match (event.key().as_str(), walked.get_value()) {
        ("Enter", Some(chosen)) => {
            event.prevent_default();
            take(&event_target(&event), chosen);
        }
        ("Escape", Some(_)) => {
            event.prevent_default();
            event.stop_propagation();
            walked.set_value(None);
            event_target::<HtmlSelectElement>(&event).set_value(&value.get_untracked());
        }
        (key, _) => walking.set_value(key != "Enter"),
    };
    let left = move |event: FocusEvent| {
        if let Some(chosen) = walked.try_get_value().flatten() {
            take(&event_target(&event), chosen);
        }
    };
    view! {
        <label class=if bare { "visually-hidden" } else { "label" } for=id.clone()>{label}</label>
        <span class="select">
            <select
                id=id
                disabled=move || disabled.get()
                on:change=changed
                on:keydown=pressed
                on:keyup=move |_| walking.set_value(false)
                on:pointerdown=move |_| walking.set_value(false)
                on:blur=left
            >
                {move || {
                    choices
                        .get()
                        .into_iter()
                        .map(|(own, text)| {
                            let is_chosen = own.clone();
                            let chosen = Memo::new(move |_| value.with(|value| *value == is_chosen));
                            // The attribute is for the server's HTML, the property for later changes.
                            view! {
                                <option value=own selected=chosen.get_untracked() prop:selected=move || chosen.get()>
                                    {text}
                                </option>
                            }
                        })
                        .collect_view()
                        .into_any()
                }}
            </select>
            <Icon name="chevron-down" />
        </span>
    }
    .into_any()
}

/// The members of a project to choose from, after `first`. A former member is listed only while chosen.
pub(crate) fn people(members: Signal<Vec<Member>>, chosen: Signal<String>, first: Vec<Choice>) -> Signal<Vec<Choice>> {
    Signal::derive(move || {
        let mut choices = first.clone();
        let chosen = chosen.get();
        members.with(|members| {
            let known = members.iter().map(|member| (member.user_id.to_string(), member));
            let shown = known.filter(|(id, member)| !member.former || *id == chosen);
            choices.extend(shown.map(|(id, member)| (id, member_label(member))));
        });
        if !choices.iter().any(|(id, _)| *id == chosen) {
            choices.push((chosen, "A former member".to_owned()));
        }
        choices
    })
}

/// The members of a project to choose from, with the reader's own name marked “(you)”.
pub(crate) fn people_and_me(members: Signal<Vec<Member>>, me: UserId, first: Vec<Choice>) -> Signal<Vec<Choice>> {
    Signal::derive(move || {
        let name = |member: &Member| match member.user_id {
            user if user == me => format!("{} (you)", member.name),
            _ => member_label(member),
        };
        members.with(|members| {
            let people = members.iter().map(|member| (member.user_id.to_string(), name(member)));
            first.iter().cloned().chain(people).collect()
        })
    })
}

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

/// An unlabelled, controlled switch: it shows `on`, and `toggle` has to change that.
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
