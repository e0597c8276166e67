//! Weekly report notifications: sent to subscribers on the first morning of the next week.
//!
//! Every node does this. The reported week is stored together with the notification, so another node, or a restarted
//! one, finds it.

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

/// The minute of the day from which reports are sent: 7 in the morning.
const MORNING: u16 = 7 * 60;
/// Days during which a report is sent late, if no server ran on that morning.
const LATE: i64 = 3;

/// Sends due reports. Returns how many.
///
/// # Errors
/// When the database does not answer. Sent reports stay sent.
pub async fn notify(services: &Services, now: Timestamp) -> Result<usize, StoreError> {
    let mut count = 0;
    for subscriber in services.store.report_subscribers().await? {
        let Some(week) = due(&subscriber, now) else { continue };
        match notify_one(services, &subscriber, week, now).await {
            Ok(reported) => count += usize::from(reported),
            Err(ServiceError::Failed(error)) if !error.is_unreadable() => return Err(error),
            // For example a project deleted meanwhile. Continue with the others; this one is retried next time.
            Err(error) => tracing::warn!(user = %subscriber.user.id, %error, "could not send a weekly report"),
        }
    }
    Ok(count)
}

/// The week to report to a subscriber, if any.
fn due(subscriber: &Subscriber, now: Timestamp) -> Option<Day> {
    let zone = Zone::stored(&subscriber.delivery.time_zone);
    let today = zone.day(now);
    let this = today.week(subscriber.delivery.first_weekday);
    let morning = today > this || zone.minute(now) >= MORNING;
    let week = this.plus(-7);
    (morning && today.since(this) < LATE && subscriber.reported.is_none_or(|reported| reported < week)).then_some(week)
}

async fn notify_one(
    services: &Services,
    subscriber: &Subscriber,
    week: Day,
    now: Timestamp,
) -> Result<bool, ServiceError> {
    let Subscriber { user, delivery, .. } = subscriber;
    let Some(route) = channel::route(delivery, NotificationKind::Report, now, services.sends_mail) else {
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
    // Locks the user's row: of two nodes, the second one finds it marked.
    if !tx.mark_week_reported(user.id, week).await? {
        tx.roll_back().await?;
        return Ok(false);
    }
    let added = tx.add_notifications(std::slice::from_ref(&row)).await?;
    tx.commit().await?;
    if route.bell && !added.is_empty() {
        services.realtime.deliver(&[Delivery { user: user.id, notification: row.notification, replaces: None }]);
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
    use crate::store::DeliveryPreferences;

    fn subscriber(time_zone: &str, first_weekday: FirstWeekday, reported: Option<&str>) -> Subscriber {
        let user = User { id: UserId::new(Uuid::nil()), email: String::new(), name: String::new() };
        let delivery = DeliveryPreferences {
            kinds: BTreeMap::new(),
            quiet: None,
            time_zone: time_zone.into(),
            first_weekday,
            muted: false,
        };
        Subscriber { user, delivery, reported: reported.map(|day| day.parse().unwrap()) }
    }

    fn due_at(subscriber: &Subscriber, now: &str) -> Option<String> {
        due(subscriber, now.parse().unwrap()).map(|week| week.to_string())
    }

    #[test]
    fn it_is_sent_on_the_first_morning_of_the_next_week_in_the_readers_zone() {
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
    fn a_week_is_reported_once() {
        let reported = subscriber("UTC", FirstWeekday::Monday, Some("2026-11-16"));
        assert_eq!(due_at(&reported, "2026-11-23T08:00:00Z"), None);
        assert_eq!(due_at(&reported, "2026-11-30T08:00:00Z"), Some("2026-11-23".to_owned()));
    }
}
