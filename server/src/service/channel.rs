//! Where a notification reaches its user: what they want, and what the hour allows.

use engine::{
    Timestamp,
    notification::{Channels, NotificationKind},
};

use super::zone::Zone;
use crate::store::{MailKind, Wishes};

/// Digests leave at the full hour, so that what comes within one makes one mail.
const HOUR_MS: i64 = 3_600_000;

/// Where one notification goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// Into the bell.
    pub(super) bell: bool,
    /// Out of the browser by itself: only what is in the bell, and not in quiet hours.
    pub(super) alert: bool,
    /// By e-mail, not before then.
    pub(super) mail: Option<(Timestamp, MailKind)>,
}

/// Where a notification goes; `None` when it goes nowhere. `mail` tells whether this server sends any.
pub(super) fn route(wishes: &Wishes, kind: NotificationKind, at: Timestamp, mail: bool) -> Option<Route> {
    use NotificationKind::{Assignment, Mention, Report};
    let Channels { bell, browser, email } =
        wishes.kinds.get(&kind).copied().unwrap_or_else(|| Channels::default_for(kind));
    if wishes.muted {
        return (bell && matches!(kind, Mention | Assignment)).then_some(Route { bell, alert: false, mail: None });
    }
    let zone = Zone::stored(&wishes.time_zone);
    let quiet = wishes.quiet.is_some_and(|quiet| quiet.contain(zone.minute(at)));
    let mail = (mail && email).then(|| match kind {
        Mention | Report => (zone.open(wishes.quiet, at), MailKind::Now),
        _ => (zone.open(wishes.quiet, next_hour(at)), MailKind::Digest),
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

    fn wishes() -> Wishes {
        let (kinds, first_weekday) = (BTreeMap::new(), FirstWeekday::Monday);
        Wishes { kinds, quiet: None, time_zone: "UTC".into(), first_weekday, muted: false }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_mention_goes_out_at_once_and_the_rest_at_the_full_hour() {
        let now = at("2026-11-21T09:20:00Z");
        let mention = route(&wishes(), NotificationKind::Mention, now, true);
        assert_eq!(mention, Some(Route { bell: true, alert: true, mail: Some((now, MailKind::Now)) }));
        let comment = route(&wishes(), NotificationKind::Comment, now, true).unwrap();
        assert_eq!(comment.mail, Some((at("2026-11-21T10:00:00Z"), MailKind::Digest)));
        assert_eq!(route(&wishes(), NotificationKind::Comment, now, false).unwrap().mail, None);
    }

    #[test]
    fn quiet_hours_leave_the_bell_alone() {
        let quiet = Some(QuietHours { from: 9 * 60, to: 12 * 60 });
        let wishes = Wishes { quiet, ..wishes() };
        let mention = route(&wishes, NotificationKind::Mention, at("2026-11-21T09:20:00Z"), true).unwrap();
        assert_eq!((mention.bell, mention.alert), (true, false));
        assert_eq!(mention.mail, Some((at("2026-11-21T12:00:00Z"), MailKind::Now)));
    }

    #[test]
    fn a_muted_project_tells_mentions_and_assignments_in_the_bell_and_nothing_else() {
        let wishes = Wishes { muted: true, ..wishes() };
        for kind in NotificationKind::ALL {
            let told = route(&wishes, kind, at("2026-11-21T09:20:00Z"), true);
            let kept = matches!(kind, NotificationKind::Mention | NotificationKind::Assignment);
            assert_eq!(told, kept.then_some(Route { bell: true, alert: false, mail: None }), "{kind:?}");
        }
    }

    #[test]
    fn a_kind_that_is_off_everywhere_is_not_written() {
        let off = Channels { bell: false, browser: true, email: false };
        let wishes = Wishes { kinds: BTreeMap::from([(NotificationKind::Status, off)]), ..wishes() };
        assert_eq!(route(&wishes, NotificationKind::Status, at("2026-11-21T09:20:00Z"), true), None);
    }
}
