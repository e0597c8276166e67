//! The notification channels of this process: one per user, whatever their tabs and devices.
//!
//! A channel knows the totals that its sockets were last sent: notifications, and unread ones. The database is asked
//! for the same totals periodically, for all channels in one query, and soon after something was read; if they differ,
//! the sockets are sent the current page. This repairs messages that the bus lost, repeated or reordered.

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
    bus::{BusMessage, Topic},
    frame,
    invalidation::Invalidation,
    log::LogUnavailable,
    notification_frame::NotificationFrame,
    outbox::Outbox,
};
use crate::frame_text::FrameText;

/// Channels per query of the database.
const CHUNK: usize = 1000;
/// How often an arriving socket rereads a page that changed meanwhile.
const READS: usize = 3;

/// A committed notification, and its recipient.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The recipient.
    pub user: UserId,
    /// The notification.
    pub notification: Notification,
    /// The notification that it replaces, or itself if only its text changed.
    pub replaces: Option<NotificationId>,
}

/// The notification channels of this process. A channel exists while it has a [`ChannelSubscription`].
pub(super) struct Bells {
    shared: Arc<RealtimeContext>,
    channels: Mutex<HashMap<UserId, UserChannel<Arc<Outbox>>>>,
    invalidation: Arc<Invalidation>,
}

impl Bells {
    /// Creates no channels yet.
    pub(super) fn new(shared: Arc<RealtimeContext>) -> Arc<Self> {
        let invalidation = Arc::new(Invalidation::new(Arc::clone(&shared)));
        Arc::new(Self { shared, channels: Mutex::default(), invalidation })
    }

    /// The sockets whose pages show oversight data.
    pub(super) fn invalidation(&self) -> &Arc<Invalidation> {
        &self.invalidation
    }

    /// Sends a frame to a user's sockets, here and on other nodes.
    pub(super) fn publish(&self, user: UserId, frame: NotificationFrame) {
        self.notify(user, &frame);
        self.shared.bus.publish(BusMessage::Bell { user_id: user, frame });
    }

    /// Sends a frame to a user's sockets in this process.
    pub(super) fn notify(&self, user: UserId, frame: &NotificationFrame) {
        if let Some(channel) = self.lock().get_mut(&user)
            && channel.apply(frame.delta())
        {
            self.push(channel, frame.frame());
        }
    }

    /// Subscribes a socket to a user's channel. It is sent nothing before it is
    /// [admitted](ChannelSubscription::admit).
    pub(super) fn subscribe(self: &Arc<Self>, user: UserId, socket: SocketId) -> ChannelSubscription {
        let mut channels = self.lock();
        let channel = channels.entry(user).or_insert_with(|| {
            // Under the lock, so that it cannot overtake the previous channel's `unwatch`.
            self.shared.bus.watch(Topic::Bell(user));
            UserChannel::default()
        });
        channel.subscriptions += 1;
        ChannelSubscription { bells: Arc::clone(self), user, socket }
    }

    /// The users with a channel in this process.
    pub(super) fn users(&self) -> Vec<UserId> {
        self.lock().keys().copied().collect()
    }

    /// Compares the channels whose totals are doubtful.
    pub(super) async fn check_doubtful(&self) {
        let doubtful = self.lock().iter().filter(|(_, channel)| channel.doubtful()).map(|(user, _)| *user).collect();
        self.check(doubtful).await;
    }

    /// Compares channels with the database, and resends those that differ.
    pub(super) async fn check(&self, users: Vec<UserId>) {
        for users in users.chunks(CHUNK) {
            let versions: HashMap<UserId, u64> = {
                let channels = self.lock();
                users.iter().filter_map(|user| Some((*user, channels.get(user)?.version()))).collect()
            };
            // A failed query is repeated next time.
            let Ok(tallies) = self.shared.inbox.tallies(users).await else { return };
            for tally in tallies {
                let version = versions.get(&tally.user).copied();
                let differs = version.zip(self.lock().get_mut(&tally.user)).is_some_and(|(version, channel)| {
                    channel.compare(version, tally.count, tally.unread) == Verdict::Differs
                });
                if differs && self.resend(tally.user).await.is_err() {
                    return;
                }
            }
        }
    }

    async fn resend(&self, user: UserId) -> Result<(), LogUnavailable> {
        let Some(version) = self.lock().get(&user).map(UserChannel::version) else { return Ok(()) };
        let newest = self.shared.inbox.newest(user).await?;
        if let Some(channel) = self.lock().get_mut(&user)
            && channel.replace(version, &newest)
        {
            Counters::add(&self.shared.counters.bells_healed, 1);
            self.push(channel, &frame::unread_sync(newest.page));
        }
        Ok(())
    }

    fn push(&self, channel: &UserChannel<Arc<Outbox>>, frame: &FrameText) {
        for outbox in channel.sockets() {
            if !outbox.push_or_close(frame.clone()) {
                Counters::add(&self.shared.counters.closed_slow, 1);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, UserChannel<Arc<Outbox>>>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket's subscription to its user's channel. The channel ends with the last one.
pub(super) struct ChannelSubscription {
    bells: Arc<Bells>,
    user: UserId,
    socket: SocketId,
}

impl ChannelSubscription {
    /// Sends the newest notifications; from then on the socket receives new ones.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn admit(&self, outbox: &Arc<Outbox>) -> Result<(), LogUnavailable> {
        for attempt in 1..=READS {
            let Some(version) = self.bells.lock().get(&self.user).map(UserChannel::version) else { return Ok(()) };
            let newest = self.bells.shared.inbox.newest(self.user).await?;
            let mut channels = self.bells.lock();
            let Some(channel) = channels.get_mut(&self.user) else { return Ok(()) };
            // The page may or may not contain what arrived while it was read: read again, or leave it to the next
            // comparison.
            if channel.version() == version || attempt == READS {
                channel.admit(self.socket, Arc::clone(outbox), version, &newest);
                outbox.push_or_close(frame::unread_sync(newest.page));
                return Ok(());
            }
        }
        Ok(())
    }

    /// Begins or ends the oversight subscription of this socket's page.
    pub(super) fn oversee(&self, on: bool, outbox: &Arc<Outbox>) {
        match on {
            true => self.bells.invalidation.begin(self.socket, self.user, outbox),
            false => self.bells.invalidation.end(self.socket),
        }
    }

    /// Marks a notification as read, and tells all of the user's sockets, even if this one closes meanwhile. If the
    /// database fails, the notification stays unread and the socket stays open.
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
        self.bells.invalidation.end(self.socket);
        let mut channels = self.bells.lock();
        if let Some(channel) = channels.get_mut(&self.user) {
            channel.leave(self.socket);
            channel.subscriptions -= 1;
            if channel.subscriptions == 0 {
                channels.remove(&self.user);
                self.bells.shared.bus.unwatch(Topic::Bell(self.user));
            }
        }
    }
}

impl fmt::Debug for ChannelSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChannelSubscription")
            .field("user", &self.user)
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}
