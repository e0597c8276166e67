//! Notification preferences of users.

use std::collections::BTreeMap;

use engine::{
    Day, Timestamp, User, UserId,
    notification::{Channels, KindChannels, NotificationKind, Preferences},
};

use super::{ServiceError, Services, field::invalid, zone::Zone};
use crate::store::{DeliveryPreferences, Store};

/// Minutes per day.
const DAY: u16 = 24 * 60;
/// Muted projects per user.
const MUTED: usize = 500;

/// The preferences of a user.
///
/// # Errors
/// When the database does not answer.
pub async fn get(services: &Services, user: &User) -> Result<Preferences, ServiceError> {
    let (delivery, muted) = services.store.preferences(user.id).await?;
    let channels = |kind| delivery.kinds.get(&kind).copied().unwrap_or_else(|| Channels::default_for(kind));
    Ok(Preferences {
        kinds: NotificationKind::ALL.map(|kind| KindChannels { kind, channels: channels(kind) }).to_vec(),
        quiet: delivery.quiet,
        time_zone: delivery.time_zone,
        first_weekday: delivery.first_weekday,
        muted,
        email_available: services.sends_mail,
    })
}

/// Today's date in a user's time zone.
///
/// # Errors
/// When the database does not answer.
pub async fn today(store: &Store, user: &User, now: Timestamp) -> Result<Day, ServiceError> {
    Ok(Zone::stored(&store.time_zone(user.id).await?).day(now))
}

/// Ends all e-mail to a user, and cancels queued mail.
///
/// # Errors
/// When the database does not answer.
pub async fn end_mail(store: &Store, user: UserId) -> Result<(), ServiceError> {
    let (mut delivery, muted) = store.preferences(user).await?;
    for kind in NotificationKind::ALL {
        delivery.kinds.entry(kind).or_insert_with(|| Channels::default_for(kind)).email = false;
    }
    let mut tx = store.write().await?;
    tx.save_preferences(user, &delivery, &muted).await?;
    tx.cancel_mail(user).await?;
    Ok(tx.commit().await?)
}

/// Stores a user's preferences, and returns the stored ones. Ignores projects that the user is not a member of.
///
/// # Errors
/// `invalid` with the field.
pub async fn put(services: &Services, user: &User, preferences: Preferences) -> Result<Preferences, ServiceError> {
    let Preferences { kinds, quiet, time_zone, first_weekday, muted, email_available: _ } = preferences;
    let count = kinds.len();
    let kinds: BTreeMap<_, _> = kinds.into_iter().map(|KindChannels { kind, channels }| (kind, channels)).collect();
    if kinds.len() < count {
        return Err(invalid("kinds", "Each kind can appear only once.").into());
    }
    if Zone::named(&time_zone).is_none() {
        return Err(invalid("time_zone", "Enter a time zone, like Europe/Berlin.").into());
    }
    if quiet.is_some_and(|quiet| quiet.from >= DAY || quiet.to >= DAY || quiet.from == quiet.to) {
        return Err(invalid("quiet", "Quiet hours need two different times (minutes of the day, 0 to 1439).").into());
    }
    if muted.len() > MUTED {
        return Err(invalid("muted", format!("At most {MUTED} projects.")).into());
    }
    let mut tx = services.store.write().await?;
    let delivery = DeliveryPreferences { kinds, quiet, time_zone, first_weekday, muted: false };
    tx.save_preferences(user.id, &delivery, &muted).await?;
    tx.commit().await?;
    get(services, user).await
}
