//! What the sockets of one user were told. Pure: whoever owns it reads the database and sends the frames.

use std::collections::HashMap;

use engine::{NotificationId, room::SocketId, session::recent::Recent};

use crate::realtime::{inbox::Newest, notification_frame::Delta};

/// One user's bell on this node; `S` is where a socket's frames go.
#[derive(Debug)]
pub(super) struct UserChannel<S> {
    /// Sockets that are here, or about to be.
    pub(super) seats: usize,
    sockets: HashMap<SocketId, S>,
    /// How many notifications there are, and how many of them are unread, as the sockets heard it. The newest one
    /// would not do for the first: one that is lost is older as soon as the next one comes.
    told: (u64, u64),
    recent: Recent<NotificationId>,
    /// Counts what the sockets were told, so that a read of the database is not taken for newer than it is.
    version: u64,
    doubtful: bool,
}

/// What a comparison with the database showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All is well.
    Same,
    /// The sockets were told something while the database was asked: it has to be asked again.
    Changed,
    /// The sockets do not know what the database holds.
    Differs,
}

// Not derived: that would ask for a default socket.
impl<S> Default for UserChannel<S> {
    fn default() -> Self {
        Self { seats: 0, sockets: HashMap::new(), told: (0, 0), recent: Recent::default(), version: 0, doubtful: false }
    }
}

impl<S> UserChannel<S> {
    /// The sockets that are to hear what comes.
    pub(super) fn sockets(&self) -> impl Iterator<Item = &S> {
        self.sockets.values()
    }

    /// How much the sockets were told until now.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Whether it is to be compared soon.
    pub(super) fn doubtful(&self) -> bool {
        self.doubtful
    }

    /// Takes a note in. False: the sockets have heard it.
    pub(super) fn note(&mut self, news: Delta) -> bool {
        let (count, unread) = &mut self.told;
        match news {
            Delta::New(id) if !self.recent.insert(id) => return false,
            Delta::New(_) => {
                *count += 1;
                *unread += 1;
            }
            // The numbers stay; a page that is being read may not have it.
            Delta::Changed => {}
            Delta::Read { unread: left } => {
                *unread = left;
                // It was counted in another transaction than what came just before or after it.
                self.doubtful = true;
            }
        }
        self.version += 1;
        true
    }

    /// Lets a socket in, which is sent a page that was read at a version.
    pub(super) fn admit(&mut self, socket: SocketId, to: S, version: u64, newest: &Newest) {
        if self.sockets.is_empty() && version == self.version {
            self.adopt(newest);
        } else if version != self.version || self.told != newest.told() {
            self.doubtful = true;
        }
        self.sockets.insert(socket, to);
    }

    /// A socket is gone.
    pub(super) fn leave(&mut self, socket: SocketId) {
        self.sockets.remove(&socket);
    }

    /// Compares with what the database held, asked at a version or later.
    pub(super) fn compare(&mut self, version: u64, count: u64, unread: u64) -> Verdict {
        let verdict = match () {
            () if version != self.version => Verdict::Changed,
            () if self.told != (count, unread) => Verdict::Differs,
            () => Verdict::Same,
        };
        // Sockets that are still arriving read for themselves.
        self.doubtful = verdict != Verdict::Same && !self.sockets.is_empty();
        if self.sockets.is_empty() { Verdict::Same } else { verdict }
    }

    /// Takes a page for what the sockets are told anew, unless they were told something since it was read.
    pub(super) fn settle(&mut self, version: u64, newest: &Newest) -> bool {
        self.doubtful = version != self.version;
        if self.doubtful {
            return false;
        }
        self.adopt(newest);
        self.version += 1;
        true
    }

    fn adopt(&mut self, newest: &Newest) {
        self.told = newest.told();
        // Oldest first, so that the newest are remembered for longest.
        for notification in newest.page.notifications.iter().rev() {
            self.recent.insert(notification.id);
        }
    }
}

impl Newest {
    fn told(&self) -> (u64, u64) {
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

    fn ring() -> UserChannel<()> {
        let mut ring = UserChannel::default();
        ring.admit(SocketId::new(1), (), 0, &page(&[2, 1], 2));
        ring
    }

    #[test]
    fn what_comes_twice_is_told_once() {
        let mut ring = ring();
        assert!(!ring.note(Delta::New(id(2))), "it was in the page");
        assert!(ring.note(Delta::New(id(3))) && !ring.note(Delta::New(id(3))));
        assert_eq!(ring.compare(ring.version(), 3, 3), Verdict::Same);
    }

    #[test]
    fn what_changes_is_told_and_counts_nothing() {
        let mut ring = ring();
        let version = ring.version();
        assert!(ring.note(Delta::Changed) && ring.version() > version && !ring.doubtful());
        assert_eq!(ring.compare(ring.version(), 2, 2), Verdict::Same);
    }

    #[test]
    fn what_the_bus_lost_is_found_and_told_anew() {
        let mut ring = ring();
        assert_eq!(ring.compare(ring.version(), 3, 3), Verdict::Differs);
        let version = ring.version();
        assert!(ring.settle(version, &page(&[3, 2, 1], 3)));
        assert!(!ring.note(Delta::New(id(3))), "it comes late");
        assert_eq!(ring.compare(ring.version(), 3, 3), Verdict::Same);
    }

    #[test]
    fn what_the_bus_lost_is_found_though_a_newer_one_came_and_it_was_read_elsewhere() {
        let mut ring = ring();
        // The third got lost; the fourth came, and then all of them were read.
        assert!(ring.note(Delta::New(id(4))));
        ring.note(Delta::Read { unread: 0 });
        assert_eq!(ring.compare(ring.version(), 4, 0), Verdict::Differs);
    }

    #[test]
    fn a_count_that_crossed_a_notification_is_doubted_until_it_is_compared() {
        let mut ring = ring();
        ring.note(Delta::New(id(3)));
        assert!(!ring.doubtful());
        // Counted before the third was there.
        ring.note(Delta::Read { unread: 1 });
        assert!(ring.doubtful());
        assert_eq!(ring.compare(ring.version(), 3, 2), Verdict::Differs);
        assert!(ring.settle(ring.version(), &page(&[3, 2, 1], 2)) && !ring.doubtful());
    }

    #[test]
    fn what_was_read_before_something_came_is_not_taken_for_newer() {
        let mut ring = ring();
        let version = ring.version();
        ring.note(Delta::New(id(3)));
        assert_eq!(ring.compare(version, 2, 2), Verdict::Changed);
        assert!(!ring.settle(version, &page(&[2, 1], 2)) && ring.doubtful());
        assert_eq!(ring.compare(ring.version(), 3, 3), Verdict::Same);
        assert!(!ring.doubtful());
    }

    #[test]
    fn a_socket_that_knows_more_than_the_others_makes_them_be_told() {
        let mut ring = ring();
        ring.admit(SocketId::new(2), (), ring.version(), &page(&[3, 2, 1], 3));
        assert!(ring.doubtful());
        assert!(ring.note(Delta::New(id(3))), "the first socket has not heard it");
        assert_eq!(ring.compare(ring.version(), 3, 3), Verdict::Same);
    }
}
