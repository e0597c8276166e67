//! The history of the open card: when it was created, changed and finished, and by whom.

use leptos::prelude::*;

use super::OpenCard;
use crate::{
    date::{ago, full},
    ui::avatar::member_label,
};

/// When the card was created, changed and finished, and by whom.
#[component]
pub(super) fn History(open: OpenCard) -> impl IntoView {
    let store = open.store;
    let lines = move || {
        let now = store.now().get();
        let task = open.task.get()?;
        let maker =
            store.member(task.created_by).map_or_else(|| "a former member".to_owned(), |member| member_label(&member));
        let created = format!("Created by {maker} ");
        let mut lines = vec![(created, task.created_at), ("Updated ".to_owned(), task.updated_at)];
        lines.extend(task.completed_at.map(|at| ("Completed ".to_owned(), at)));
        let lines = lines.into_iter().map(|(text, at)| {
            view! {
                <li>
                    {text}
                    <time datetime=at.to_string() title=full(at)>{ago(at, now)}</time>
                </li>
            }
        });
        Some(lines.collect_view().into_any())
    };
    view! { <ul class="task-history quiet">{move || lines()}</ul> }.into_any()
}
