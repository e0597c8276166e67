//! What is on its way to the wire.

use std::{
    io::{self, IoSlice},
    time::Instant,
};

use tokio::net::TcpStream;

use crate::realtime::packet::Packet;

/// A batch that grew beyond this gives its memory back.
const IDLE_CAPACITY: usize = 8;

/// Where bytes go.
pub(in crate::realtime) trait Wire {
    /// Takes as many of these bytes as there is room for, without waiting.
    ///
    /// # Errors
    /// `WouldBlock` when there is no room, or why the wire is broken.
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

/// What was taken from the queue, and is not yet written.
#[derive(Debug, Default)]
pub(super) struct PacketBatch {
    pub(super) packets: Vec<Packet>,
    /// How many bytes of it are.
    written: usize,
    /// Since when its oldest events wait.
    pub(super) since: Option<Instant>,
}

impl PacketBatch {
    /// Writes all that the wire takes.
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

    /// An empty one, with the memory of this one unless it is much.
    pub(super) fn emptied(mut self) -> Self {
        self.packets.clear();
        if self.packets.capacity() > IDLE_CAPACITY {
            Self::default()
        } else {
            Self { packets: self.packets, ..Self::default() }
        }
    }
}
