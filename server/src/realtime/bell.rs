//! The bells of this node: one a user, whatever their tabs and devices.
//!
//! A bell knows what its sockets were told last: how many notifications there are, and how many are unread. The database
//! is asked for the same now and then, for all bells in one query, and soon after something was read; where the
//! two differ, the sockets are told anew. So what the bus lost, repeated or reordered heals by itself.

mod user_channel;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use engine::{Notification, NotificationId, UserId, room::SocketId};

use self::user_channel::{UserChannel, Verdict};
use super::{
    Counters, RealtimeContext,
    bus::{Note, Topic},
    frame,
    invalidation::Invalidation,
    log::LogUnavailable,
    notification_frame::NotificationFrame,
    outbox::Outbox,
};
use crate::frame_text::FrameText;

/// Bells in one question to the database.
const CHUNK: usize = 1000;
/// How often an arriving socket reads anew what changed meanwhile.
const READS: usize = 3;

/// Something that one user is told, as it was committed.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Who.
    pub user: UserId,
    /// What.
    pub notification: Notification,
    /// The notification that it takes the place of, or itself where only its text changed.
    pub replaces: Option<NotificationId>,
}

/// The bells of this node. One exists while a [`ChannelSubscription`] is at it.
pub(super) struct Bells {
    shared: Arc<RealtimeContext>,
    rings: Mutex<HashMap<UserId, UserChannel<Arc<Outbox>>>>,
    pulse: Arc<Invalidation>,
}

impl Bells {
    /// No bells yet.
    pub(super) fn new(shared: Arc<RealtimeContext>) -> Arc<Self> {
        let pulse = Arc::new(Invalidation::new(Arc::clone(&shared)));
        Arc::new(Self { shared, rings: Mutex::default(), pulse })
    }

    /// Those of its sockets whose pages oversee.
    pub(super) fn pulse(&self) -> &Arc<Invalidation> {
        &self.pulse
    }

    /// Passes a note on to the sockets of a user, here and on every other node.
    pub(super) fn publish(&self, user: UserId, rung: NotificationFrame) {
        self.ring(user, &rung);
        self.shared.bus.publish(Note::Bell { user_id: user, rung });
    }

    /// Passes a note on to the sockets of a user, here.
    pub(super) fn ring(&self, user: UserId, rung: &NotificationFrame) {
        if let Some(ring) = self.lock().get_mut(&user)
            && ring.note(rung.news())
        {
            self.push(ring, rung.frame());
        }
    }

    /// Takes a seat at a user's bell. Nothing comes before it is [admitted](BellSeat::admit).
    pub(super) fn seat(self: &Arc<Self>, user: UserId, socket: SocketId) -> ChannelSubscription {
        let mut rings = self.lock();
        let ring = rings.entry(user).or_insert_with(|| {
            // Within the lock, so that it cannot overtake the `unwatch` of the bell before.
            self.shared.bus.watch(Topic::Bell(user));
            UserChannel::default()
        });
        ring.seats += 1;
        ChannelSubscription { bells: Arc::clone(self), user, socket }
    }

    /// The users who have a bell here.
    pub(super) fn users(&self) -> Vec<UserId> {
        self.lock().keys().copied().collect()
    }

    /// Compares the bells that may have been told something else than what the database holds.
    pub(super) async fn settle(&self) {
        let doubtful = self.lock().iter().filter(|(_, ring)| ring.doubtful()).map(|(user, _)| *user).collect();
        self.check(doubtful).await;
    }

    /// Compares bells with the database, and tells those anew that differ.
    pub(super) async fn check(&self, users: Vec<UserId>) {
        for users in users.chunks(CHUNK) {
            let versions: HashMap<UserId, u64> = {
                let rings = self.lock();
                users.iter().filter_map(|user| Some((*user, rings.get(user)?.version()))).collect()
            };
            // A database that does not answer is asked again the next time.
            let Ok(tallies) = self.shared.inbox.tallies(users).await else { return };
            for tally in tallies {
                let version = versions.get(&tally.user).copied();
                let differs = version.zip(self.lock().get_mut(&tally.user)).is_some_and(|(version, ring)| {
                    ring.compare(version, tally.count, tally.unread) == Verdict::Differs
                });
                if differs && self.tell_anew(tally.user).await.is_err() {
                    return;
                }
            }
        }
    }

    async fn tell_anew(&self, user: UserId) -> Result<(), LogUnavailable> {
        let Some(version) = self.lock().get(&user).map(UserChannel::version) else { return Ok(()) };
        let newest = self.shared.inbox.newest(user).await?;
        if let Some(ring) = self.lock().get_mut(&user)
            && ring.settle(version, &newest)
        {
            Counters::add(&self.shared.counters.bells_healed, 1);
            self.push(ring, &frame::unread_sync(newest.page));
        }
        Ok(())
    }

    fn push(&self, ring: &UserChannel<Arc<Outbox>>, frame: &FrameText) {
        for outbox in ring.sockets() {
            if !outbox.push_or_close(frame.clone()) {
                Counters::add(&self.shared.counters.closed_slow, 1);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, UserChannel<Arc<Outbox>>>> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket's seat at its user's bell. The bell goes with its last one.
pub(super) struct ChannelSubscription {
    bells: Arc<Bells>,
    user: UserId,
    socket: SocketId,
}

impl ChannelSubscription {
    /// Sends the newest notifications, and from then on whatever comes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn admit(&self, outbox: &Arc<Outbox>) -> Result<(), LogUnavailable> {
        for attempt in 1..=READS {
            let Some(version) = self.bells.lock().get(&self.user).map(UserChannel::version) else { return Ok(()) };
            let newest = self.bells.shared.inbox.newest(self.user).await?;
            let mut rings = self.bells.lock();
            let Some(ring) = rings.get_mut(&self.user) else { return Ok(()) };
            // What came while the page was read may be in it or not: read again, or leave it to the next comparison.
            if ring.version() == version || attempt == READS {
                ring.admit(self.socket, Arc::clone(outbox), version, &newest);
                outbox.push_or_close(frame::unread_sync(newest.page));
                return Ok(());
            }
        }
        Ok(())
    }

    /// The page of this socket oversees its user's projects for some time, or no longer.
    pub(super) fn oversee(&self, on: bool, outbox: &Arc<Outbox>) {
        match on {
            true => self.bells.pulse.begin(self.socket, self.user, outbox),
            false => self.bells.pulse.end(self.socket),
        }
    }

    /// Marks a notification as read, and tells all of the user's sockets, also when this one closes meanwhile. A database
    /// that does not answer is no reason to close it: the notification stays unread.
    pub(super) async fn mark_read(&self, id: NotificationId) {
        let (bells, user) = (Arc::clone(&self.bells), self.user);
        let write = async move {
            if let Ok(read) = bells.shared.inbox.mark_read(user, id).await {
                bells.publish(user, NotificationFrame::read(&read));
            }
        };
        self.bells.shared.writes.run(write).await;
    }
}

impl Drop for ChannelSubscription {
    fn drop(&mut self) {
        self.bells.pulse.end(self.socket);
        let mut rings = self.bells.lock();
        if let Some(ring) = rings.get_mut(&self.user) {
            ring.leave(self.socket);
            ring.seats -= 1;
            if ring.seats == 0 {
                rings.remove(&self.user);
                self.bells.shared.bus.unwatch(Topic::Bell(self.user));
            }
        }
    }
}

impl fmt::Debug for ChannelSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BellSeat").field("user", &self.user).field("socket", &self.socket).finish_non_exhaustive()
    }
}
