//! Who is on the board.

use std::collections::BTreeMap;

use engine::UserId;
use leptos::prelude::*;

use super::store::BoardStore;
use crate::avatar::Avatar;

/// Faces that are shown; the others are a number.
const FACES: usize = 5;

/// The initials of everybody who is on the board now, stacked: oneself last, each person once.
#[component]
pub fn PeopleHere(
    /// The board.
    store: BoardStore,
) -> impl IntoView {
    let people = Memo::new(move |_| here(store));
    let rest = move || people.with(Vec::len).saturating_sub(FACES);
    view! {
        <ul class="people" aria-label="On this board now">
            <For
                each=move || people.get().into_iter().take(FACES)
                key=|person| person.clone()
                children=|(user, name)| view! {
                    <li class="people-one">
                        <Avatar user name/>
                    </li>
                }
            />
            {move || (rest() > 0).then(|| view! { <li class="people-rest">"+"{rest().to_string()}</li> }.into_any())}
        </ul>
    }
}

fn here(store: BoardStore) -> Vec<(UserId, String)> {
    // Somebody with two tabs is one person.
    let people: BTreeMap<UserId, String> =
        store.people().with(|all| all.iter().map(|person| (person.user_id, person.name.clone())).collect());
    let mut people: Vec<_> = people.into_iter().collect();
    people.sort_by_key(|(user, _)| *user == store.me());
    people
}
