//! How much one socket says.

use std::time::{Duration, Instant};

/// Bytes that begin each frame (RFC 6455, 5.2).
const HEAD: usize = 2;
/// Bytes of a frame's mask.
const MASK: usize = 4;

/// Counts the frames on the wire in windows of a second.
///
/// Every frame counts, not every message: the parts of a message may be empty, and there may be any number of them.
/// What a client does not send as frames, the library refuses.
pub(super) struct RateLimit {
    limit: u32,
    since: Instant,
    count: u32,
    frames: Frames,
    /// Whether there were too many at some time.
    over: bool,
}

/// Finds where frames begin, without looking into them.
#[derive(Debug, Default)]
struct Frames {
    /// The beginning of a frame, as far as it has come.
    head: [u8; HEAD + 8],
    read: usize,
    /// Bytes until the next frame.
    rest: u64,
}

impl RateLimit {
    /// Allows so many a second; 0 is no limit.
    pub(super) fn new(limit: u32, now: Instant) -> Self {
        Self { limit, since: now, count: 0, frames: Frames::default(), over: false }
    }

    /// Counts the frames that begin in these bytes, and says whether there were too many.
    pub(super) fn is_too_much(&mut self, bytes: &[u8], now: Instant) -> bool {
        if self.limit == 0 {
            return false;
        }
        if now.duration_since(self.since) >= Duration::from_secs(1) {
            (self.since, self.count) = (now, 0);
        }
        self.count = self.count.saturating_add(self.frames.begin_in(bytes));
        self.over |= self.count > self.limit;
        self.over
    }

    /// Whether there were too many.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }
}

impl Frames {
    /// How many frames begin in these bytes, which follow those before.
    fn begin_in(&mut self, mut bytes: &[u8]) -> u32 {
        let mut count = 0;
        loop {
            let skipped = usize::try_from(self.rest).unwrap_or(usize::MAX).min(bytes.len());
            self.rest -= skipped as u64;
            bytes = &bytes[skipped..];
            let Some((first, more)) = bytes.split_first() else { return count };
            self.head[self.read] = *first;
            self.read += 1;
            bytes = more;
            if self.read == HEAD {
                count += 1;
            }
            if let Some(rest) = self.after_head() {
                (self.rest, self.read) = (rest, 0);
            }
        }
    }

    /// Bytes that follow the head, once all of it is there.
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

    /// A frame of a client with this payload.
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
    fn every_frame_counts_however_it_is_cut() {
        let sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 0, 70_000, 3];
        let wire: Vec<u8> = sizes.into_iter().flat_map(|size| frame(0x01, size)).collect();
        for part in [1, 2, 3, 7, 512, 4096, wire.len()] {
            let mut frames = Frames::default();
            let count: u32 = wire.chunks(part).map(|bytes| frames.begin_in(bytes)).sum();
            assert_eq!(count, sizes.len() as u32, "in parts of {part}");
        }
    }

    #[test]
    fn empty_parts_of_a_message_are_too_much_and_its_length_is_not() {
        let now = Instant::now();
        let mut flood = RateLimit::new(20, now);
        assert!(!flood.is_too_much(&frame(0x81, 60_000), now));
        let parts: Vec<u8> = (0..20).flat_map(|_| frame(0x00, 0)).collect();
        assert!(!flood.is_too_much(&parts[..19 * 6], now));
        assert!(flood.is_too_much(&parts[19 * 6..], now));
        assert!(flood.is_over());
        let (mut flood, later) = (RateLimit::new(1, now), now + Duration::from_secs(1));
        assert!(!flood.is_too_much(&frame(0x89, 0), now));
        assert!(!flood.is_too_much(&frame(0x89, 0), later), "another second");
    }
}
