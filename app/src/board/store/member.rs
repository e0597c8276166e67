//! The members of the project, and what they are allowed to do.

use engine::{Member, Role, UserId};
use leptos::prelude::*;

use super::BoardStore;

impl BoardStore {
    /// The members, and former members that a task names.
    pub fn members(&self) -> Signal<Vec<Member>> {
        self.members.into()
    }

    /// A member, or a former one that a task names, by id.
    pub fn member(&self, id: UserId) -> Option<Member> {
        self.members.with(|all| all.iter().find(|member| member.user_id == id).cloned())
    }

    /// The reader's name, untracked.
    pub(super) fn my_name(&self) -> String {
        let name = |all: &Vec<Member>| all.iter().find(|member| member.user_id == self.me).map(|me| me.name.clone());
        self.members.try_with_untracked(name).flatten().unwrap_or_default()
    }

    /// The reader's role.
    pub fn role(&self) -> Role {
        let listed = self
            .members
            .with(|all| all.iter().find(|member| member.user_id == self.me && !member.former).map(|me| me.role));
        listed.or_else(|| self.project.with(|project| project.role)).unwrap_or(Role::Viewer)
    }

    /// Whether the reader can change cards.
    pub fn can_edit(&self) -> bool {
        self.role() >= Role::Editor
    }
}
