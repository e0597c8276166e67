//! The loaded notifications, and the number of unread ones.
//!
//! The count follows the socket's frames alone, one by one, so that it always equals the server's record of what it has
//! sent. If that is wrong, the server notices and sends everything again. Pages bring notifications, but no count.

use super::{BellEffect, ReadMarks};
use crate::{
    Notification, NotificationId, TaskId, Timestamp,
    limit::PAGE,
    notification::NotificationPage,
    session::recent::Recent,
    sorted::SortedMap,
    wire::{NotificationRead, ServerFrame},
};

/// The loaded notifications, and the number of unread ones.
#[derive(Clone, Debug, Default)]
pub(super) struct NotificationList {
    loaded: SortedMap<NotificationId, Notification>,
    unread: u64,
    /// Notifications that frames delivered: another frame with one of them does not count.
    counted: Recent<NotificationId>,
    /// Notifications that polls delivered. A later frame may still count them.
    polled: Recent<NotificationId>,
    /// Notifications that a frame reported as read. A page under way may not know.
    read: Recent<NotificationId>,
    read_up_to: Option<NotificationId>,
    /// Notifications that were replaced by others. A later frame or page may still contain them.
    replaced: Recent<NotificationId>,
    synced: bool,
    /// A frame was missed: loaded notifications may have been read.
    doubtful: bool,
    /// When the doubtful list may be fetched.
    again_at: u64,
    all: Feed,
    only_unread: Feed,
    fresh: Vec<NotificationId>,
}

/// How far back one of the two lists is loaded.
#[derive(Clone, Copy, Debug, Default)]
struct Feed {
    /// All newer ones are loaded. `None`: none are.
    floor: Option<NotificationId>,
    /// There is nothing older.
    ended: bool,
    fetching: bool,
    /// The page being fetched is no longer wanted.
    stale: bool,
}

impl NotificationList {
    /// Number of unread notifications.
    pub(super) fn unread(&self) -> u64 {
        self.unread
    }

    /// A notification that is loaded.
    pub(super) fn get(&self, id: NotificationId) -> Option<&Notification> {
        self.loaded.get(&id)
    }

    /// The newest one.
    pub(super) fn newest(&self) -> Option<NotificationId> {
        self.loaded.keys().next_back().copied()
    }

    /// Number of loaded unread notifications that match.
    pub(super) fn count_unread(&self, fits: impl Fn(NotificationId) -> bool) -> u64 {
        self.loaded.values().filter(|notification| notification.read_at.is_none() && fits(notification.id)).count()
            as u64
    }

    /// The loaded unread notifications of a task.
    pub(super) fn unread_of(&self, task: TaskId) -> impl Iterator<Item = &Notification> {
        self.loaded
            .values()
            .filter(move |notification| notification.task_id == Some(task) && notification.read_at.is_none())
    }

    /// The notifications of one list, newest first.
    pub(super) fn shown(&self, unread: bool) -> impl Iterator<Item = &Notification> {
        let floor = self.floor(unread);
        self.loaded.values().rev().take_while(move |notification| Some(notification.id) >= floor)
    }

    /// Whether one list goes further back.
    pub(super) fn more(&self, unread: bool) -> bool {
        !(self.all.ended || unread && self.only_unread.ended)
    }

    /// Whether a page of one list is being fetched.
    pub(super) fn fetching(&self, unread: bool) -> bool {
        self.feed(unread).fetching
    }

    /// Whether the list is known, even if it is empty.
    pub(super) fn loaded(&self) -> bool {
        self.synced || self.all.floor.is_some() || self.all.ended
    }

    /// The notifications that arrived since the last call.
    pub(super) fn take_fresh(&mut self) -> Vec<Notification> {
        let fresh = std::mem::take(&mut self.fresh);
        fresh.iter().filter_map(|id| self.loaded.get(id)).cloned().collect()
    }

    /// The frame with which another tab starts.
    pub(super) fn greeting(&self) -> ServerFrame {
        let notifications = self.shown(false).take(PAGE).cloned().collect();
        ServerFrame::UnreadSync { notifications, unread: self.unread }
    }

    /// Fetches the page after `below`, unless it is under way, loaded, or does not exist.
    ///
    /// The page shows changes a moment late. Without `below`, it would ask for a second page before it shows the first.
    pub(super) fn fetch(&mut self, unread: bool, below: Option<NotificationId>) -> Option<BellEffect> {
        let before = self.floor(unread);
        if self.fetching(unread) || !self.more(unread) || below != before {
            return None;
        }
        self.feed_mut(unread).fetching = true;
        Some(BellEffect::FetchPage { unread, before })
    }

    /// When [`NotificationList::repair`] has something to do.
    pub(super) fn wake_at(&self) -> Option<u64> {
        (self.doubtful && !self.all.fetching).then_some(self.again_at)
    }

    /// Fetches the newest page again after a missed frame.
    pub(super) fn repair(&mut self, now: u64) -> Option<BellEffect> {
        self.wake_at().filter(|at| *at <= now)?;
        self.doubtful = false;
        self.all.fetching = true;
        Some(BellEffect::FetchPage { unread: false, before: None })
    }

    /// Starts a poll of the newest page, unless one is under way.
    pub(super) fn begin_poll(&mut self) -> bool {
        !std::mem::replace(&mut self.all.fetching, true)
    }

    /// Applies a polled page, which also has the count.
    pub(super) fn polled(&mut self, page: NotificationPage) {
        self.all.fetching = false;
        if std::mem::take(&mut self.all.stale) || (self.synced && self.has(&page)) {
            return;
        }
        for notification in page.notifications.iter().rev() {
            let is_new = !self.counted.contains(notification.id) && self.polled.insert(notification.id) && self.synced;
            if is_new && notification.read_at.is_none() {
                self.fresh.push(notification.id);
            }
        }
        self.renew(page.notifications, page.unread, page.more);
    }

    /// Discards the poll under way: it may not know what was read since.
    pub(super) fn outdate_poll(&mut self) {
        self.all.stale = self.all.fetching;
    }

    /// Whether the newest page equals the loaded notifications in its range: older ones then stay loaded. The counts
    /// may agree although a notification is gone, or quotes a comment that was edited since.
    fn has(&self, page: &NotificationPage) -> bool {
        let oldest = page.notifications.last().map(|notification| notification.id).filter(|_| page.more);
        let known = self.loaded.values().rev().take_while(|notification| Some(notification.id) >= oldest);
        // `read_at` may be the server's time or this bell's.
        let content = |notification: &Notification| {
            (notification.read_at.is_some(), Notification { read_at: None, ..notification.clone() })
        };
        self.unread == page.unread && known.map(content).eq(page.notifications.iter().map(content))
    }

    /// Records that a page could not be fetched.
    pub(super) fn missed(&mut self, unread: bool, before: Option<NotificationId>, again_at: Option<u64>) {
        let feed = self.feed_mut(unread);
        feed.fetching = false;
        let stale = std::mem::take(&mut feed.stale);
        // It was a repair, and no full list has arrived since.
        if let Some(at) = again_at.filter(|_| before.is_none() && !unread && !stale && self.synced) {
            (self.doubtful, self.again_at) = (true, at);
        }
    }

    /// Applies a page, unless it no longer follows the loaded ones.
    pub(super) fn page(&mut self, unread: bool, before: Option<NotificationId>, page: NotificationPage) {
        let floor = self.floor(unread);
        let feed = self.feed_mut(unread);
        feed.fetching = false;
        let stale = std::mem::take(&mut feed.stale);
        if stale || (before.is_some() && before != floor) {
            return;
        }
        let NotificationPage { mut notifications, more, unread: count } = page;
        for notification in &mut notifications {
            let known = self.read.contains(notification.id) || self.read_up_to.is_some_and(|id| notification.id <= id);
            if notification.read_at.is_none() && known {
                notification.read_at = Some(notification.created_at);
            }
        }
        if !self.synced {
            self.unread = count;
        }
        if before.is_none() && !unread {
            return self.replace(notifications, more);
        }
        if let Some(oldest) = notifications.last() {
            self.feed_mut(unread).floor = Some(oldest.id);
        }
        self.feed_mut(unread).ended = !more;
        notifications.into_iter().for_each(|notification| self.merge(notification));
    }

    /// Applies a full sync: the newest ones and the count.
    pub(super) fn sync(&mut self, notifications: Vec<Notification>, unread: u64) {
        for notification in notifications.iter().rev() {
            let is_new = self.counted.insert(notification.id) && self.synced && !self.polled.contains(notification.id);
            if is_new && notification.read_at.is_none() {
                self.fresh.push(notification.id);
            }
        }
        let more = notifications.len() >= PAGE;
        self.renew(notifications, unread, more);
    }

    fn renew(&mut self, notifications: Vec<Notification>, unread: u64, more: bool) {
        let newest = notifications.first().map(|notification| notification.id);
        self.loaded.retain(|id, _| Some(*id) <= newest);
        self.replace(notifications, more);
        // Pages requested earlier may be older than this.
        (self.all.stale, self.only_unread.stale) = (self.all.fetching, self.only_unread.fetching);
        (self.unread, self.synced, self.doubtful) = (unread, true, false);
    }

    /// Adds an unread notification.
    pub(super) fn add(&mut self, notification: Notification) {
        if !self.counted.insert(notification.id) {
            return;
        }
        self.unread += 1;
        if !self.polled.contains(notification.id) {
            self.fresh.push(notification.id);
        }
        self.merge(notification);
    }

    /// Replaces a notification, keeping whether it is unread. One that happened again counts as new.
    pub(super) fn change(&mut self, notification: Notification, replaces: NotificationId) {
        if replaces == notification.id {
            if self.loaded.contains_key(&notification.id) {
                self.merge(notification);
            }
            return;
        }
        self.replaced.insert(replaces);
        self.loaded.remove(&replaces);
        if self.counted.insert(notification.id) {
            if !self.polled.contains(notification.id) {
                self.fresh.push(notification.id);
            }
            self.merge(notification);
        }
    }

    /// Records that notifications were read, here or elsewhere.
    pub(super) fn read(&mut self, read: &NotificationRead, at: Timestamp) {
        let NotificationRead { ids, up_to, unread } = read;
        let before = self.unread;
        let fits = |id| ids.contains(&id) || up_to.is_some_and(|newest| id <= newest);
        let known = self.count_unread(fits);
        // Any that is not loaded may have been unread.
        let others = ids.iter().filter(|id| !self.loaded.contains_key(id)).count() as u64;
        let others = if up_to.is_some() { before } else { others };
        let fewest = before.saturating_sub(known + others);
        self.doubtful |= !(fewest..=before.saturating_sub(known)).contains(unread);
        // One that should be loaded and never arrived.
        let missing = |id: &NotificationId| Some(*id) >= self.all.floor && !self.loaded.contains_key(id);
        self.doubtful |= ids.iter().any(missing) || up_to.is_some_and(|up_to| Some(up_to) > self.newest());
        for id in ids {
            self.read.insert(*id);
            if let Some(notification) = self.loaded.get_mut(id) {
                notification.read_at.get_or_insert(at);
            }
        }
        if let Some(newest) = *up_to {
            self.read_up_to = self.read_up_to.max(Some(newest));
            for (_, notification) in self.loaded.up_to_mut(&newest) {
                notification.read_at.get_or_insert(at);
            }
        }
        self.unread = *unread;
        // The count matches the previous one, but not the list.
        self.doubtful |= self.count_unread(|_| true) > self.unread;
    }

    /// Applies a mark that the server accepted and no socket will confirm.
    pub(super) fn settle(&mut self, mark: &ReadMarks, at: Timestamp) {
        for notification in self
            .loaded
            .values_mut()
            .filter(|notification| notification.read_at.is_none() && mark.covers(notification.id))
        {
            notification.read_at = Some(at);
            self.unread = self.unread.saturating_sub(1);
        }
        if let ReadMarks::UpTo(newest) = *mark {
            self.unread = self.count_unread(|id| id > newest);
        }
    }

    /// Replaces the loaded list by the newest page, keeping those that arrived after it. Older ones may have been read
    /// meanwhile and are fetched again.
    fn replace(&mut self, notifications: Vec<Notification>, more: bool) {
        let (newest, oldest) = (
            notifications.first().map(|notification| notification.id),
            notifications.last().map(|notification| notification.id),
        );
        let known = std::mem::take(&mut self.loaded);
        let newer = known
            .into_iter()
            .filter(|(id, _)| Some(*id) > newest || notifications.iter().any(|notification| notification.id == *id));
        self.loaded = newer.collect();
        notifications.into_iter().for_each(|notification| self.merge(notification));
        self.all = Feed { floor: oldest, ended: !more, ..self.all };
        self.only_unread = Feed { floor: None, ended: false, ..self.only_unread };
    }

    /// Adds or updates a notification. A read one stays read.
    fn merge(&mut self, notification: Notification) {
        if self.replaced.contains(notification.id) {
            return;
        }
        let known = self.loaded.remove(&notification.id).and_then(|known| known.read_at);
        self.loaded.insert(notification.id, Notification { read_at: notification.read_at.or(known), ..notification });
    }

    /// The oldest loaded notification of a list. The unread list reaches at least as far back as the full one.
    pub(super) fn floor(&self, unread: bool) -> Option<NotificationId> {
        match (self.all.floor, self.only_unread.floor) {
            (Some(all), Some(further)) if unread => Some(all.min(further)),
            (None, further) if unread => further,
            (all, _) => all,
        }
    }

    fn feed(&self, unread: bool) -> &Feed {
        if unread { &self.only_unread } else { &self.all }
    }

    fn feed_mut(&mut self, unread: bool) -> &mut Feed {
        if unread { &mut self.only_unread } else { &mut self.all }
    }
}
