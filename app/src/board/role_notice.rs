//! A toast when the reader's role on the board changes.

use engine::{Role, session::Link};
use leptos::prelude::*;

use super::store::BoardStore;
use crate::{
    message::quoted,
    ui::toast::{Toast, Toasts},
};

/// Watches the reader's role for as long as the calling component is on the page.
pub(super) fn notify_role_changes(store: BoardStore, toasts: Toasts) {
    Effect::new(move |before: Option<Option<Role>>| {
        let link = store.link().get();
        if link == Link::NoAccess {
            if before.flatten().is_some() {
                let name = store.project().with_untracked(|project| project.name.clone());
                toasts.show(Toast::problem(format!("You no longer have access to {}.", quoted(&name))));
            }
            return None;
        }
        let role = store.role();
        if let Some(before) = before.flatten()
            && let Some(words) = words(before, role)
        {
            toasts.show(if role < before { Toast::problem(words) } else { Toast::done(words) });
        }
        Some(role)
    });
}

fn words(before: Role, now: Role) -> Option<&'static str> {
    match now {
        _ if now == before => None,
        Role::Viewer => Some("You now have view-only access to this board."),
        Role::Editor if before == Role::Viewer => Some("You can now edit this board."),
        Role::Editor => Some("You're now an editor of this project, no longer an owner."),
        Role::Owner => Some("You're now an owner of this project."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_change_has_a_sentence() {
        let roles = [Role::Viewer, Role::Editor, Role::Owner];
        for (before, now) in roles.into_iter().flat_map(|before| roles.map(|now| (before, now))) {
            assert_eq!(words(before, now).is_some(), before != now, "{before:?} to {now:?}");
        }
        assert_eq!(words(Role::Owner, Role::Viewer), Some("You now have view-only access to this board."));
    }
}
