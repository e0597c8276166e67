//! The roles of members, in words and as choices.

use engine::{Member, Role, UserId};
use leptos::prelude::*;

use crate::{project::list::role_name, ui::field::Choice};

pub(super) const ROLES: [(Role, &str, &str); 3] = [
    (Role::Viewer, "viewer", "Viewer: view only"),
    (Role::Editor, "editor", "Editor: cards and columns"),
    (Role::Owner, "owner", "Owner: everything"),
];

pub(super) fn word(role: Role) -> String {
    ROLES.iter().find(|(own, ..)| *own == role).map(|(_, word, _)| (*word).to_owned()).unwrap_or_default()
}

pub(super) fn choices(long: bool) -> Signal<Vec<Choice>> {
    let choice = |(role, word, text): &(Role, &str, &str)| {
        ((*word).to_owned(), if long { (*text).to_owned() } else { role_name(*role).to_owned() })
    };
    Signal::stored(ROLES.iter().map(choice).collect::<Vec<Choice>>())
}

/// The ids of the current members, without former ones.
pub(super) fn current(all: &[Member]) -> Vec<UserId> {
    all.iter().filter(|member| !member.former).map(|member| member.user_id).collect()
}
