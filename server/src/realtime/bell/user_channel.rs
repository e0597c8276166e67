//! The totals that the sockets of one user were sent. Pure: its owner reads the database and sends the frames.

use std::collections::HashMap;

use engine::{NotificationId, room::SocketId, session::recent::Recent};

use crate::realtime::{inbox::Newest, notification_frame::Delta};

/// The notification channel of one user in this process; `S` receives a socket's frames.
#[derive(Debug)]
pub(super) struct UserChannel<S> {
    /// Subscribed sockets, including those not admitted yet.
    pub(super) subscriptions: usize,
    sockets: HashMap<SocketId, S>,
    /// The number of notifications and of unread ones, as the sockets know them. Comparing the newest id instead of
    /// the first would miss a lost one as soon as a newer one arrives.
    totals: (u64, u64),
    recent: Recent<NotificationId>,
    /// Counts the frames sent, so that an older read of the database is not taken for a newer one.
    version: u64,
    doubtful: bool,
}

/// The result of a comparison with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The totals match.
    Same,
    /// Something was sent while the query ran: compare again.
    Changed,
    /// The totals differ.
    Differs,
}

// Not derived: that would require `S: Default`.
impl<S> Default for UserChannel<S> {
    fn default() -> Self {
        Self {
            subscriptions: 0,
            sockets: HashMap::new(),
            totals: (0, 0),
            recent: Recent::default(),
            version: 0,
            doubtful: false,
        }
    }
}

impl<S> UserChannel<S> {
    /// The admitted sockets.
    pub(super) fn sockets(&self) -> impl Iterator<Item = &S> {
        self.sockets.values()
    }

    /// The number of frames sent so far.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Whether it should be compared soon.
    pub(super) fn doubtful(&self) -> bool {
        self.doubtful
    }

    /// Applies a change. False if the sockets know it already.
    pub(super) fn apply(&mut self, delta: Delta) -> bool {
        let (count, unread) = &mut self.totals;
        match delta {
            Delta::New(id) if !self.recent.insert(id) => return false,
            Delta::New(_) => {
                *count += 1;
                *unread += 1;
            }
            // The totals stay; but a page that is being read may lack the change.
            Delta::Changed => {}
            Delta::Read { unread: remaining } => {
                *unread = remaining;
                // This count comes from another transaction than the changes just before or after it.
                self.doubtful = true;
            }
        }
        self.version += 1;
        true
    }

    /// Admits a socket that is sent a page read at `version`.
    pub(super) fn admit(&mut self, socket: SocketId, to: S, version: u64, newest: &Newest) {
        if self.sockets.is_empty() && version == self.version {
            self.adopt(newest);
        } else if version != self.version || self.totals != newest.totals() {
            self.doubtful = true;
        }
        self.sockets.insert(socket, to);
    }

    /// Removes a closed socket.
    pub(super) fn leave(&mut self, socket: SocketId) {
        self.sockets.remove(&socket);
    }

    /// Compares with the database totals, queried at `version` or later.
    pub(super) fn compare(&mut self, version: u64, count: u64, unread: u64) -> Verdict {
        let verdict = match () {
            () if version != self.version => Verdict::Changed,
            () if self.totals != (count, unread) => Verdict::Differs,
            () => Verdict::Same,
        };
        // Sockets that are still being admitted read for themselves.
        self.doubtful = verdict != Verdict::Same && !self.sockets.is_empty();
        if self.sockets.is_empty() { Verdict::Same } else { verdict }
    }

    /// Adopts a page that is resent, unless something was sent since it was read.
    pub(super) fn replace(&mut self, version: u64, newest: &Newest) -> bool {
        self.doubtful = version != self.version;
        if self.doubtful {
            return false;
        }
        self.adopt(newest);
        self.version += 1;
        true
    }

    fn adopt(&mut self, newest: &Newest) {
        self.totals = newest.totals();
        // Oldest first, so that the newest are remembered longest.
        for notification in newest.page.notifications.iter().rev() {
            self.recent.insert(notification.id);
        }
    }
}

impl Newest {
    fn totals(&self) -> (u64, u64) {
        (self.count, self.page.unread)
    }
}

#[cfg(test)]
mod tests {
    use engine::{
        ProjectId, TaskId, Timestamp,
        notification::{Notification, NotificationKind, NotificationPage, ReferenceType},
    };
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> NotificationId {
        NotificationId::new(Uuid::from_u128(number))
    }

    fn page(ids: &[u128], unread: u64) -> Newest {
        let notification = |number: &u128| Notification {
            id: id(*number),
            kind: NotificationKind::Mention,
            title: String::new(),
            message: String::new(),
            reference_type: ReferenceType::Task,
            reference_id: String::new(),
            task_id: Some(TaskId::new(Uuid::nil())),
            project_id: Some(ProjectId::new(Uuid::nil())),
            actor_id: None,
            actor_name: None,
            times: 1,
            created_at: Timestamp::from_millis(0),
            read_at: None,
            alert: false,
        };
        let page = NotificationPage { notifications: ids.iter().map(notification).collect(), more: false, unread };
        Newest { page, count: ids.len() as u64 }
    }

    fn channel() -> UserChannel<()> {
        let mut channel = UserChannel::default();
        channel.admit(SocketId::new(1), (), 0, &page(&[2, 1], 2));
        channel
    }

    #[test]
    fn a_notification_that_arrives_twice_is_sent_once() {
        let mut channel = channel();
        assert!(!channel.apply(Delta::New(id(2))), "it was in the page");
        assert!(channel.apply(Delta::New(id(3))) && !channel.apply(Delta::New(id(3))));
        assert_eq!(channel.compare(channel.version(), 3, 3), Verdict::Same);
    }

    #[test]
    fn a_changed_notification_is_sent_and_leaves_the_totals() {
        let mut channel = channel();
        let version = channel.version();
        assert!(channel.apply(Delta::Changed) && channel.version() > version && !channel.doubtful());
        assert_eq!(channel.compare(channel.version(), 2, 2), Verdict::Same);
    }

    #[test]
    fn a_lost_notification_is_found_and_resent() {
        let mut channel = channel();
        assert_eq!(channel.compare(channel.version(), 3, 3), Verdict::Differs);
        let version = channel.version();
        assert!(channel.replace(version, &page(&[3, 2, 1], 3)));
        assert!(!channel.apply(Delta::New(id(3))), "it arrives late");
        assert_eq!(channel.compare(channel.version(), 3, 3), Verdict::Same);
    }

    #[test]
    fn a_lost_notification_is_found_even_after_a_newer_one_and_a_read_elsewhere() {
        let mut channel = channel();
        // The third got lost; the fourth arrived, and then all were read.
        assert!(channel.apply(Delta::New(id(4))));
        channel.apply(Delta::Read { unread: 0 });
        assert_eq!(channel.compare(channel.version(), 4, 0), Verdict::Differs);
    }

    #[test]
    fn a_count_that_crosses_a_notification_is_doubtful_until_compared() {
        let mut channel = channel();
        channel.apply(Delta::New(id(3)));
        assert!(!channel.doubtful());
        // Counted before the third was stored.
        channel.apply(Delta::Read { unread: 1 });
        assert!(channel.doubtful());
        assert_eq!(channel.compare(channel.version(), 3, 2), Verdict::Differs);
        assert!(channel.replace(channel.version(), &page(&[3, 2, 1], 2)) && !channel.doubtful());
    }

    #[test]
    fn a_page_read_before_a_notification_does_not_replace_it() {
        let mut channel = channel();
        let version = channel.version();
        channel.apply(Delta::New(id(3)));
        assert_eq!(channel.compare(version, 2, 2), Verdict::Changed);
        assert!(!channel.replace(version, &page(&[2, 1], 2)) && channel.doubtful());
        assert_eq!(channel.compare(channel.version(), 3, 3), Verdict::Same);
        assert!(!channel.doubtful());
    }

    #[test]
    fn a_socket_that_knows_more_makes_the_others_doubtful() {
        let mut channel = channel();
        channel.admit(SocketId::new(2), (), channel.version(), &page(&[3, 2, 1], 3));
        assert!(channel.doubtful());
        assert!(channel.apply(Delta::New(id(3))), "the first socket does not know it");
        assert_eq!(channel.compare(channel.version(), 3, 3), Verdict::Same);
    }
}
