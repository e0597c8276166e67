//! The other users who have the open card open.

use engine::wire::PresenceMode;
use leptos::prelude::*;

use super::OpenCard;
use crate::ui::avatar::Avatar;

/// The avatars of the other users who have the card open, or edit it.
#[component]
pub(super) fn OthersHere(open: OpenCard) -> impl IntoView {
    let me = open.store.me();
    let others = Memo::new(move |_| {
        open.store.people().with(|people| {
            let here = people.iter().filter(|person| person.task_id == Some(open.id) && person.user_id != me);
            here.cloned().collect::<Vec<_>>()
        })
    });
    view! {
        <ul class="task-others" aria-label="Also here">
            {move || {
                others
                    .get()
                    .into_iter()
                    .map(|person| {
                        let editing = person.mode == PresenceMode::Edit;
                        view! {
                            <li>
                                <Avatar user=person.user_id name=person.name.clone() class="avatar-small" />
                                {editing.then(|| format!("{} is editing", person.name))}
                            </li>
                        }
                    })
                    .collect_view()
                    .into_any()
            }}
        </ul>
    }
    .into_any()
}
