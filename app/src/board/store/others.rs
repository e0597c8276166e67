//! Other users' changes on the board, in words: who changed which card, and the announcement of it.

use engine::{Board, Task, TaskId, UserId, session::Changes};
use leptos::prelude::*;

use super::BoardStore;
use crate::{announce_others, message::quoted, ui::toast::Toast};

/// More changed cards than this are announced as a number.
const EACH: usize = 3;

impl BoardStore {
    /// The name of a user, untracked.
    pub(in crate::board) fn name_of(&self, user: UserId) -> String {
        let name = |all: &Vec<engine::Member>| all.iter().find(|one| one.user_id == user).map(|one| one.name.clone());
        self.members.try_with_untracked(name).flatten().unwrap_or_else(|| "Someone".to_owned())
    }

    /// The other user who changed a task after the revision `since` of the view.
    pub(in crate::board) fn changed_by(&self, task: TaskId, since: u64) -> Option<UserId> {
        let by = self.changed_by.try_with_value(|all| all.get(&task).copied()).flatten();
        by.filter(|(_, revision)| *revision > since).map(|(user, _)| user)
    }

    /// Shows a toast that the reader does not have to react to.
    pub(in crate::board) fn notify(&self, words: String) {
        self.toasts.show(Toast::problem(words));
    }

    /// The announcement of other people's changes, for the live region.
    pub(in crate::board) fn others_announcement(&self) -> Signal<String> {
        self.others_announcement.into()
    }

    /// Records who changed what, before the view shows it, and announces it if the reader wants that.
    pub(in crate::board) fn announce_others(&self, view: &Board, changes: &Changes) {
        if changes.remote.is_empty() {
            return;
        }
        let revision = self.revision() + 1;
        self.changed_by.try_update_value(|all| {
            all.extend(changes.remote.iter().map(|(task, user)| (*task, (*user, revision))));
        });
        if !announce_others::is_on() {
            return;
        }
        let mut last: Vec<(TaskId, UserId)> = Vec::new();
        for (task, user) in &changes.remote {
            last.retain(|(other, _)| other != task);
            last.push((*task, *user));
        }
        let announcement = if last.len() > EACH {
            format!("Others changed {} cards.", last.len())
        } else {
            let sentence = |(id, user): &(TaskId, UserId)| {
                let (before, after) = (self.task(*id), view.task(*id));
                let column = after.and_then(|task| view.status(task.status_id)).map(|status| status.name.as_str());
                sentence(&self.name_of(*user), before.as_deref(), after, column.unwrap_or_default())
            };
            last.iter().filter_map(sentence).collect::<Vec<_>>().join(" ")
        };
        if !announcement.is_empty() {
            self.others_announcement.try_set(announcement);
        }
    }
}

/// What a user has done with a card. `None` for a card that was never shown.
fn sentence(name: &str, before: Option<&Task>, after: Option<&Task>, column: &str) -> Option<String> {
    Some(match (before, after) {
        (None, None) => return None,
        (None, Some(task)) => format!("{name} added {} to {column}.", quoted(&task.title)),
        (Some(task), None) => format!("{name} deleted {}.", quoted(&task.title)),
        (Some(old), Some(new)) if old.status_id != new.status_id => {
            format!("{name} moved {} to {column}.", quoted(&new.title))
        }
        (Some(old), Some(new)) if old.rank != new.rank => {
            format!("{name} moved {} within {column}.", quoted(&new.title))
        }
        (Some(_), Some(new)) => format!("{name} changed {}.", quoted(&new.title)),
    })
}

#[cfg(test)]
mod tests {
    use engine::{Rank, StatusId, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn task(column: u128, rank: &Rank) -> Task {
        let at = Timestamp::from_millis(0);
        let id = |n| Uuid::from_u128(n);
        let place = (StatusId::new(id(column)), rank.clone());
        let task = Task::new(TaskId::new(id(1)), engine::ProjectId::new(id(2)), place, (UserId::new(id(3)), at));
        Task { title: "Ship it".to_owned(), ..task }
    }

    #[test]
    fn another_users_change_is_one_sentence() {
        let ranks = Rank::spread(2);
        let (here, there, below) = (task(1, &ranks[0]), task(2, &ranks[0]), task(1, &ranks[1]));
        let retitled = Task { title: "Ship it now".to_owned(), ..here.clone() };
        let words = |before, after| sentence("Bob", before, after, "Done").unwrap_or_default();
        assert_eq!(words(None, Some(&here)), "Bob added “Ship it” to Done.");
        assert_eq!(words(Some(&here), None), "Bob deleted “Ship it”.");
        assert_eq!(words(Some(&here), Some(&there)), "Bob moved “Ship it” to Done.");
        assert_eq!(words(Some(&here), Some(&below)), "Bob moved “Ship it” within Done.");
        assert_eq!(words(Some(&here), Some(&retitled)), "Bob changed “Ship it now”.");
        assert_eq!(sentence("Bob", None, None, ""), None);
    }
}
