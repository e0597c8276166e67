//! Tasks that are due tomorrow, or overdue: whose they are is told once a day, in the morning of their own day.
//!
//! Every node does this. What one has told, the other finds written, or cannot write: a cause is there once.

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

/// The minute of the day from which on people are told: 8 in the morning.
const MORNING: u16 = 8 * 60;
/// Tasks that are told of in one transaction.
const CHUNK: u32 = 200;
/// Characters of a task's title in a notification.
const TITLE: usize = 120;

/// Tells everybody for whom it is morning, or later, what is due; and says how much that was.
///
/// # Errors
/// When the database does not answer. What was told until then is, and the next time goes on there.
pub async fn tell(services: &Services, now: Timestamp) -> Result<usize, StoreError> {
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

/// What is to be written for these tasks, by project, as those whose they are want it. Asked before the write begins,
/// which others wait for.
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
        let wishes = services.store.wishes(project, &users).await?;
        for due in due {
            let wishes = wishes.get(&due.user);
            let route =
                wishes.and_then(|wishes| channel::route(wishes, NotificationKind::Due, now, services.sends_mail));
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

/// Writes them and tells the bells, to the end also when the server stops meanwhile; and says how many that were. Whoever
/// has left the project since they were asked for is not told: within a write to it, nobody leaves.
async fn write(services: &Services, project: ProjectId, mut rows: Vec<NewNotification>) -> Result<usize, StoreError> {
    let (store, realtime) = (services.store.clone(), services.realtime.clone());
    let write = async move {
        let mut tx = store.write_project(project).await?;
        let users: Vec<UserId> = rows.iter().map(|row| row.user).collect();
        let members = tx.wishes(project, &users).await?;
        rows.retain(|row| members.contains_key(&row.user));
        let added = tx.add_notifications(&rows).await?;
        tx.commit().await?;
        // What another node was faster with, it tells.
        rows.retain(|row| row.in_bell && added.contains(&row.notification.id));
        let told: Vec<_> = rows
            .into_iter()
            .map(|row| Delivery { user: row.user, notification: row.notification, replaces: None })
            .collect();
        realtime.tell(&told);
        Ok(told.len())
    };
    // A panic is that of these tasks: the next ones are told of all the same.
    services.writes.run(write).await.unwrap_or(Ok(0))
}

fn title(due_at: Timestamp, today: Timestamp) -> String {
    match (today.millis() - due_at.millis()) / DAY_MS {
        ..=0 => "Due tomorrow".to_owned(),
        1 => "Overdue by a day".to_owned(),
        days => format!("Overdue by {days} days"),
    }
}

/// The midnight in UTC that stands for a date.
fn midnight(date: Date) -> Timestamp {
    let zoned = date.to_zoned(jiff::tz::TimeZone::UTC);
    Timestamp::from_millis(zoned.map_or(0, |zoned| zoned.timestamp().as_millisecond()))
}
