//! What a user wants to be told, and when.

use std::collections::BTreeMap;

use engine::{
    Day, Timestamp, User, UserId,
    notification::{Channels, KindChannels, NotificationKind, Preferences},
};

use super::{ServiceError, Services, field::invalid, zone::Zone};
use crate::store::{Store, Wishes};

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Projects that one user may mute.
const MUTED: usize = 500;

/// What a user wants to be told.
///
/// # Errors
/// When the database does not answer.
pub async fn get(services: &Services, user: &User) -> Result<Preferences, ServiceError> {
    let (wishes, muted) = services.store.preferences(user.id).await?;
    let channels = |kind| wishes.kinds.get(&kind).copied().unwrap_or_else(|| Channels::default_for(kind));
    Ok(Preferences {
        kinds: NotificationKind::ALL.map(|kind| KindChannels { kind, channels: channels(kind) }).to_vec(),
        quiet: wishes.quiet,
        time_zone: wishes.time_zone,
        first_weekday: wishes.first_weekday,
        muted,
        email_available: services.sends_mail,
    })
}

/// Which date it is for a user, in the time zone that they have set.
///
/// # Errors
/// When the database does not answer.
pub async fn today(store: &Store, user: &User, now: Timestamp) -> Result<Day, ServiceError> {
    Ok(Zone::stored(&store.time_zone(user.id).await?).day(now))
}

/// Sends a user no more e-mail, of whatever kind, and nothing of what waits to be sent.
///
/// # Errors
/// When the database does not answer.
pub async fn end_mail(store: &Store, user: UserId) -> Result<(), ServiceError> {
    let (mut wishes, muted) = store.preferences(user).await?;
    for kind in NotificationKind::ALL {
        wishes.kinds.entry(kind).or_insert_with(|| Channels::default_for(kind)).email = false;
    }
    let mut tx = store.write().await?;
    tx.save_preferences(user, &wishes, &muted).await?;
    tx.cancel_mail(user).await?;
    Ok(tx.commit().await?)
}

/// Stores what a user wants to be told, and says what is stored. Projects that they are not in are left out.
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
    let wishes = Wishes { kinds, quiet, time_zone, first_weekday, muted: false };
    tx.save_preferences(user.id, &wishes, &muted).await?;
    tx.commit().await?;
    get(services, user).await
}
