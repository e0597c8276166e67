//! The subscriptions of a room's sockets to tasks.

use std::collections::{BTreeSet, HashMap, HashSet, hash_map};

use engine::{CommentId, Epoch, TaskId, room::SocketId};

/// Subscriptions per socket.
pub(super) const MAX_SCOPES: usize = 8;

/// Prefix of a scope's name.
const PREFIX: &str = "task:";

/// The cursor of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ThreadCursor {
    /// The epoch; without it, the cursor is trusted.
    pub(super) epoch: Option<Epoch>,
    /// The seq up to which the client knows the task.
    pub(super) since: Option<u64>,
}

/// The result of a subscription request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubscribeOutcome {
    /// Answer it, then call [`ThreadScopes::next`].
    Answer,
    /// It is answered after the previous one.
    Later,
    /// The socket has too many subscriptions.
    TooMany,
}

/// The subscriptions of a room's sockets, and the comments to read for them.
#[derive(Debug, Default)]
pub(super) struct ThreadScopes {
    readers: HashMap<TaskId, HashSet<SocketId>>,
    sockets: HashMap<SocketId, HashMap<TaskId, Subscription>>,
    /// Changed comments to read.
    wanted: BTreeSet<CommentId>,
    /// A reader is running.
    reading: bool,
}

#[derive(Debug, Default)]
struct Subscription {
    answering: bool,
    /// A request that arrived while the previous one was being answered.
    next: Option<ThreadCursor>,
}

/// The name of a task's scope.
pub(super) fn name(task: TaskId) -> String {
    format!("{PREFIX}{task}")
}

/// The task of a scope's name.
pub(super) fn task(scope: &str) -> Option<TaskId> {
    scope.strip_prefix(PREFIX)?.parse().ok()
}

impl ThreadScopes {
    /// Subscribes a socket to a task, or updates its cursor. Requests are answered one at a time.
    pub(super) fn subscribe(&mut self, socket: SocketId, task: TaskId, ask: ThreadCursor) -> SubscribeOutcome {
        let subscriptions = self.sockets.entry(socket).or_default();
        let count = subscriptions.len();
        let subscription = match subscriptions.entry(task) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(_) if count >= MAX_SCOPES => return SubscribeOutcome::TooMany,
            hash_map::Entry::Vacant(fresh) => fresh.insert(Subscription::default()),
        };
        self.readers.entry(task).or_default().insert(socket);
        if subscription.answering {
            subscription.next = Some(ask);
            return SubscribeOutcome::Later;
        }
        subscription.answering = true;
        SubscribeOutcome::Answer
    }

    /// Completes an answer. Returns a request that arrived meanwhile.
    pub(super) fn next(&mut self, socket: SocketId, task: TaskId) -> Option<ThreadCursor> {
        let subscriptions = self.sockets.get_mut(&socket)?;
        let subscription = subscriptions.get_mut(&task)?;
        let next = subscription.next.take();
        subscription.answering = next.is_some();
        if next.is_none() && !self.has(socket, task) {
            self.forget(socket, task);
        }
        next
    }

    /// Ends a subscription.
    pub(super) fn unsubscribe(&mut self, socket: SocketId, task: TaskId) {
        self.end(socket, task);
        let subscription = self.sockets.get_mut(&socket).and_then(|subscriptions| subscriptions.get_mut(&task));
        match subscription {
            // It keeps its slot until then, so that toggling causes no more than one read at a time.
            Some(subscription) if subscription.answering => subscription.next = None,
            _ => self.forget(socket, task),
        }
    }

    /// Removes a closed socket.
    pub(super) fn leave(&mut self, socket: SocketId) {
        for task in self.sockets.remove(&socket).into_iter().flat_map(HashMap::into_keys) {
            self.end(socket, task);
        }
    }

    /// Whether a socket is subscribed to a task.
    pub(super) fn has(&self, socket: SocketId, task: TaskId) -> bool {
        self.readers.get(&task).is_some_and(|readers| readers.contains(&socket))
    }

    /// Whether there are no subscriptions.
    pub(super) fn is_empty(&self) -> bool {
        self.readers.is_empty()
    }

    /// The sockets subscribed to a task.
    pub(super) fn readers(&self, task: TaskId) -> impl Iterator<Item = SocketId> {
        self.readers.get(&task).into_iter().flatten().copied()
    }

    /// Records a changed comment.
    pub(super) fn want(&mut self, task: TaskId, comment: CommentId) {
        if self.readers.contains_key(&task) {
            self.wanted.insert(comment);
        }
    }

    /// Whether to start a reader.
    pub(super) fn begin_to_read(&mut self) -> bool {
        !self.wanted.is_empty() && !std::mem::replace(&mut self.reading, true)
    }

    /// The comments to read next; empty ends the reader.
    pub(super) fn take_wanted(&mut self) -> Vec<CommentId> {
        let wanted: Vec<CommentId> = std::mem::take(&mut self.wanted).into_iter().collect();
        self.reading = !wanted.is_empty();
        wanted
    }

    fn end(&mut self, socket: SocketId, task: TaskId) {
        if let Some(readers) = self.readers.get_mut(&task) {
            readers.remove(&socket);
            if readers.is_empty() {
                self.readers.remove(&task);
            }
        }
    }

    fn forget(&mut self, socket: SocketId, task: TaskId) {
        if let Some(subscriptions) = self.sockets.get_mut(&socket) {
            subscriptions.remove(&task);
            if subscriptions.is_empty() {
                self.sockets.remove(&socket);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ONE: SocketId = SocketId::new(1);
    const TWO: SocketId = SocketId::new(2);

    fn id(number: u128) -> TaskId {
        TaskId::new(Uuid::from_u128(number))
    }

    fn ask(since: u64) -> ThreadCursor {
        ThreadCursor { epoch: None, since: Some(since) }
    }

    #[test]
    fn a_scope_is_named_after_its_task() {
        assert_eq!(task(&name(id(7))), Some(id(7)));
        for nonsense in ["", "task:", "task:7", "project:00000000-0000-0000-0000-000000000007"] {
            assert_eq!(task(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn requests_are_answered_one_at_a_time_and_the_last_one_counts() {
        let mut scopes = ThreadScopes::default();
        assert_eq!(scopes.subscribe(ONE, id(1), ask(1)), SubscribeOutcome::Answer);
        assert_eq!(scopes.subscribe(ONE, id(1), ask(2)), SubscribeOutcome::Later);
        assert_eq!(scopes.subscribe(ONE, id(1), ask(3)), SubscribeOutcome::Later);
        assert_eq!(scopes.next(ONE, id(1)), Some(ask(3)));
        assert_eq!(scopes.next(ONE, id(1)), None);
        assert_eq!(scopes.subscribe(ONE, id(1), ask(4)), SubscribeOutcome::Answer);
        // Toggling back waits as well.
        scopes.unsubscribe(ONE, id(1));
        assert!(!scopes.has(ONE, id(1)));
        assert_eq!(scopes.subscribe(ONE, id(1), ask(5)), SubscribeOutcome::Later);
        scopes.unsubscribe(ONE, id(1));
        assert_eq!(scopes.next(ONE, id(1)), None);
        assert!(scopes.is_empty() && scopes.sockets.is_empty());
    }

    #[test]
    fn each_socket_has_a_limit_of_its_own() {
        let mut scopes = ThreadScopes::default();
        for number in 0..MAX_SCOPES as u128 {
            assert_eq!(scopes.subscribe(ONE, id(number), ask(0)), SubscribeOutcome::Answer);
            assert_eq!(scopes.next(ONE, id(number)), None);
        }
        assert_eq!(scopes.subscribe(ONE, id(99), ask(0)), SubscribeOutcome::TooMany);
        assert_eq!(scopes.subscribe(ONE, id(0), ask(0)), SubscribeOutcome::Answer, "one that it has");
        assert_eq!(scopes.subscribe(TWO, id(99), ask(0)), SubscribeOutcome::Answer);
        scopes.unsubscribe(ONE, id(1));
        assert_eq!(scopes.subscribe(ONE, id(99), ask(0)), SubscribeOutcome::Answer);
        assert_eq!(scopes.readers(id(99)).count(), 2);
        scopes.leave(ONE);
        assert_eq!(scopes.readers(id(99)).collect::<Vec<_>>(), [TWO]);
        assert_eq!(scopes.next(ONE, id(99)), None, "an answer that came too late");
        scopes.leave(TWO);
        assert!(scopes.is_empty() && scopes.sockets.is_empty());
    }

    #[test]
    fn only_subscribed_comments_are_read_by_a_single_reader() {
        let comment = |number| CommentId::new(Uuid::from_u128(number));
        let mut scopes = ThreadScopes::default();
        scopes.want(id(1), comment(1));
        assert!(!scopes.begin_to_read());
        scopes.subscribe(ONE, id(1), ask(0));
        for (task, number) in [(1, 1), (1, 2), (2, 3), (1, 1)] {
            scopes.want(id(task), comment(number));
        }
        assert!(scopes.begin_to_read() && !scopes.begin_to_read());
        assert_eq!(scopes.take_wanted(), [comment(1), comment(2)]);
        scopes.want(id(1), comment(4));
        assert!(!scopes.begin_to_read(), "who reads goes on");
        assert_eq!(scopes.take_wanted(), [comment(4)]);
        assert_eq!(scopes.take_wanted(), []);
        scopes.want(id(1), comment(5));
        assert!(scopes.begin_to_read());
    }
}
