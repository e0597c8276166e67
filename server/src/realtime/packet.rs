//! An encoded WebSocket frame.

use std::ops::Deref;

use axum::body::Bytes;
use tokio_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Data, OpCode},
};

use crate::frame_text::FrameText;

/// Most bytes of a frame's header.
const HEAD: usize = 10;

/// An encoded WebSocket frame, shared by all sockets that receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packet(Bytes);

impl Packet {
    /// Encodes a text as one frame.
    pub(super) fn text(text: &FrameText) -> Self {
        let mut bytes = Vec::with_capacity(text.len() + HEAD);
        let header = FrameHeader { opcode: OpCode::Data(Data::Text), ..FrameHeader::default() };
        // Writing to memory cannot fail.
        let _ = header.format(text.len() as u64, &mut bytes);
        bytes.extend_from_slice(text.as_bytes());
        Self(bytes.into())
    }

    /// Wraps encoded frames.
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
    fn a_text_follows_its_length() {
        assert_eq!(*Packet::text(&"hello".into()), *b"\x81\x05hello");
        let long = "x".repeat(300);
        assert_eq!(Packet::text(&long.as_str().into())[..5], *b"\x81\x7e\x01\x2cx");
    }
}
