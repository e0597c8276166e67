//! The channels of a notification: what its user wants, and what the hour permits.

use engine::{
    Timestamp,
    notification::{Channels, NotificationKind},
};

use super::zone::Zone;
use crate::store::{DeliveryPreferences, MailKind};

/// Digests are sent on the full hour, so that the notifications of an hour share one.
const HOUR_MS: i64 = 3_600_000;

/// The channels of one notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Shown in the bell.
    pub(super) bell: bool,
    /// Shown as a pop-up: only what is in the bell, and not in quiet hours.
    pub(super) alert: bool,
    /// Sent by e-mail, not before this time.
    pub(super) mail: Option<(Timestamp, MailKind)>,
}

/// The channels of a notification; `None` if there are none. `mail`: whether this server sends e-mail.
pub(super) fn route(
    delivery: &DeliveryPreferences,
    kind: NotificationKind,
    at: Timestamp,
    mail: bool,
) -> Option<Route> {
    use NotificationKind::{Assignment, Mention, Report};
    let Channels { bell, browser, email } =
        delivery.kinds.get(&kind).copied().unwrap_or_else(|| Channels::default_for(kind));
    if delivery.muted {
        return (bell && matches!(kind, Mention | Assignment)).then_some(Route { bell, alert: false, mail: None });
    }
    let zone = Zone::stored(&delivery.time_zone);
    let quiet = delivery.quiet.is_some_and(|quiet| quiet.contain(zone.minute(at)));
    let mail = (mail && email).then(|| match kind {
        Mention | Report => (zone.open(delivery.quiet, at), MailKind::Now),
        _ => (zone.open(delivery.quiet, next_hour(at)), MailKind::Digest),
    });
    (bell || mail.is_some()).then_some(Route { bell, alert: bell && browser && !quiet, mail })
}

fn next_hour(at: Timestamp) -> Timestamp {
    at.plus(HOUR_MS - at.millis().rem_euclid(HOUR_MS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use engine::{day::FirstWeekday, notification::QuietHours};

    use super::*;

    fn delivery_preferences() -> DeliveryPreferences {
        let (kinds, first_weekday) = (BTreeMap::new(), FirstWeekday::Monday);
        DeliveryPreferences { kinds, quiet: None, time_zone: "UTC".into(), first_weekday, muted: false }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_mention_is_mailed_at_once_and_the_rest_at_the_full_hour() {
        let now = at("2026-11-21T09:20:00Z");
        let mention = route(&delivery_preferences(), NotificationKind::Mention, now, true);
        assert_eq!(mention, Some(Route { bell: true, alert: true, mail: Some((now, MailKind::Now)) }));
        let comment = route(&delivery_preferences(), NotificationKind::Comment, now, true).unwrap();
        assert_eq!(comment.mail, Some((at("2026-11-21T10:00:00Z"), MailKind::Digest)));
        assert_eq!(route(&delivery_preferences(), NotificationKind::Comment, now, false).unwrap().mail, None);
    }

    #[test]
    fn quiet_hours_do_not_affect_the_bell() {
        let quiet = Some(QuietHours { from: 9 * 60, to: 12 * 60 });
        let delivery = DeliveryPreferences { quiet, ..delivery_preferences() };
        let mention = route(&delivery, NotificationKind::Mention, at("2026-11-21T09:20:00Z"), true).unwrap();
        assert_eq!((mention.bell, mention.alert), (true, false));
        assert_eq!(mention.mail, Some((at("2026-11-21T12:00:00Z"), MailKind::Now)));
    }

    #[test]
    fn a_muted_project_shows_only_mentions_and_assignments_in_the_bell() {
        let delivery = DeliveryPreferences { muted: true, ..delivery_preferences() };
        for kind in NotificationKind::ALL {
            let routed = route(&delivery, kind, at("2026-11-21T09:20:00Z"), true);
            let shown = matches!(kind, NotificationKind::Mention | NotificationKind::Assignment);
            assert_eq!(routed, shown.then_some(Route { bell: true, alert: false, mail: None }), "{kind:?}");
        }
    }

    #[test]
    fn a_kind_without_channels_is_not_stored() {
        let off = Channels { bell: false, browser: true, email: false };
        let delivery =
            DeliveryPreferences { kinds: BTreeMap::from([(NotificationKind::Status, off)]), ..delivery_preferences() };
        assert_eq!(route(&delivery, NotificationKind::Status, at("2026-11-21T09:20:00Z"), true), None);
    }
}
