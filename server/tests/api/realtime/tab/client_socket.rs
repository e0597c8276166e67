//! A socket of a tab, from the attempt to open it to its end.

use std::net::SocketAddr;

use engine::wire::{ClientFrame, ServerFrame};
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

use super::super::socket::Socket;

/// The code of a socket that ended without one.
const ABNORMAL: u16 = 1006;

/// A socket, open or connecting. Dropped, it vanishes without a close.
pub(super) struct TabSocket {
    node: SocketAddr,
    frames: UnboundedSender<ClientFrame>,
    task: JoinHandle<()>,
}

impl TabSocket {
    /// Opens a socket to a node. `hear` receives each frame and the end, until it returns false.
    pub(super) fn open(
        node: SocketAddr,
        path: String,
        cookie: String,
        hear: impl Fn(Result<ServerFrame, u16>) -> bool + Send + 'static,
    ) -> Self {
        let (frames, mut wanted) = unbounded_channel::<ClientFrame>();
        let task = tokio::spawn(async move {
            let Some(mut socket) = Socket::try_open(node, &path, &[("cookie", &cookie)]).await else {
                hear(Err(ABNORMAL));
                return;
            };
            loop {
                tokio::select! {
                    frame = wanted.recv() => match frame {
                        Some(frame) => socket.send(serde_json::to_value(&frame).expect("JSON")).await,
                        None => return,
                    },
                    said = socket.hear() => {
                        let said = said.map_err(|code| if code == 0 { ABNORMAL } else { code });
                        let ended = said.is_err();
                        if !hear(said) || ended {
                            return;
                        }
                    }
                }
            }
        });
        Self { node, frames, task }
    }

    /// Its node.
    pub(super) fn node(&self) -> SocketAddr {
        self.node
    }

    /// Sends a frame. If the socket has ended, the end is on its way.
    pub(super) fn send(&self, frame: ClientFrame) {
        let _ = self.frames.send(frame);
    }
}

impl Drop for TabSocket {
    fn drop(&mut self) {
        self.task.abort();
    }
}
