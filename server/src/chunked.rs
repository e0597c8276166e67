//! Runs long statements in chunks, so that other writers get in between.

use std::{future::Future, time::Duration};

/// Rows per chunk: a few milliseconds' work.
pub(crate) const CHUNK: u64 = 500;
/// The pause for other writers between two chunks.
pub(crate) const PAUSE: Duration = Duration::from_millis(20);

/// Repeats a statement that handles up to [`CHUNK`] rows, until it finds fewer. Returns the total. Finished chunks
/// stay done after an error, or when dropped.
pub(crate) async fn all<E, F: Future<Output = Result<u64, E>>>(mut run_chunk: impl FnMut() -> F) -> Result<u64, E> {
    let mut done = 0;
    loop {
        let count = run_chunk().await?;
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
    async fn it_continues_until_a_chunk_is_not_full() {
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
