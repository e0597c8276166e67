//! The batch of packets being written.

use std::{
    io::{self, IoSlice},
    time::Instant,
};

use tokio::net::TcpStream;

use crate::realtime::packet::Packet;

/// A batch larger than this releases its memory.
const IDLE_CAPACITY: usize = 8;

/// The destination of bytes.
pub(in crate::realtime) trait Wire {
    /// Writes as many of these bytes as fit, without waiting.
    ///
    /// # Errors
    /// `WouldBlock` when nothing fits, or the reason why the stream is broken.
    fn try_write(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize>;
}

impl Wire for TcpStream {
    fn try_write(&self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        match bytes {
            [bytes] => self.try_write(bytes),
            bytes => self.try_write_vectored(bytes),
        }
    }
}

/// Packets taken from the queue and not fully written yet.
#[derive(Debug, Default)]
pub(super) struct PacketBatch {
    pub(super) packets: Vec<Packet>,
    /// Bytes written so far.
    written: usize,
    /// Since when its oldest events have been queued.
    pub(super) since: Option<Instant>,
}

impl PacketBatch {
    /// Writes as much as the stream takes.
    pub(super) fn write(&mut self, wire: &impl Wire) -> io::Result<()> {
        let all: usize = self.packets.iter().map(|packet| packet.len()).sum();
        while self.written < all {
            let taken = match &self.packets[..] {
                [packet] => wire.try_write(&[IoSlice::new(&packet[self.written..])])?,
                packets => {
                    let mut slices: Vec<_> = packets.iter().map(|packet| IoSlice::new(packet)).collect();
                    let mut rest = &mut slices[..];
                    IoSlice::advance_slices(&mut rest, self.written);
                    wire.try_write(rest)?
                }
            };
            if taken == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            self.written += taken;
        }
        Ok(())
    }

    /// An empty batch that reuses the memory, unless it is large.
    pub(super) fn emptied(mut self) -> Self {
        self.packets.clear();
        if self.packets.capacity() > IDLE_CAPACITY {
            Self::default()
        } else {
            Self { packets: self.packets, ..Self::default() }
        }
    }
}
