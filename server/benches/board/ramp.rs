//! The maximum deliveries per second while nearly all arrive within 100 ms.

use std::{rc::Rc, time::Duration};

use crate::{
    Failure,
    load::{Outcome, Pace, open_loop},
    people::Board,
    progress::progress,
    reader::Readers,
    report::{Row, grouped},
    stack::Stack,
};

/// The initial deliveries per second.
const INITIAL: f64 = 60_000.0;
/// The factor between steps.
const STEP: f64 = 1.25;
/// The limit of p99 in milliseconds.
const LIMIT: f64 = 100.0;
const WARM_UP: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(4);

/// Increases the rate until it is too high, then tries once between the last two steps.
pub(crate) async fn measure(stack: &Stack, board: Rc<Board>) -> Result<Row, Failure> {
    let members = board.members.len() as f64;
    let boards = [board];
    let mut readers = Readers::none();
    readers.open(stack, &boards, 1).await?;
    let mut best: Option<(f64, Outcome)> = None;
    let (mut deliveries, mut last) = (INITIAL, false);
    loop {
        let pace = Pace { rate: deliveries / members, warm: WARM_UP, window: WINDOW };
        let outcome = open_loop(stack, &boards, &readers, pace).await?;
        let good = outcome.millis(0.99) <= LIMIT && outcome.lost == 0 && outcome.ended == 0;
        progress(&format!(
            "  {} deliveries/s: p99 {:.1} ms, {} lost{}",
            grouped(deliveries),
            outcome.millis(0.99),
            outcome.lost,
            if good { "" } else { ": too much" }
        ));
        if outcome.ended > 0 {
            // Readers that were closed as too slow are missing from here on.
            readers = Readers::none();
            readers.open(stack, &boards, 1).await?;
        }
        if good {
            best = Some((deliveries, outcome));
        }
        if last {
            break;
        }
        if good {
            deliveries *= STEP;
        } else {
            deliveries /= STEP.sqrt();
            last = true;
        }
    }
    let (deliveries, outcome) = best.ok_or("the first step was too much")?;
    Ok(Row { note: format!("{} deliveries/s", grouped(deliveries)), ..Row::of(&outcome) })
}
