//! Tells the keys of an input method from others, and finds the letter of a shortcut.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget, KeyboardEvent};

use crate::ui::dom_listener::{DomListener, Phase};

/// The key code of a keydown that an input method has taken.
const TAKEN: u32 = 229;

thread_local! {
    /// Whether a composition has ended in the current task of the event loop.
    static JUST_COMPOSED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a key belongs to an input method: during a composition, by its key code, or as the key that has just ended a
/// composition, which Safari sends after `compositionend` in the same task.
fn is_composing(composing: bool, key_code: u32, just_composed: bool) -> bool {
    composing || key_code == TAKEN || just_composed
}

/// Hides the keys of an input method from every other handler of the page. Called once, before any other handler is
/// registered; lasts as long as the page.
pub(crate) fn keep_compositions_apart() {
    let window = window();
    // Android's keyboards end a composition when Enter is pressed, and that Enter is meant for the page.
    let meant = window.navigator().user_agent().is_ok_and(|agent| agent.contains("Android"));
    let ended = DomListener::on(&window, "compositionend", Phase::Capture, move |_: &Event| {
        JUST_COMPOSED.set(!meant);
        set_timeout(|| JUST_COMPOSED.set(false), std::time::Duration::ZERO);
    });
    let pressed = DomListener::on(&window, "keydown", Phase::Capture, |event: &KeyboardEvent| {
        if is_composing(event.is_composing(), event.key_code(), JUST_COMPOSED.get()) {
            // The input method has already handled it: it comes before the page.
            event.stop_immediate_propagation();
            // The Enter that ends a composition does not send the form, and Escape, which closes the candidates,
            // empties no search field and closes no dialog.
            if (JUST_COMPOSED.get() && event.key() == "Enter") || event.key() == "Escape" {
                event.prevent_default();
            }
        }
    });
    // The listeners stay for good.
    std::mem::forget((ended, pressed));
}

/// The letter of a shortcut, in lower case: what the key types, or on a keyboard that is not Latin, the letter at that
/// place of a Latin one.
fn letter(key: &str, code: &str) -> Option<char> {
    let mut chars = key.chars();
    let written = chars.next().filter(|_| chars.next().is_none())?;
    if written.is_ascii() {
        return Some(written.to_ascii_lowercase());
    }
    // Up to the end of Latin Extended-B: such a key types a letter of the reader's own alphabet.
    let latin = u32::from(written) < 0x250;
    let physical = code.strip_prefix("Key").filter(|_| !latin && written.is_alphabetic())?;
    physical.chars().next().map(|c| c.to_ascii_lowercase())
}

/// The letter of a plain key press: without Ctrl, Alt, AltGr or Meta, and not in a field.
pub(crate) fn shortcut(event: &KeyboardEvent) -> Option<char> {
    let modified = event.ctrl_key() || event.meta_key() || event.alt_key() || event.get_modifier_state("AltGraph");
    if modified || event.default_prevented() || is_typing(event.target()) {
        return None;
    }
    letter(&event.key(), &event.code())
}

/// Whether a key press means Undo: Ctrl+Z or Cmd+Z outside text fields, which have their own undo.
pub(crate) fn undoes(event: &KeyboardEvent) -> bool {
    let modified = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    modified && !has_undo(event.target()) && letter(&event.key(), &event.code()) == Some('z')
}

/// Whether an element takes typed text, for which the browser has undo. Choices and switches do not.
fn has_undo(target: Option<EventTarget>) -> bool {
    const TEXT: &str = "input:not([type=checkbox], [type=radio]), textarea, [contenteditable]";
    let element = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| element.closest(TEXT).ok().flatten().is_some())
}

/// Whether Enter was pressed with Ctrl or Cmd, which sends a text of several lines.
pub(crate) fn sends(event: &KeyboardEvent) -> bool {
    event.key() == "Enter" && (event.ctrl_key() || event.meta_key())
}

/// Sends the form when Enter is pressed on a choice, as in a line of text: browsers would open the choices.
pub(crate) fn send_on_enter(event: KeyboardEvent) {
    let plain = event.key() == "Enter" && !event.default_prevented();
    let select = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok());
    if let Some(form) = select.filter(|_| plain).and_then(|select| select.form()) {
        event.prevent_default();
        // Fails only for an invalid form, which then shows the reason beside the field.
        let _ = form.request_submit();
    }
}

/// Whether the target of a key press is a field.
pub(crate) fn is_typing(target: Option<EventTarget>) -> bool {
    target
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|element| element.closest("input, textarea, select, [contenteditable]").ok().flatten().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_sign_identifies_a_key_of_an_input_method() {
        assert!(is_composing(true, 13, false), "Chrome and Firefox");
        assert!(is_composing(false, 229, false), "Safari, and keyboards of phones");
        assert!(is_composing(false, 13, true), "right after the composition");
        assert!(!is_composing(false, 13, false));
    }

    #[test]
    fn a_shortcut_is_found_on_other_layouts() {
        assert_eq!(letter("n", "KeyN"), Some('n'));
        assert_eq!(letter("N", "KeyN"), Some('n'));
        // Dvorak: the typed letter counts, not the position.
        assert_eq!(letter("n", "KeyL"), Some('n'));
        for (key, code, meant) in [("т", "KeyN", 'n'), ("ь", "KeyM", 'm'), ("ν", "KeyN", 'n'), ("מ", "KeyN", 'n')] {
            assert_eq!(letter(key, code), Some(meant), "{key}");
        }
        // Latin letters that are no shortcut, keys that are no letter, keys without a position.
        for (key, code) in [("ñ", "KeyN"), ("ü", "BracketLeft"), ("Enter", "Enter"), ("Dead", "KeyN"), ("т", "")] {
            assert_eq!(letter(key, code), None, "{key}");
        }
    }
}
