//! Writing to the clipboard.

use engine::{ApiError, Method, Request};
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::http;

/// Copies the text served at `path`. It may arrive later: the browser is asked at once, while it still knows of the
/// click.
///
/// # Errors
/// The server's refusal, or `clipboard` if the browser has no clipboard (outside of https) or forbids writing.
pub(crate) async fn copy(path: String) -> Result<(), ApiError> {
    let text = future_to_promise(async move {
        let text = http::text(&Request::new(Method::Get, path), None).await;
        text.map(JsValue::from).map_err(|error| JsValue::from(error.message.into_owned()))
    });
    written(&text).await
}

/// Copies a text.
///
/// # Errors
/// As for [`copy`].
pub(crate) async fn copy_text(text: String) -> Result<(), ApiError> {
    written(&Promise::resolve(&JsValue::from(text))).await
}

async fn written(text: &Promise) -> Result<(), ApiError> {
    let written = write(text).map_err(|_| unavailable())?;
    JsFuture::from(written).await.map(drop).map_err(|_| unavailable())
}

/// `navigator.clipboard.write([new ClipboardItem({ "text/plain": text })])`: `web-sys` has it only under a flag for
/// unstable interfaces.
fn write(text: &Promise) -> Result<Promise, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let clipboard = Reflect::get(&navigator, &"clipboard".into())?;
    let items: Function = Reflect::get(&js_sys::global(), &"ClipboardItem".into())?.dyn_into()?;
    let kinds = Object::new();
    Reflect::set(&kinds, &"text/plain".into(), text)?;
    let item = Reflect::construct(&items, &Array::of1(&kinds))?;
    let write: Function = Reflect::get(&clipboard, &"write".into())?.dyn_into()?;
    write.call1(&clipboard, &Array::of1(&item))?.dyn_into()
}

fn unavailable() -> ApiError {
    ApiError::new(0, "clipboard", "Your browser blocked copying.")
}
