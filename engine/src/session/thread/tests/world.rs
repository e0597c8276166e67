//! A thread, a database, and random events between them.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A server, and what is in flight from it.
#[derive(Debug)]
struct World {
    thread: OpenThread,
    now: u64,
    /// The log: each change with its comment as it was then.
    log: Vec<Comment>,
    /// How much of it this client has read.
    read: usize,
    live: bool,
    subscribed: bool,
    /// Texts, in no order.
    frames: Vec<Frame>,
    pages: Vec<(Option<CommentId>, Result<comment::Thread, ApiError>)>,
}

#[derive(Clone, Debug)]
enum Frame {
    Comment(Comment),
    Subscribed(Subscribed),
}

/// The next event. Numbers select one of the candidates.
#[derive(Clone, Debug)]
enum Step {
    Write,
    Rewrite(usize),
    Delete(usize),
    /// One of the frames in flight arrives.
    Frame(usize),
    Lose(usize),
    Page(bool),
    Read(usize),
    Older,
    Break,
    /// The board is fetched instead of the log.
    Jump,
    Pass(u64),
}

impl World {
    fn new() -> Self {
        let thread = OpenThread::new(TASK, 0);
        Self {
            thread,
            now: 0,
            log: Vec::new(),
            read: 0,
            live: true,
            subscribed: false,
            frames: Vec::new(),
            pages: Vec::new(),
        }
    }

    fn seq(&self) -> u64 {
        self.log.len() as u64
    }

    /// Each comment as it is now.
    fn current(&self) -> BTreeMap<CommentId, Comment> {
        self.log.iter().map(|comment| (comment.id, comment.clone())).collect()
    }

    fn publish(&mut self, comment: Comment) {
        self.log.push(comment.clone());
        if self.subscribed {
            self.frames.push(Frame::Comment(comment));
        }
    }

    fn standing(&self, choice: usize) -> Option<u64> {
        let standing: Vec<CommentId> = self
            .current()
            .into_values()
            .filter(|comment| comment.deleted_at.is_none())
            .map(|comment| comment.id)
            .collect();
        let id = standing.get(choice.checked_rem(standing.len())?)?;
        u64::try_from(id.uuid().as_u128()).ok()
    }

    fn page(&self, before: Option<CommentId>) -> Result<comment::Thread, ApiError> {
        let mut comments: Vec<Comment> =
            self.current().into_values().filter(|comment| comment.deleted_at.is_none()).collect();
        comments.sort_by_key(|comment| (comment.created_at, comment.id));
        comments.retain(|comment| before.is_none_or(|before| comment.id < before));
        // Small pages, so that there are several.
        let more = comments.len() > PAGE / 10;
        page(comments.split_off(comments.len().saturating_sub(PAGE / 10)), more, self.seq())
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Write => {
                let number = self.seq() + 1;
                self.publish(comment(number, number));
            }
            Step::Rewrite(choice) => {
                if let Some(number) = self.standing(choice) {
                    self.publish(comment(number, self.seq() + 1));
                }
            }
            Step::Delete(choice) => {
                if let Some(number) = self.standing(choice) {
                    self.publish(deleted(number, self.seq() + 1));
                }
            }
            Step::Frame(choice) | Step::Lose(choice) if !self.frames.is_empty() => {
                let frame = self.frames.remove(choice % self.frames.len());
                match frame {
                    _ if matches!(step, Step::Lose(_)) => {}
                    Frame::Comment(comment) => self.thread.comment(comment),
                    Frame::Subscribed(answer) => self.thread.subscribed(answer),
                }
            }
            Step::Page(arrives) if !self.pages.is_empty() => {
                let (before, result) = self.pages.remove(0);
                self.thread.page(before, if arrives { result } else { Err(ApiError::network()) }, self.now);
            }
            Step::Read(count) => {
                for _ in 0..count {
                    let Some(change) = self.log.get(self.read) else { break };
                    self.read += 1;
                    let commented = Commented { comment_id: change.id, ..commented(0) };
                    self.thread.log_reports(&commented, change.seq, self.now);
                }
                self.thread.read_to(self.read as u64);
            }
            Step::Older => self.thread.want_older(),
            Step::Break => {
                self.live = !self.live;
                self.subscribed = false;
                self.frames.clear();
                self.thread.lose_subscription();
            }
            Step::Jump => {
                self.read = self.log.len();
                self.thread.jumped_to(self.seq());
            }
            Step::Pass(millis) => self.now += millis,
            Step::Frame(_) | Step::Lose(_) | Step::Page(_) => {}
        }
        while let Some(request) = self.thread.next_request(self.live, self.now) {
            match request {
                ThreadRequest::Page(before) => self.pages.push((before, self.page(before))),
                ThreadRequest::Around(id) => unreachable!("nothing named {id}"),
                ThreadRequest::Subscription(since) => {
                    self.subscribed = true;
                    let changes: Vec<Comment> =
                        self.current().into_values().filter(|comment| comment.seq > since).collect();
                    let complete = changes.len() <= 3;
                    let comments = if complete { changes } else { Vec::new() };
                    self.frames.push(Frame::Subscribed(Subscribed { complete, ..answer(since, self.seq(), comments) }));
                }
            }
        }
    }

    /// Quiesces: everything in flight arrives, time passes, and all pages are read.
    fn settle(&mut self) {
        if !self.live {
            self.step(&Step::Break);
        }
        for _ in 0..200 {
            self.step(&Step::Read(usize::MAX));
            self.step(&Step::Frame(0));
            self.step(&Step::Page(true));
            self.step(&Step::Older);
            self.step(&Step::Pass(1_000));
        }
    }
}

fn steps() -> impl Strategy<Value = Step> {
    let which = any::<usize>();
    prop_oneof![
        4 => Just(Step::Write),
        2 => which.prop_map(Step::Rewrite),
        2 => which.prop_map(Step::Delete),
        6 => which.prop_map(Step::Frame),
        2 => which.prop_map(Step::Lose),
        3 => any::<bool>().prop_map(Step::Page),
        4 => (1..4_usize).prop_map(Step::Read),
        1 => Just(Step::Older),
        1 => Just(Step::Break),
        1 => Just(Step::Jump),
        2 => (1..3_000_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// With any loss, delay, repetition and reordering, the thread ends equal to the server's.
    #[test]
    fn any_interleaving_ends_equal(steps in prop::collection::vec(steps(), 0..60)) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.settle();
        let mut wanted: Vec<Comment> =
            world.current().into_values().filter(|comment| comment.deleted_at.is_none()).collect();
        wanted.sort_by_key(|comment| (comment.created_at, comment.id));
        let shown: Vec<Comment> = world.thread.comments().into_iter().cloned().collect();
        prop_assert_eq!(shown, wanted);
        prop_assert!(!world.thread.has_older() && world.thread.missing.is_empty());
        prop_assert_eq!(world.thread.wake_at(true), None);
    }
}
