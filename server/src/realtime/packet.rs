//! A frame as it goes over the wire.

use std::ops::Deref;

use axum::body::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Data, OpCode},
};

use crate::frame_text::FrameText;

/// The most bytes that stand before the text of a frame.
const HEAD: usize = 10;

/// A frame as it goes over the wire: encoded once, and shared by all sockets that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packet(Bytes);

impl Packet {
    /// A text in a frame of its own.
    pub(super) fn text(text: &FrameText) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + HEAD);
        let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        // Writing to memory cannot fail.
        let _ = header.format(text.len() as u64, &mut bytes);
        bytes.extend_from_slice(text.as_bytes());
        Self(bytes.into())
    }

    /// Frames that are encoded already.
    pub(super) fn encoded(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl Deref for Packet {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_behind_its_length() {
        assert_eq!(*Packet::text(&"hello".into()), *b"\x81\x05hello");
        let long = "x".repeat(300);
        assert_eq!(Packet::text(&long.as_str().into())[..5], *b"\x81\x7e\x01\x2cx");
    }
}
