//! The text of a frame.

/// The text of a frame: UTF-8 that is encoded once, and shared by the log and by all sockets that it goes to.
pub use tokio_tungstenite::tungstenite::Utf8Bytes as FrameText;
