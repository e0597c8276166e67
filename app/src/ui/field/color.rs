//! The choice of a colour.

use leptos::prelude::*;

/// The colours on offer. The API accepts any other.
const COLORS: [(&str, &str); 10] = [
    ("#8b93a3", "Grey"),
    ("#6b7cff", "Indigo"),
    ("#3b9eff", "Blue"),
    ("#12a594", "Teal"),
    ("#46a758", "Green"),
    ("#e2a336", "Amber"),
    ("#f0743c", "Orange"),
    ("#e5484d", "Red"),
    ("#d6409f", "Pink"),
    ("#8e4ec6", "Purple"),
];

/// A colour for a new item, which its neighbours are unlikely to have.
pub(crate) fn next_color(count: usize) -> &'static str {
    COLORS[count % COLORS.len()].0
}

/// A dot in a colour of the user's. An SVG attribute, because the page's policy allows no inline style.
pub(crate) fn dot(color: Signal<String>) -> AnyView {
    view! {
        <svg class="dot" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <circle cx="6" cy="6" r="6" fill=move || color.get()></circle>
        </svg>
    }
    .into_any()
}

/// The colours to choose from, with `value` pressed. A choice closes the popover `closes`, if one is named.
pub(crate) fn swatches(value: Signal<String>, closes: Option<String>, choose: Callback<&'static str>) -> AnyView {
    let swatch = |(hex, label): (&'static str, &'static str)| {
        view! {
            <button
                class="swatch"
                type="button"
                aria-label=label
                title=label
                aria-pressed=move || value.with(|color| color.eq_ignore_ascii_case(hex)).to_string()
                popovertarget=closes.clone()
                popovertargetaction="hide"
                on:click=move |_| choose.run(hex)
            >
                {dot(Signal::stored(hex.to_owned()))}
            </button>
        }
    };
    COLORS.map(swatch).into_iter().collect_view().into_any()
}
