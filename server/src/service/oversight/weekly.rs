//! Who is told what their week brought: those who asked for it, on the first morning of the next one.
//!
//! Every node does this. Who was told of a week is written with the notification, so the other one finds it, before or
//! after a restart.

use engine::{
    Notification, NotificationId, Timestamp,
    day::Day,
    notification::{NotificationKind, ReferenceType},
    oversight::{query::ReportQuery, report::Counts},
};
use uuid::Uuid;

use super::report;
use crate::{
    realtime::Delivery,
    service::{ServiceError, Services, channel, zone::Zone},
    store::{NewNotification, StoreError, Subscriber},
};

/// The minute of the day from which on people are told: 7 in the morning.
const MORNING: u16 = 7 * 60;
/// Days for which it is told late, where no server ran on that morning.
const LATE: i64 = 3;

/// Tells everybody for whom it is that morning, or a little later, and says how many that were.
///
/// # Errors
/// When the database does not answer. Who was told until then is.
pub async fn tell(services: &Services, now: Timestamp) -> Result<usize, StoreError> {
    let mut count = 0;
    for subscriber in services.store.report_subscribers().await? {
        let Some(week) = due(&subscriber, now) else { continue };
        match tell_one(services, &subscriber, week, now).await {
            Ok(told) => count += usize::from(told),
            Err(ServiceError::Failed(error)) if !error.is_unreadable() => return Err(error),
            // A project that went meanwhile. The others are told all the same, and this one the next time.
            Err(error) => tracing::warn!(user = %subscriber.user.id, %error, "could not make somebody's report"),
        }
    }
    Ok(count)
}

/// The week that somebody is to be told of.
fn due(subscriber: &Subscriber, now: Timestamp) -> Option<Day> {
    let zone = Zone::stored(&subscriber.wishes.time_zone);
    let today = zone.day(now);
    let this = today.week(subscriber.wishes.first_weekday);
    let morning = today > this || zone.minute(now) >= MORNING;
    let week = this.plus(-7);
    (morning && today.since(this) < LATE && subscriber.told.is_none_or(|told| told < week)).then_some(week)
}

async fn tell_one(
    services: &Services,
    subscriber: &Subscriber,
    week: Day,
    now: Timestamp,
) -> Result<bool, ServiceError> {
    let Subscriber { user, wishes, .. } = subscriber;
    let Some(route) = channel::route(wishes, NotificationKind::Report, now, services.sends_mail) else {
        return Ok(false);
    };
    let query = ReportQuery { week: Some(week), ..ReportQuery::default() };
    let read = report::of(&services.store, &services.oversight, user, &query, now).await?;
    if read.of_projects == 0 {
        return Ok(false);
    }
    let notification = Notification {
        id: NotificationId::new(Uuid::now_v7()),
        kind: NotificationKind::Report,
        title: format!("Your week from {week} to {}", read.report.last),
        message: summary(&read.report.counts),
        reference_type: ReferenceType::Report,
        reference_id: week.to_string(),
        task_id: None,
        project_id: None,
        actor_id: None,
        actor_name: None,
        times: 1,
        created_at: now,
        read_at: None,
        alert: route.alert,
    };
    let cause = format!("report:{week}");
    let row =
        NewNotification { user: user.id, notification, cause, in_bell: route.bell, counts: false, mail: route.mail };
    let mut tx = services.store.write().await?;
    // The row of the user is locked from here on: of two nodes the second one finds it written.
    if !tx.tell_week(user.id, week).await? {
        tx.roll_back().await?;
        return Ok(false);
    }
    let added = tx.add_notifications(std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    if route.bell && !added.is_empty() {
        services.realtime.tell(&[Delivery { user: user.id, notification: row.notification, replaces: None }]);
    }
    Ok(!added.is_empty())
}

/// `3 completed, 5 in progress, 1 blocked, 2 overdue`.
fn summary(counts: &Counts) -> String {
    let Counts { completed, in_progress, blocked, overdue, .. } = counts;
    format!("{completed} completed, {in_progress} in progress, {blocked} blocked, {overdue} overdue")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use engine::{User, UserId, day::FirstWeekday};

    use super::*;
    use crate::store::Wishes;

    fn subscriber(time_zone: &str, first_weekday: FirstWeekday, told: Option<&str>) -> Subscriber {
        let user = User { id: UserId::new(Uuid::nil()), email: String::new(), name: String::new() };
        let wishes =
            Wishes { kinds: BTreeMap::new(), quiet: None, time_zone: time_zone.into(), first_weekday, muted: false };
        Subscriber { user, wishes, told: told.map(|day| day.parse().unwrap()) }
    }

    fn due_at(subscriber: &Subscriber, now: &str) -> Option<String> {
        due(subscriber, now.parse().unwrap()).map(|week| week.to_string())
    }

    #[test]
    fn it_comes_on_the_first_morning_of_the_next_week_where_its_reader_is() {
        let week = Some("2026-11-16".to_owned());
        let berlin = subscriber("Europe/Berlin", FirstWeekday::Monday, None);
        assert_eq!(due_at(&berlin, "2026-11-23T05:59:59Z"), None, "before seven");
        assert_eq!(due_at(&berlin, "2026-11-23T06:00:00Z"), week);
        assert_eq!(due_at(&berlin, "2026-11-24T00:00:00Z"), week, "late, and not only after seven then");
        assert_eq!(due_at(&berlin, "2026-11-25T22:59:59Z"), week);
        assert_eq!(due_at(&berlin, "2026-11-25T23:00:00Z"), None, "too late");
        let auckland = subscriber("Pacific/Auckland", FirstWeekday::Monday, None);
        assert_eq!(due_at(&auckland, "2026-11-22T17:59:59Z"), None);
        assert_eq!(due_at(&auckland, "2026-11-22T18:00:00Z"), week);
        let sunday = subscriber("UTC", FirstWeekday::Sunday, None);
        assert_eq!(due_at(&sunday, "2026-11-22T07:00:00Z"), Some("2026-11-15".to_owned()));
        // The clocks go back on the Sunday before.
        assert_eq!(due_at(&berlin, "2026-10-26T05:59:59Z"), None);
        assert_eq!(due_at(&berlin, "2026-10-26T06:00:00Z"), Some("2026-10-19".to_owned()));
    }

    #[test]
    fn a_week_is_told_once() {
        let told = subscriber("UTC", FirstWeekday::Monday, Some("2026-11-16"));
        assert_eq!(due_at(&told, "2026-11-23T08:00:00Z"), None);
        assert_eq!(due_at(&told, "2026-11-30T08:00:00Z"), Some("2026-11-23".to_owned()));
    }
}
