//! The database of a simulated server. A write happens as a whole or not at all.

use std::collections::VecDeque;

use engine::{
    ApiError, Change, Epoch, Event, EventId, OpId, Request, Role, Snapshot, Timestamp, UserId,
    room::{Located, LogPlace, Page, Rights, Unavailable},
    session::Receipt,
    wire::{EventPage, LogPosition},
};

use crate::{
    accounts::Accounts,
    ids::id,
    plan::BOARDS,
    rows::{Logged, Rows},
};

/// Most commits that can be lost at once, plus one.
const COMMITS: usize = 12;

pub(crate) struct Database {
    pub(crate) boards: Vec<Rows>,
    backups: Vec<Option<Rows>>,
    /// Each board after its last commits, newest last, if the plan needs them.
    history: Option<Vec<VecDeque<Rows>>>,
    /// For each board, the log whose events are too young to be pruned.
    pub(crate) young: [Option<Epoch>; BOARDS],
    pub(crate) accounts: Accounts,
    /// Whether it does not answer.
    pub(crate) down: bool,
    /// Since when it has been up.
    pub(crate) up_since: u64,
    /// Number of logs so far.
    logs: u64,
    /// Number of events so far, in all logs.
    events: u64,
}

impl Database {
    /// Empty boards with an owner.
    pub(crate) fn new() -> Self {
        Self {
            boards: (0..BOARDS).map(Rows::new).collect(),
            backups: vec![None; BOARDS],
            history: None,
            young: [None; BOARDS],
            accounts: Accounts::default(),
            down: false,
            up_since: 0,
            logs: BOARDS as u64,
            events: 0,
        }
    }

    pub(crate) fn place(&self, board: usize) -> LogPlace {
        LogPlace { epoch: self.boards[board].epoch, seq: self.boards[board].seq }
    }

    pub(crate) fn role(&self, board: usize, user: UserId) -> Option<Role> {
        self.boards[board].members.iter().find(|member| member.user_id == user).map(|member| member.role)
    }

    /// Carries an op out in one transaction, once, however often it is sent. Returns its board and events if it was
    /// carried out now.
    pub(crate) fn write(
        &mut self,
        by: UserId,
        op_id: OpId,
        request: &Request,
        now: u64,
    ) -> Result<(Receipt, usize, Vec<Logged>), ApiError> {
        let fingerprint = serde_json::to_string(request).unwrap();
        let answered = |board: usize| self.boards[board].answers.get(&(by, op_id)).map(|answer| (board, answer));
        if let Some((board, (asked, receipt))) = (0..BOARDS).find_map(answered) {
            let conflict = || ApiError::new(409, "op_conflict", "");
            return if *asked == fingerprint { Ok((receipt.clone(), board, Vec::new())) } else { Err(conflict()) };
        }
        let board = self.concerned(request).ok_or_else(|| ApiError::new(404, "task_not_found", ""))?;
        match self.role(board, by) {
            None => return Err(ApiError::new(404, "project_not_found", "")),
            Some(Role::Viewer) => return Err(ApiError::new(403, "forbidden", "")),
            Some(Role::Editor | Role::Owner) => {}
        }
        let changes = self.boards[board].service(request, by, Timestamp::from_millis(now as i64))?;
        let last = changes.last().cloned().unwrap();
        let events = self.append(board, by, op_id, changes, now);
        let seq = self.boards[board].seq;
        let comment = self.boards[board].commented(&last, seq);
        let receipt = Receipt { seq, watching: comment.as_ref().map(|_| true), comment };
        self.boards[board].answers.insert((by, op_id), (fingerprint, receipt.clone()));
        Ok((receipt, board, events))
    }

    /// The board of a request, from its path or the task in it.
    fn concerned(&self, request: &Request) -> Option<usize> {
        let names = |rows: &Rows| request.path.contains(&rows.project.id.to_string());
        let has = |rows: &Rows| rows.tasks.keys().any(|task| request.path.contains(&task.to_string()));
        let says = |rows: &Rows| rows.comments.keys().any(|comment| request.path.contains(&comment.to_string()));
        self.boards.iter().position(|rows| names(rows) || has(rows) || says(rows))
    }

    /// Appends changes to a board's log.
    pub(crate) fn append(
        &mut self,
        board: usize,
        by: UserId,
        op_id: OpId,
        changes: Vec<Change>,
        now: u64,
    ) -> Vec<Logged> {
        let last = changes.len() - 1;
        let rows = &mut self.boards[board];
        *rows.done.entry(op_id).or_default() += 1;
        let mut events = Vec::new();
        for (index, change) in changes.into_iter().enumerate() {
            rows.seq += 1;
            self.events += 1;
            let rights = match &change {
                Change::MemberRemoved(member) => Some(Rights::Lost(member.user_id)),
                _ => None,
            };
            let event = Event {
                event_id: id::<EventId>(4, self.events),
                epoch: rows.epoch,
                seq: rows.seq,
                op_id: (index == last).then_some(op_id),
                change,
                triggered_by: by,
                timestamp: Timestamp::from_millis(now as i64),
            };
            let frame = serde_json::to_string(&event).unwrap().into();
            let (id, prev) = (event.event_id, rows.id_at(event.seq - 1));
            let logged = Logged { seq: event.seq, id, prev, op_id: event.op_id, rights, frame };
            rows.log.insert(event.seq, logged.clone());
            events.push(logged);
        }
        events
    }

    /// The whole board, as a member gets it.
    pub(crate) fn snapshot(&self, board: usize, user: UserId) -> Option<Snapshot> {
        self.role(board, user).map(|role| self.boards[board].snapshot(role))
    }

    /// A page of a log, for a room.
    pub(crate) fn page(&self, board: usize, since: u64, limit: usize) -> Result<Page<Logged>, Unavailable> {
        if self.down {
            return Err(Unavailable);
        }
        let Rows { epoch, seq, ref log, .. } = self.boards[board];
        let min_seq = log.keys().next().copied().unwrap_or(seq + 1);
        let events = log.range(since + 1..).take(limit).map(|(_, event)| event.clone()).collect();
        Ok(Page { epoch, seq, min_seq, since, before: self.boards[board].id_at(since), events })
    }

    /// Whether a cursor of the log's epoch is not in the log.
    pub(crate) fn contradicts(&self, board: usize, LogPosition { epoch, since, last }: LogPosition) -> bool {
        let rows = &self.boards[board];
        let another = last.zip(rows.id_at(since)).is_some_and(|(own, id)| own != id);
        epoch == rows.epoch && last.is_some() && (another || since > rows.seq)
    }

    /// A page of a log, for a browser.
    pub(crate) fn events(
        &self,
        board: usize,
        user: UserId,
        from: LogPosition,
        now: u64,
    ) -> Result<EventPage, ApiError> {
        self.role(board, user).ok_or_else(|| ApiError::new(404, "project_not_found", ""))?;
        let LogPosition { epoch, since, .. } = from;
        let page = self.page(board, since, 7).map_err(|Unavailable| ApiError::new(503, "unavailable", ""))?;
        if page.epoch != epoch || since > page.seq || since + 1 < page.min_seq || self.contradicts(board, from) {
            return Err(ApiError::new(410, "log_pruned", ""));
        }
        let events = page.events.iter().map(|event| serde_json::from_str(&event.frame).unwrap()).collect();
        Ok(EventPage { epoch: page.epoch, seq: page.seq, at: Timestamp::from_millis(now as i64), events })
    }

    /// Where a log ends, and who may read it.
    pub(crate) fn locate(&self, board: usize) -> Result<Located, Unavailable> {
        let readers = self.boards[board].members.iter().map(|member| member.user_id).collect();
        let last = self.boards[board].id_at(self.boards[board].seq);
        if self.down { Err(Unavailable) } else { Ok(Located { place: self.place(board), last, readers }) }
    }

    /// Prunes all but the last `keep` events of a board.
    pub(crate) fn prune(&mut self, board: usize, keep: u64) {
        let rows = &mut self.boards[board];
        if self.young[board] != Some(rows.epoch) {
            rows.log = rows.log.split_off(&(rows.seq.saturating_sub(keep) + 1));
        }
    }

    /// Starts another log with the same board.
    pub(crate) fn rotate(&mut self, board: usize) {
        self.boards[board].epoch = id(3, self.logs);
        self.boards[board].log.clear();
        self.logs += 1;
    }

    pub(crate) fn back_up(&mut self, board: usize) {
        self.backups[board] = Some(self.boards[board].clone());
    }

    /// Restores the backup, if there is one, under another log.
    pub(crate) fn restore(&mut self, board: usize) {
        if let Some(backup) = &self.backups[board] {
            self.boards[board] = backup.clone();
            self.rotate(board);
        }
    }

    /// Changes the epoch of a log, unless it has another one than this by now.
    pub(crate) fn rotate_epoch(&mut self, board: usize, only: Epoch) {
        let (fresh, rows) = (id(3, self.logs), &mut self.boards[board]);
        if rows.epoch != only {
            return;
        }
        self.logs += 1;
        rows.epoch = fresh;
        for event in rows.log.values_mut() {
            event.frame = event.frame.replace(&only.to_string(), &fresh.to_string()).into();
        }
    }

    /// Records each board after its commits from now on.
    pub(crate) fn remember_commits(&mut self) {
        self.history = Some(self.boards.iter().map(|rows| VecDeque::from([rows.clone()])).collect());
    }

    /// Whether commits can be lost.
    pub(crate) fn loses(&self) -> bool {
        self.history.is_some()
    }

    /// Records a commit to a board.
    pub(crate) fn remember(&mut self, board: usize) {
        if let Some(history) = &mut self.history {
            history[board].push_back(self.boards[board].clone());
            if history[board].len() > COMMITS {
                history[board].pop_front();
            }
        }
    }

    /// Loses the last `commits` silently, epoch included, as a restored backup does.
    pub(crate) fn lose(&mut self, board: usize, commits: usize) {
        if let Some(history) = &mut self.history {
            let left = history[board].len().saturating_sub(commits).max(1);
            history[board].truncate(left);
            self.boards[board] = history[board][left - 1].clone();
        }
    }
}
