//! The members of the project, in the header of its board.

use engine::{
    Member, UserId,
    sorted::{SortedSet, sort_by_key},
};
use leptos::prelude::*;

use super::{
    filter::{Assignee, BoardFilter},
    store::BoardStore,
};
use crate::ui::{avatar::Avatar, hydrated::Hydrated};

/// How many avatars are shown; the rest are a number.
const FACES: usize = 5;

/// The members' avatars: members who are on the board first, then by when they joined. A click filters by that member,
/// a second click clears the filter.
#[component]
pub fn MemberFaces(
    /// The board.
    store: BoardStore,
    /// The filter that a click changes.
    filter: BoardFilter,
) -> impl IntoView {
    let ready: Hydrated = expect_context();
    let here = Memo::new(move |_| {
        store.people().with(|all| all.iter().map(|person| person.user_id).collect::<SortedSet<UserId>>())
    });
    let people = Memo::new(move |_| {
        let mut current: Vec<Member> =
            store.members().with(|all| all.iter().filter(|member| !member.former).cloned().collect());
        here.with(|here| sort_by_key(&mut current, |member| !here.contains(&member.user_id)));
        current
    });
    // The member of the filter always stays visible.
    let shown = move || {
        let mut people = people.get();
        if let Assignee::Member(user) = filter.assignee.get()
            && let Some(at) = people.iter().position(|member| member.user_id == user).filter(|at| *at >= FACES)
        {
            people.swap(at, FACES - 1);
        }
        people.truncate(FACES);
        people.into_iter().map(|member| (member.user_id, member.name)).collect::<Vec<_>>()
    };
    let rest = move || people.with(Vec::len).saturating_sub(FACES);
    view! {
        <ul class="people" aria-label="Filter cards by person">
            <For
                each=shown
                key=|person| person.clone()
                children=move |(user, name)| {
                    let is_here = Memo::new(move |_| here.with(|here| here.contains(&user)));
                    let label = {
                        let name = name.clone();
                        move || {
                            let you = if user == store.me() { " (you)" } else { "" };
                            format!("{name}{you}{}", if is_here.get() { ", here now" } else { "" })
                        }
                    };
                    view! {
                        <li class="people-one">
                            <button
                                class="people-face"
                                type="button"
                                aria-label=label.clone()
                                title=label
                                aria-pressed=move || (filter.assignee.get() == Assignee::Member(user)).to_string()
                                data-here=move || is_here.get().then_some("")
                                disabled=move || !ready.get()
                                on:click=move |_| filter.toggle(user)
                            >
                                <Avatar user name picture=true/>
                            </button>
                        </li>
                    }
                }
            />
            {move || (rest() > 0).then(|| view! { <li class="people-rest">"+"{rest().to_string()}</li> }.into_any())}
        </ul>
    }
}
