//! The text of a frame.

/// The UTF-8 text of a frame, encoded once and shared by the log and all sockets.
pub use tokio_tungstenite::tungstenite::Utf8Bytes as FrameText;
