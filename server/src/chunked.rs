//! Long statements in pieces, so that other writers come in between.

use std::{future::Future, time::Duration};

/// Rows that one piece removes: a few milliseconds' work.
pub(crate) const CHUNK: u64 = 500;
/// How long other writers have between two pieces.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// Repeats a piece that says how many rows it found, of [`CHUNK`] at the most, until it finds fewer; and says how many
/// that were in all. What was done before an error, or before it is dropped, is done.
pub(crate) async fn all<E, F: Future<Output = Result<u64, E>>>(mut piece: impl FnMut() -> F) -> Result<u64, E> {
    let mut done = 0;
    loop {
        let count = piece().await?;
        done += count;
        if count < CHUNK {
            return Ok(done);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn it_goes_on_until_a_piece_is_not_full() {
        let left = Cell::new(2 * CHUNK + 7);
        let mut pieces = 0;
        let done = all(|| {
            let count = left.get().min(CHUNK);
            left.set(left.get() - count);
            pieces += 1;
            async move { Ok::<_, ()>(count) }
        });
        assert_eq!(done.await, Ok(2 * CHUNK + 7));
        assert_eq!((pieces, left.get()), (3, 0));
        assert_eq!(all(|| async { Err::<u64, _>("broken") }).await, Err("broken"));
    }
}
