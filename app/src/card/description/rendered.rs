//! The rendered description. A press on it opens its field; its check boxes can be ticked in place.

use engine::description::with_box_toggled;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, MouseEvent};

use super::{Editor, ReadDescription, Rendering, SHOWN, caret};
use crate::ui::dom::{closest, find, focus};

/// A check box as the server writes it. Nothing else in its HTML looks like that: quotation marks and angle brackets
/// are escaped in text and in attributes.
const BOX: &str = r#"<input disabled="" type="checkbox""#;
/// The same box, enabled.
const OPEN_BOX: &str = r#"<input type="checkbox""#;
const TICK: &str = r#" checked="""#;

/// The HTML with one check box toggled.
fn toggled(html: &str, number: usize) -> Option<String> {
    let (at, _) = html.match_indices(BOX).nth(number)?;
    let (before, after) = html.split_at(at + BOX.len());
    Some(match after.strip_prefix(TICK) {
        Some(after) => format!("{before}{after}"),
        None => format!("{before}{TICK}{after}"),
    })
}

impl Editor {
    /// Toggles a check box, by editing the description's source. Returns whether it did.
    fn toggle(self, number: usize) -> bool {
        let ReadDescription { text, version, rendering } = self.read.get_untracked();
        let Rendering::Html { html, boxes } = rendering else { return false };
        let change = || {
            let text = with_box_toggled(&text, *boxes.get(number)?)?;
            Some((text, toggled(&html, number)?))
        };
        let Some((text, html)) = change() else { return false };
        self.ticked.set_value(Some(html.clone()));
        self.read.set(ReadDescription { text: text.clone(), version, rendering: Rendering::Html { html, boxes } });
        self.unsaved.save(self.open.id, text, version);
        true
    }
}

#[component]
pub(super) fn Rendered(editor: Editor, locked: bool) -> impl IntoView {
    let rendered = Memo::new(move |_| editor.read.with(|read| matches!(read.rendering, Rendering::Html { .. })));
    let pressed = move |event: KeyboardEvent| {
        let here = closest(event.target(), "*").is_some_and(|element| element.id() == SHOWN);
        if here && event.key() == "Enter" && !event.ctrl_key() && !event.meta_key() && !event.alt_key() && !locked {
            event.prevent_default();
            editor.opened.set(true);
        }
    };
    let clicked = move |event: MouseEvent| {
        if let Some(tick) = closest(event.target(), "input") {
            let number = closest(event.target(), ".prose").and_then(|shown| number_of(&shown, &tick));
            if number.is_none_or(|number| locked || !editor.toggle(number)) {
                event.prevent_default();
            }
        } else if !locked && closest(event.target(), "a").is_none() && !is_selecting() {
            editor.pressed_at.set_value(pressed_at(editor));
            editor.opened.set(true);
        }
    };
    view! {
        <div
            class="description-shown"
            class:description-open=!locked
            id=SHOWN
            role="group"
            aria-labelledby="description-label"
            tabindex=(!locked).then_some("0")
            data-testid="description"
            on:click=clicked
            on:keydown=pressed
        >
            {move || {
                if rendered.get() {
                    view! { <Html editor locked /> }.into_any()
                } else {
                    let text = move || editor.read.with(|read| read.text.clone());
                    view! { <p class="description-text" dir="auto">{text}</p> }.into_any()
                }
            }}
        </div>
    }
    .into_any()
}

/// The server's HTML, written to the DOM by hand: a box that was just ticked already shows it, and keeps the focus.
#[component]
fn Html(editor: Editor, locked: bool) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    let html = Memo::new(move |_| {
        editor.read.with(|read| match &read.rendering {
            Rendering::Html { html, .. } => html.clone(),
            Rendering::Unknown | Rendering::Plain => String::new(),
        })
    });
    // In the server's HTML no box is enabled: a click would do nothing before events are handled.
    let first = html.get_untracked();
    Effect::new(move |before: Option<Option<String>>| {
        let html = html.get();
        let shown = node.get()?;
        let ticked = editor.ticked.try_update_value(Option::take).flatten();
        if before.flatten().as_ref() != Some(&html) && ticked.as_ref() != Some(&html) {
            let focused = document().active_element().and_then(|element| number_of(&shown, &element));
            shown.set_inner_html(&if locked { html.clone() } else { html.replace(BOX, OPEN_BOX) });
            if let Some(again) = focused.and_then(|number| boxes(&shown).into_iter().nth(number)) {
                focus(&again);
            }
        }
        make_reachable(&shown);
        Some(html)
    });
    view! { <div class="prose" dir="auto" node_ref=node inner_html=first></div> }.into_any()
}

/// Makes what scrolls sideways focusable, so that keys can scroll it.
fn make_reachable(shown: &Element) {
    let Ok(wide) = shown.query_selector_all("pre, table") else { return };
    for block in (0..wide.length()).filter_map(|index| wide.item(index)?.dyn_into::<Element>().ok()) {
        if block.scroll_width() > block.client_width() {
            let _ = block.set_attribute("tabindex", "0");
        }
    }
}

fn boxes(shown: &Element) -> Vec<Element> {
    let Ok(all) = shown.query_selector_all("input[type=checkbox]") else { return Vec::new() };
    (0..all.length()).filter_map(|index| all.item(index)?.dyn_into().ok()).collect()
}

fn number_of(shown: &Element, tick: &Element) -> Option<usize> {
    boxes(shown).iter().position(|one| one == tick)
}

/// The position in the source of a press that selects nothing: browsers put an empty selection there.
fn pressed_at(editor: Editor) -> Option<u32> {
    let text = find(&format!("#{SHOWN} :is(.prose, .description-text)"))?;
    let selection = window().get_selection().ok().flatten()?;
    let node = selection.anchor_node().filter(|node| text.contains(Some(node)))?;
    let before = document().create_range().ok()?;
    before.set_start(&text, 0).ok()?;
    before.set_end(&node, selection.anchor_offset()).ok()?;
    let before = String::from(before.to_string()).chars().count();
    let shown = text.text_content().unwrap_or_default();
    Some(editor.read.with_untracked(|read| caret::place(&read.text, &shown, before)))
}

/// Whether text is selected: a press that selects does not open the field.
fn is_selecting() -> bool {
    window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toggling_a_box_changes_only_its_html() {
        let html = format!("<li>{BOX} aria-label=\"a > b\">a</li><li>{BOX}{TICK} aria-label=\"b\">b</li>");
        let once = toggled(&html, 0).expect("the first");
        assert!(once.starts_with(&format!("<li>{BOX}{TICK} aria-label")), "{once}");
        assert_eq!(toggled(&once, 0).as_deref(), Some(html.as_str()));
        assert_eq!(toggled(&html, 1).map(|html| html.contains(TICK)), Some(false));
        assert_eq!(toggled(&html, 2), None);
    }
}
