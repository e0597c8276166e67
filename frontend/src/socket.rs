//! A WebSocket.

use std::{future::poll_fn, pin::Pin, time::Duration};

use futures_channel::{
    mpsc::{self, UnboundedReceiver, UnboundedSender},
    oneshot,
};
use futures_util::{
    SinkExt, StreamExt,
    future::{Either, select},
    sink::Sink,
};
use gloo_net::websocket::{Message, WebSocketError, futures::WebSocket};
use gloo_timers::future::sleep;
use wasm_bindgen_futures::spawn_local;

use crate::{build, user};

/// The close code of a socket that was not closed but broke, or never opened.
const ABNORMAL: u16 = 1006;
/// How long an unwanted socket may continue to open.
const OPENING: Duration = Duration::from_secs(5);

/// What a socket delivers.
pub(crate) enum SocketEvent {
    /// A frame.
    Frame(String),
    /// It was closed with this code. Nothing follows.
    Closed(u16),
}

/// An open socket, or one that is opening. Dropping it closes it; it delivers nothing more.
pub(crate) struct Socket {
    outbox: UnboundedSender<String>,
    abandon: oneshot::Sender<()>,
}

impl Socket {
    /// Opens `path` on the page's own host.
    pub(crate) fn open(path: &str, on_event: impl FnMut(SocketEvent) + 'static) -> Self {
        let (outbox, frames) = mpsc::unbounded();
        let (abandon, dropped) = oneshot::channel();
        spawn_local(run(address(path), frames, dropped, on_event));
        Self { outbox, abandon }
    }

    /// Sends a frame once the socket is open. A closed one drops it: the close is reported anyway.
    pub(crate) fn send(&self, text: String) {
        let _ = self.outbox.unbounded_send(text);
    }

    /// Abandons it at once, so that it does not hold up its replacement.
    pub(crate) fn abandon(self) {
        // A socket that has ended does not listen.
        let _ = self.abandon.send(());
    }
}

async fn run(
    address: String,
    mut frames: UnboundedReceiver<String>,
    dropped: oneshot::Receiver<()>,
    mut on_event: impl FnMut(SocketEvent),
) {
    let Ok(mut socket) = WebSocket::open(&address) else { return on_event(SocketEvent::Closed(ABNORMAL)) };
    let expired = sleep(OPENING);
    let opened = poll_fn(|context| Pin::new(&mut socket).poll_ready(context));
    // Closing a socket while it opens logs an error to the console, so it may open first. But not for long: a browser
    // opens one socket to a host at a time, and a proxy that never answers would block the next.
    if let Either::Right((abandoned, opened)) = select(opened, dropped).await {
        if abandoned.is_err() {
            select(opened, Box::pin(expired)).await;
        }
        return;
    }
    drop(expired);
    loop {
        match select(frames.next(), socket.next()).await {
            Either::Left((Some(frame), _)) => {
                // A failure is followed by the close.
                let _ = socket.send(Message::Text(frame)).await;
            }
            // The handle was dropped.
            Either::Left((None, _)) => return,
            Either::Right((Some(Ok(Message::Text(text))), _)) => on_event(SocketEvent::Frame(text)),
            Either::Right((Some(Err(WebSocketError::ConnectionClose(close))), _)) => {
                return on_event(SocketEvent::Closed(close.code));
            }
            // The protocol has no binary frames; an error is followed by the close.
            Either::Right((Some(_), _)) => {}
            Either::Right((None, _)) => return on_event(SocketEvent::Closed(ABNORMAL)),
        }
    }
}

fn address(path: &str) -> String {
    let location = web_sys::window().map(|window| window.location());
    let part = |read: fn(&web_sys::Location) -> Result<String, wasm_bindgen::JsValue>| {
        location.as_ref().and_then(|location| read(location).ok()).unwrap_or_default()
    };
    let scheme = if part(web_sys::Location::protocol) == "https:" { "wss://" } else { "ws://" };
    let mut address = [scheme, &part(web_sys::Location::host), path].concat();
    let mut add = |name: &str, value: String| {
        let mark = if address.contains('?') { "&" } else { "?" };
        address.extend([mark, name, &value]);
    };
    // Lets a server of another build say so, instead of sending what this page does not understand.
    build::version().into_iter().for_each(|version| add("build=", version));
    user::of_page().into_iter().for_each(|user| add("user=", user.to_string()));
    address
}
