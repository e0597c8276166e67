//! Limits the frames per second of a socket.

use std::time::{Duration, Instant};

/// Bytes at the beginning of each frame (RFC 6455, 5.2).
const HEAD: usize = 2;
/// Bytes of a frame's mask.
const MASK: usize = 4;

/// Counts the frames on the wire per second.
///
/// Counts frames, not messages: a message may have any number of parts, even empty ones. Bytes that are no frames are
/// refused by the library.
pub(super) struct RateLimit {
    limit: u32,
    since: Instant,
    frames_seen: u32,
    frames: Frames,
    /// Whether the limit was ever exceeded.
    exceeded: bool,
}

/// Finds the beginnings of frames without parsing their contents.
#[derive(Debug, Default)]
struct Frames {
    /// The header of the current frame, as far as it has arrived.
    head: [u8; HEAD + 8],
    read: usize,
    /// Bytes until the next frame.
    remaining: u64,
}

impl RateLimit {
    /// Allows this many frames per second; 0 means unlimited.
    pub(super) fn new(limit: u32, now: Instant) -> Self {
        Self { limit, since: now, frames_seen: 0, frames: Frames::default(), exceeded: false }
    }

    /// Counts the frames that begin in these bytes. True if the limit is exceeded.
    pub(super) fn count(&mut self, bytes: &[u8], now: Instant) -> bool {
        if self.limit == 0 {
            return false;
        }
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.frames_seen) = (now, 0);
        }
        self.frames_seen = self.frames_seen.saturating_add(self.frames.begin_in(bytes));
        self.exceeded |= self.frames_seen > self.limit;
        self.exceeded
    }

    /// Whether the limit was ever exceeded.
    pub(super) fn is_exceeded(&self) -> bool {
        self.exceeded
    }
}

impl Frames {
    /// Counts the frames that begin in these bytes, which follow the previous ones.
    fn begin_in(&mut self, mut bytes: &[u8]) -> u32 {
        let mut count = 0;
        loop {
            let skipped = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(bytes.len());
            self.remaining -= skipped as u64;
            bytes = &bytes[skipped..];
            let Some((first, more)) = bytes.split_first() else { return count };
            self.head[self.read] = *first;
            self.read += 1;
            bytes = more;
            if self.read == HEAD {
                count += 1;
            }
            if let Some(remaining) = self.after_head() {
                (self.remaining, self.read) = (remaining, 0);
            }
        }
    }

    /// Bytes after the header, once the header is complete.
    fn after_head(&self) -> Option<u64> {
        let (read, [_, second, length @ ..]) = (self.read, &self.head);
        if read < HEAD {
            return None;
        }
        let mask = if second & 0x80 == 0 { 0 } else { MASK as u64 };
        let payload = match second & 0x7f {
            126 if read < HEAD + 2 => return None,
            126 => u64::from(u16::from_be_bytes([length[0], length[1]])),
            127 if read < HEAD + 8 => return None,
            127 => u64::from_be_bytes(*length),
            short => u64::from(short),
        };
        Some(payload.saturating_add(mask))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client's frame with this payload.
    fn frame(first: u8, payload: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match payload {
            ..126 => bytes.push(0x80 | payload as u8),
            126..65_536 => {
                bytes.push(0x80 | 126);
                bytes.extend((payload as u16).to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 127);
                bytes.extend((payload as u64).to_be_bytes());
            }
        }
        bytes.extend([9; MASK]);
        bytes.resize(bytes.len() + payload, 0x81);
        bytes
    }

    #[test]
    fn every_frame_counts_however_it_is_split() {
        let sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 0, 70_000, 3];
        let wire: Vec<u8> = sizes.into_iter().flat_map(|size| frame(0x01, size)).collect();
        for part in [1, 2, 3, 7, 512, 4096, wire.len()] {
            let mut frames = Frames::default();
            let count: u32 = wire.chunks(part).map(|bytes| frames.begin_in(bytes)).sum();
            assert_eq!(count, sizes.len() as u32, "in parts of {part}");
        }
    }

    #[test]
    fn empty_parts_of_a_message_count_and_its_length_does_not() {
        let now = Instant::now();
        let mut rate_limit = RateLimit::new(20, now);
        assert!(!rate_limit.count(&frame(0x81, 60_000), now));
        let parts: Vec<u8> = (0..20).flat_map(|_| frame(0x00, 0)).collect();
        assert!(!rate_limit.count(&parts[..19 * 6], now));
        assert!(rate_limit.count(&parts[19 * 6..], now));
        assert!(rate_limit.is_exceeded());
        let (mut rate_limit, later) = (RateLimit::new(1, now), now + Duration::from_secs(1));
        assert!(!rate_limit.count(&frame(0x89, 0), now));
        assert!(!rate_limit.count(&frame(0x89, 0), later), "another second");
    }
}
