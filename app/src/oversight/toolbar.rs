//! The row of controls above each view.

use engine::Project;
use leptos::prelude::*;

use super::filter::OversightFilter;
use crate::ui::{
    field::{Choice, Select},
    icon::Icon,
};

/// The choice of project, the view's own controls, and its actions.
pub(super) fn toolbar(
    filter: OversightFilter,
    projects: StoredValue<Vec<Project>>,
    choices: AnyView,
    actions: AnyView,
) -> AnyView {
    let value = Memo::new(move |_| filter.get("project").unwrap_or_default());
    let all = projects.with_value(|projects| {
        let own = projects.iter().map(|project| (project.id.to_string(), project.name.clone()));
        [(String::new(), "All projects".to_owned())].into_iter().chain(own).collect::<Vec<Choice>>()
    });
    let choose = Callback::new(move |id: String| filter.set(&[("project", Some(id).filter(|id| !id.is_empty()))]));
    view! {
        <div class="toolbar">
            <div class="toolbar-project">
                <Select id="oversight-project" label="Project" bare=true value choices=Signal::stored(all) on_change=choose />
            </div>
            {choices}
            <span class="toolbar-gap"></span>
            {actions}
        </div>
    }
    .into_any()
}

/// A choice of a number, kept in the query as `name`.
pub(super) fn number(
    filter: OversightFilter,
    name: &'static str,
    label: &'static str,
    choices: &'static [(u32, &'static str)],
    value: Memo<u32>,
) -> AnyView {
    let texts = choices.iter().map(|(number, text)| (number.to_string(), (*text).to_owned())).collect::<Vec<Choice>>();
    let choose = Callback::new(move |number: String| filter.set(&[(name, Some(number))]));
    view! {
        <div class="toolbar-number">
            <Select
                id=format!("oversight-{name}")
                label=label
                bare=true
                value=Signal::derive(move || value.get().to_string())
                choices=Signal::stored(texts)
                on_change=choose
            />
        </div>
    }
    .into_any()
}

/// Links to the previous and the next period, and back to now. They can be opened in another tab.
pub(super) fn steps(
    what: [&'static str; 3],
    before: impl Fn() -> String + Send + Sync + 'static,
    now: impl Fn() -> String + Send + Sync + 'static,
    after: impl Fn() -> Option<String> + Copy + Send + Sync + 'static,
) -> AnyView {
    let [back, home, on] = what;
    let now = StoredValue::new(Box::new(now) as Box<dyn Fn() -> String + Send + Sync>);
    let now = move || now.with_value(|now| now());
    view! {
        <div class="steps" role="group" aria-label="Time">
            <a class="icon-button" href=before aria-label=back title=back data-noscroll="">
                <Icon name="chevron-left" />
            </a>
            <a class="button steps-now" href=now data-noscroll="">{home}</a>
            <a
                class="icon-button"
                href=move || after().unwrap_or_else(now)
                aria-label=on
                title=on
                aria-disabled=move || after().is_none().then_some("true")
                data-noscroll=""
            >
                <Icon name="chevron-right" />
            </a>
        </div>
    }
    .into_any()
}

/// The outline of a toolbar and a view, while the data is fetched.
pub(super) fn skeleton() -> AnyView {
    view! {
        <div class="toolbar" aria-busy="true">
            <span class="skeleton toolbar-skeleton"></span>
            <span class="skeleton toolbar-skeleton"></span>
        </div>
        <span class="skeleton oversight-skeleton"></span>
    }
    .into_any()
}
