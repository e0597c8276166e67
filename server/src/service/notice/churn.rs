//! One notification for what one person does to one card within a few minutes.
//!
//! What happens again takes the place of the row that is there: with a new id, at the top of the list, and counted. A row
//! that was read or mailed stays as it is, and the next one begins anew.

use std::collections::BTreeSet;

use engine::{NotificationId, TaskId, UserId, notification::NotificationKind};

use super::{NoticeReason, PersonalNotice, WriteContext};
use crate::{
    realtime::Delivery,
    store::{NewNotification, OpenNotification, StoreError, WriteTx},
};

/// How long after the last time something counts as the same churn, in milliseconds.
const WINDOW_MS: i64 = 10 * 60_000;

/// The rows of one write.
#[derive(Debug, Default)]
pub(super) struct Churn<'a> {
    rows: Vec<(NewNotification, NoticeReason<'a>)>,
}

impl<'a> Churn<'a> {
    /// Adds a row, which says what its first telling does.
    pub(super) fn add(&mut self, row: NewNotification, first: &PersonalNotice<'a>) {
        self.rows.push((row, first.saying));
    }

    /// Writes the rows, each as a new one or in the place of one that counts it, and returns what is to go to the bells.
    ///
    /// # Errors
    /// When the database does not do it.
    pub(super) async fn write(self, tx: &mut WriteTx, scene: WriteContext<'_>) -> Result<Vec<Delivery>, StoreError> {
        let counted = self.rows.iter().filter(|(row, _)| row.counts);
        let tasks: BTreeSet<TaskId> = counted.filter_map(|(row, _)| row.notification.task_id).collect();
        let open = match tasks.is_empty() {
            true => Vec::new(),
            false => {
                let (tasks, since) = (tasks.into_iter().collect::<Vec<_>>(), scene.at.plus(-WINDOW_MS));
                tx.open_notifications(&tasks, scene.actor.id, since).await?
            }
        };
        let (mut fresh, mut told) = (Vec::new(), Vec::new());
        for (mut row, saying) in self.rows {
            match same(&open, &row) {
                Some(before) if replace(tx, before, &mut row, saying, scene).await? => {
                    told.extend(tell(&row, Some(before.id)));
                }
                _ => fresh.push(row),
            }
        }
        tx.add_notifications(&fresh).await?;
        told.extend(fresh.iter().filter_map(|row| tell(row, None)));
        Ok(told)
    }
}

/// The newest row that counts this one.
fn same<'o>(open: &'o [OpenNotification], row: &NewNotification) -> Option<&'o OpenNotification> {
    let key = |user: UserId, task: Option<TaskId>, kind: NotificationKind, bell: bool| (user, task, kind, bell);
    let wanted = key(row.user, row.notification.task_id, row.notification.kind, row.in_bell);
    let is_same = |one: &&OpenNotification| key(one.user, Some(one.task), one.kind, one.in_bell) == wanted;
    open.iter().rev().find(is_same).filter(|_| row.counts)
}

async fn replace(
    tx: &mut WriteTx,
    before: &OpenNotification,
    row: &mut NewNotification,
    saying: NoticeReason<'_>,
    scene: WriteContext<'_>,
) -> Result<bool, StoreError> {
    let once = row.clone();
    let told = &mut row.notification;
    told.times = before.times.saturating_add(1);
    told.title = saying.title_again(&scene.actor.name, told.times);
    // A card that goes to and fro is shown outside of the page once.
    told.alert &= matches!(told.kind, NotificationKind::Comment | NotificationKind::Assignment);
    let replaced = tx.replace_notification(before.id, row).await?;
    if !replaced {
        *row = once;
    }
    Ok(replaced)
}

fn tell(row: &NewNotification, replaces: Option<NotificationId>) -> Option<Delivery> {
    row.in_bell.then(|| Delivery { user: row.user, notification: row.notification.clone(), replaces })
}
