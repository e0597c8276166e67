//! Coalesces the notifications of what one user does to one card within a few minutes.
//!
//! A repetition replaces the existing row, with a new id, at the top of the list, and a count. Read or mailed rows
//! stay; the next repetition starts a new row.

use std::collections::BTreeSet;

use engine::{NotificationId, TaskId, UserId, notification::NotificationKind};

use super::{NoticeReason, PersonalNotice, WriteContext};
use crate::{
    realtime::Delivery,
    store::{NewNotification, OpenNotification, StoreError, WriteTx},
};

/// How long after the last event a repetition is coalesced, in milliseconds.
const WINDOW_MS: i64 = 10 * 60_000;

/// The notification rows of one write.
#[derive(Debug, Default)]
pub(super) struct Churn<'a> {
    rows: Vec<(NewNotification, NoticeReason<'a>)>,
}

impl<'a> Churn<'a> {
    /// Adds a row. `first` is the notice that it quotes.
    pub(super) fn add(&mut self, row: NewNotification, first: &PersonalNotice<'a>) {
        self.rows.push((row, first.reason));
    }

    /// Writes the rows, each as a new one or in place of one that it repeats. Returns what to send to the users'
    /// sockets.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn write(self, tx: &mut WriteTx, context: WriteContext<'_>) -> Result<Vec<Delivery>, StoreError> {
        let counted = self.rows.iter().filter(|(row, _)| row.counts);
        let tasks: BTreeSet<TaskId> = counted.filter_map(|(row, _)| row.notification.task_id).collect();
        let open = match tasks.is_empty() {
            true => Vec::new(),
            false => {
                let (tasks, since) = (tasks.into_iter().collect::<Vec<_>>(), context.at.plus(-WINDOW_MS));
                tx.open_notifications(&tasks, context.actor.id, since).await?
            }
        };
        let (mut fresh, mut deliveries) = (Vec::new(), Vec::new());
        for (mut row, reason) in self.rows {
            match find_open(&open, &row) {
                Some(before) if replace(tx, before, &mut row, reason, context).await? => {
                    deliveries.extend(delivery(&row, Some(before.id)));
                }
                _ => fresh.push(row),
            }
        }
        tx.add_notifications(&fresh).await?;
        deliveries.extend(fresh.iter().filter_map(|row| delivery(row, None)));
        Ok(deliveries)
    }
}

/// The newest open row that this one repeats.
fn find_open<'o>(open: &'o [OpenNotification], row: &NewNotification) -> Option<&'o OpenNotification> {
    let key = |user: UserId, task: Option<TaskId>, kind: NotificationKind, bell: bool| (user, task, kind, bell);
    let wanted = key(row.user, row.notification.task_id, row.notification.kind, row.in_bell);
    let is_same = |one: &&OpenNotification| key(one.user, Some(one.task), one.kind, one.in_bell) == wanted;
    open.iter().rev().find(is_same).filter(|_| row.counts)
}

async fn replace(
    tx: &mut WriteTx,
    before: &OpenNotification,
    row: &mut NewNotification,
    reason: NoticeReason<'_>,
    context: WriteContext<'_>,
) -> Result<bool, StoreError> {
    let original = row.clone();
    let notification = &mut row.notification;
    notification.times = before.times.saturating_add(1);
    notification.title = reason.title_again(&context.actor.name, notification.times);
    // A card that goes back and forth pops up once.
    notification.alert &= matches!(notification.kind, NotificationKind::Comment | NotificationKind::Assignment);
    let replaced = tx.replace_notification(before.id, row).await?;
    if !replaced {
        *row = original;
    }
    Ok(replaced)
}

fn delivery(row: &NewNotification, replaces: Option<NotificationId>) -> Option<Delivery> {
    row.in_bell.then(|| Delivery { user: row.user, notification: row.notification.clone(), replaces })
}
