//! Daily notifications of tasks that are due tomorrow or overdue, in the morning of each user's day.
//!
//! Every node does this. A cause is stored once, so of two nodes the second one finds it written.

use std::collections::BTreeMap;

use engine::{
    Notification, NotificationId, ProjectId, Timestamp, UserId,
    notification::{NotificationKind, ReferenceType},
    time::DAY_MS,
};
use jiff::{ToSpan as _, civil::Date};
use uuid::Uuid;

use super::{Services, channel, notice::cut, zone::Zone};
use crate::{
    realtime::Delivery,
    store::{Due, DueCursor, DueDay, NewNotification, StoreError},
};

/// The minute of the day from which notifications are sent: 8 in the morning.
const MORNING: u16 = 8 * 60;
/// Tasks per transaction.
const CHUNK: u32 = 200;
/// Most characters of a task's title in a notification.
const TITLE: usize = 120;

/// Notifies users of due tasks once it is morning for them. Returns how many notifications were sent.
///
/// # Errors
/// When the database does not answer. Sent notifications stay, and the next call continues.
pub async fn notify(services: &Services, now: Timestamp) -> Result<usize, StoreError> {
    let mut count = 0;
    for time_zone in services.store.time_zones().await? {
        let zone = Zone::stored(&time_zone);
        if zone.minute(now) < MORNING {
            continue;
        }
        let today = zone.date(now);
        let Ok(tomorrow) = today.checked_add(1.day()) else { continue };
        let (date, today, tomorrow) = (today.to_string(), midnight(today), midnight(tomorrow));
        let day = DueDay { time_zone: &time_zone, today, tomorrow, date: &date };
        let mut after = DueCursor::default();
        loop {
            let (due, end) = services.store.due(&day, after, CHUNK).await?;
            let Some(end) = end else { break };
            after = end;
            let rows = rows(services, &day, due, now).await?;
            for (project, rows) in rows {
                count += write(services, project, rows).await?;
            }
        }
    }
    Ok(count)
}

/// The notifications for these tasks, by project, after each user's preferences. Read before the write begins, since
/// other writes wait for it.
async fn rows(
    services: &Services,
    day: &DueDay<'_>,
    due: Vec<Due>,
    now: Timestamp,
) -> Result<BTreeMap<ProjectId, Vec<NewNotification>>, StoreError> {
    let mut projects: BTreeMap<ProjectId, Vec<Due>> = BTreeMap::new();
    for due in due {
        projects.entry(due.project).or_default().push(due);
    }
    let mut rows: BTreeMap<ProjectId, Vec<NewNotification>> = BTreeMap::new();
    for (project, due) in projects {
        let users: Vec<UserId> = due.iter().map(|due| due.user).collect();
        let delivery = services.store.delivery_preferences(project, &users).await?;
        for due in due {
            let delivery = delivery.get(&due.user);
            let route =
                delivery.and_then(|delivery| channel::route(delivery, NotificationKind::Due, now, services.sends_mail));
            let Some(route) = route else { continue };
            let notification = Notification {
                id: NotificationId::new(Uuid::now_v7()),
                kind: NotificationKind::Due,
                title: title(due.due_at, day.today),
                message: cut(&due.title, TITLE),
                reference_type: ReferenceType::Task,
                reference_id: due.task.to_string(),
                task_id: Some(due.task),
                project_id: Some(project),
                actor_id: None,
                actor_name: None,
                times: 1,
                created_at: now,
                read_at: None,
                alert: route.alert,
            };
            let cause = format!("due:{}:{}", due.task, day.date);
            let row = NewNotification {
                user: due.user,
                notification,
                cause,
                in_bell: route.bell,
                counts: false,
                mail: route.mail,
            };
            rows.entry(project).or_default().push(row);
        }
    }
    Ok(rows)
}

/// Writes and delivers notifications, even if the server stops meanwhile. Returns how many. Skips users who have left
/// the project since: within a write to it, no one leaves.
async fn write(services: &Services, project: ProjectId, mut rows: Vec<NewNotification>) -> Result<usize, StoreError> {
    let (store, realtime) = (services.store.clone(), services.realtime.clone());
    let write = async move {
        let mut tx = store.write_project(project).await?;
        let users: Vec<UserId> = rows.iter().map(|row| row.user).collect();
        let members = tx.delivery_preferences(project, &users).await?;
        rows.retain(|row| members.contains_key(&row.user));
        let added = tx.add_notifications(&rows).await?;
        tx.commit().await?;
        // Another node delivers those that it wrote first.
        rows.retain(|row| row.in_bell && added.contains(&row.notification.id));
        let deliveries: Vec<_> = rows
            .into_iter()
            .map(|row| Delivery { user: row.user, notification: row.notification, replaces: None })
            .collect();
        realtime.deliver(&deliveries);
        Ok(deliveries.len())
    };
    // A panic concerns these tasks only: continue with the next ones.
    services.writes.run(write).await.unwrap_or(Ok(0))
}

fn title(due_at: Timestamp, today: Timestamp) -> String {
    match (today.millis() - due_at.millis()) / DAY_MS {
        ..=0 => "Due tomorrow".to_owned(),
        1 => "Overdue by a day".to_owned(),
        days => format!("Overdue by {days} days"),
    }
}

/// The midnight UTC that stands for a date.
fn midnight(date: Date) -> Timestamp {
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC);
    Timestamp::from_millis(zoned.map_or(0, |zoned| zoned.timestamp().as_millisecond()))
}
