//! Working hours and absences of people.

use engine::{
    User, UserId,
    oversight::{Capacity, DaysOff},
};

use crate::{
    service::{
        ServiceError, Services, access,
        field::{self, invalid},
    },
    store::Store,
};

/// Absences per person.
const AWAY: usize = 100;

/// A person's capacity.
///
/// # Errors
/// `forbidden`.
pub(crate) async fn get(store: &Store, user: &User, whose: UserId) -> Result<Capacity, ServiceError> {
    let person = store.person(user.id, whose).await?;
    access::check_capacity(user, whose, person.as_ref().is_some_and(|person| person.shared))?;
    Ok(person.map(|person| person.capacity).unwrap_or_default())
}

/// Stores one's own capacity, and returns the stored one: absences in order, each once.
///
/// # Errors
/// `forbidden`; `invalid` with the field.
pub(crate) async fn put(
    services: &Services,
    user: &User,
    whose: UserId,
    capacity: Capacity,
) -> Result<Capacity, ServiceError> {
    access::check_capacity_change(user, whose)?;
    let capacity = checked(capacity)?;
    let mut tx = services.store.write().await?;
    tx.save_capacity(whose, &capacity).await?;
    tx.commit().await?;
    services.realtime.capacity_changed();
    Ok(capacity)
}

fn checked(capacity: Capacity) -> Result<Capacity, ServiceError> {
    let Capacity { hours, mut days_off } = capacity;
    if !hours.iter().all(|hours| (0.0..=24.0).contains(hours)) {
        return Err(invalid("hours", "Enter 0 to 24 hours a day.").into());
    }
    if days_off.len() > AWAY {
        return Err(invalid("days_off", format!("At most {AWAY} times away.")).into());
    }
    if days_off.iter().any(|DaysOff { first, last }| first > last) {
        return Err(invalid("days_off", "The first day must not be after the last one.").into());
    }
    for off in &days_off {
        field::day("days_off", off.first).and_then(|_| field::day("days_off", off.last))?;
    }
    days_off.sort_by_key(|off| (off.first, off.last));
    days_off.dedup();
    // To a millionth, like estimates.
    let hours = hours.map(|hours| (hours.abs() * 1e6).round() / 1e6);
    Ok(Capacity { hours, days_off })
}
