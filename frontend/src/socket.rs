//! One WebSocket.

use std::{future::poll_fn, pin::Pin};

use futures_channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures_util::{
    SinkExt, StreamExt,
    future::{Either, select},
    sink::Sink,
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use wasm_bindgen_futures::spawn_local;

use crate::build;

/// The close code of a socket that was not closed but broke, or never opened.
const ABNORMAL: u16 = 1006;

/// What a socket says.
pub(crate) enum Said {
    /// A frame.
    Frame(String),
    /// Its last word: it was closed with this code.
    Closed(u16),
}

/// An open socket, or one that is being opened. Dropping it closes it; it then says nothing more.
pub(crate) struct Socket {
    outbox: UnboundedSender<String>,
}

impl Socket {
    /// Opens `path` on the page's own host.
    pub(crate) fn open(path: &str, said: impl FnMut(Said) + 'static) -> Self {
        let (outbox, letters) = mpsc::unbounded();
        spawn_local(run(address(path), letters, said));
        Self { outbox }
    }

    /// Sends a frame as soon as the socket is open. One that is closed swallows it: the close is reported anyway.
    pub(crate) fn send(&self, text: String) {
        let _ = self.outbox.unbounded_send(text);
    }
}

async fn run(address: String, mut letters: UnboundedReceiver<String>, mut said: impl FnMut(Said)) {
    let Ok(mut socket) = WebSocket::open(&address) else { return said(Said::Closed(ABNORMAL)) };
    // A socket that is dropped while it is being opened would leave an error on the console: let it open first.
    let _ = poll_fn(|context| Pin::new(&mut socket).poll_ready(context)).await;
    loop {
        match select(letters.next(), socket.next()).await {
            Either::Left((Some(letter), _)) => {
                // A failure is followed by the close.
                let _ = socket.send(Message::Text(letter)).await;
            }
            // The handle was dropped.
            Either::Left((None, _)) => return,
            Either::Right((Some(Ok(Message::Text(text))), _)) => said(Said::Frame(text)),
            Either::Right((Some(Err(WebSocketError::ConnectionClose(close))), _)) => {
                return said(Said::Closed(close.code));
            }
            // The protocol has no binary frames; an error is followed by the close.
            Either::Right((Some(_), _)) => {}
            Either::Right((None, _)) => return said(Said::Closed(ABNORMAL)),
        }
    }
}

fn address(path: &str) -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |read: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location.as_ref().and_then(|location| read(location).ok()).unwrap_or_default()
    };
    let scheme = if part(web_sys::Location::protocol) == "https:" { "wss://" } else { "ws://" };
    let address = [scheme, &part(web_sys::Location::host), path].concat();
    match build::version() {
        // A server of another build then says so, instead of things that this page does not understand.
        Some(version) => [address.as_str(), if path.contains('?') { "&" } else { "?" }, "build=", &version].concat(),
        None => address,
    }
}
