//! The cases, and the boards they share.

use std::{rc::Rc, time::Duration};

use crate::{
    Failure, bell, bulk,
    choice::Case,
    closed, fanout, hot, idle, oversight,
    people::{Board, People},
    ramp,
    report::{Row, grouped},
    stack::Stack,
    stalled, storm,
};

/// All users.
const PEOPLE: usize = 1000;
/// Boards of the cases with several.
const BOARDS: usize = 50;
/// Cards per board: like a real team's, and fewer if there are many boards.
const CARDS: usize = 60;
const FEW_CARDS: usize = 20;
/// Cards moved by one request: the maximum.
const BULK: usize = 500;
/// Connections that write as fast as they are answered: to one board, and one to each of many.
const CLOSED: usize = 16;

/// The running stack, and its users.
pub(crate) struct World {
    stack: Stack,
    people: People,
    /// Created by the first case that needs them.
    boards: Option<Vec<Rc<Board>>>,
    window: Duration,
}

impl World {
    /// Creates the users in an empty stack.
    pub(crate) async fn new(stack: Stack, window: Duration) -> Result<Self, Failure> {
        let store = stack.store().await?;
        let people = People::register(&store, stack.addr(0), PEOPLE).await?;
        store.close().await;
        Ok(Self { stack, people, boards: None, window })
    }

    /// Measures a case, on freshly started nodes.
    pub(crate) async fn run(&mut self, case: Case) -> Result<Row, Failure> {
        let Self { window, .. } = *self;
        self.stack.restart().await?;
        match case {
            Case::Hundred => fanout::measure(&self.stack, &[self.board(100).await?], 50.0, window).await,
            Case::Thousand => fanout::measure(&self.stack, &[self.board(PEOPLE).await?], 20.0, window).await,
            Case::Projects => {
                let boards = self.boards().await?;
                fanout::measure(&self.stack, &boards, 200.0, window).await
            }
            Case::RampHundred => ramp::measure(&self.stack, self.board(100).await?).await,
            Case::RampThousand => ramp::measure(&self.stack, self.board(PEOPLE).await?).await,
            Case::Writes => {
                let boards = self.boards().await?;
                self.writes(&boards, BOARDS).await
            }
            Case::WritesOne => self.writes(&[self.board(1).await?], CLOSED).await,
            Case::Hot => hot::measure(&self.stack, self.board(1).await?, self.board(1).await?, window).await,
            Case::Bulk => {
                let board = self.people.board(0..1, BULK).await?;
                let took = bulk::moves(&self.stack, &board).await?;
                Ok(Row { note: "request to answer".into(), ..Row::timed(&took) })
            }
            Case::Idle => {
                let boards = self.boards().await?;
                idle::measure(&self.stack, &boards).await
            }
            Case::Storm => {
                let boards = self.boards().await?;
                storm::measure(&mut self.stack, &boards).await
            }
            Case::Bell => bell::measure(&self.stack, window).await,
            Case::Oversight => {
                let plans = self.people.board(0..oversight::PEOPLE, 1).await?;
                let aged = self.people.board(0..oversight::PEOPLE, 1).await?;
                oversight::measure(&self.stack, &plans, &aged).await
            }
            Case::Stalled => stalled::measure(&self.stack, self.board(PEOPLE).await?).await,
        }
    }

    async fn writes(&self, boards: &[Rc<Board>], connections: usize) -> Result<Row, Failure> {
        let served = closed::moves(&self.stack, boards, connections, self.window).await?;
        let note = format!(
            "{} writes/s over {connections} connections, {:.0} CPU s per million writes",
            grouped(served.a_second),
            served.cpu_per_million
        );
        Ok(Row { note, ..Row::timed(&served.latencies) })
    }

    async fn board(&self, members: usize) -> Result<Rc<Board>, Failure> {
        self.people.board(0..members, CARDS).await
    }

    async fn boards(&mut self) -> Result<Vec<Rc<Board>>, Failure> {
        if let Some(boards) = &self.boards {
            return Ok(boards.clone());
        }
        let boards = self.people.boards(BOARDS, FEW_CARDS).await?;
        self.boards = Some(boards.clone());
        Ok(boards)
    }

    /// Stops everything.
    pub(crate) async fn end(self) -> Result<(), Failure> {
        self.stack.stop().await
    }
}
