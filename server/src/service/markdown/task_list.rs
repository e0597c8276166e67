//! The check boxes of task lists: their positions in the text, and their labels.

use pulldown_cmark::{Event, Parser, TagEnd};

use super::{OPTIONS, is_inline};

/// Most characters of a check box's label.
const LONGEST: usize = 100;

/// The byte positions of a text's check boxes, in rendering order.
pub(in crate::service) fn boxes(text: &str) -> Vec<u32> {
    let events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    let boxes = events.filter(|(event, _)| matches!(event, Event::TaskListMarker(_)));
    boxes.filter_map(|(_, place)| u32::try_from(place.start).ok()).collect()
}

/// A written check box, and its label so far.
pub(super) struct BoxName {
    /// Its index among the written events.
    pub(super) piece: usize,
    ticked: bool,
    name: String,
}

impl BoxName {
    /// A check box whose label follows.
    pub(super) const fn new(ticked: bool, piece: usize) -> Self {
        Self { piece, ticked, name: String::new() }
    }

    /// Reads the next event. At the end of the label, returns the box with its label as HTML.
    pub(super) fn read(&mut self, event: &Event<'_>) -> Option<String> {
        let ends = match event {
            Event::Text(text) | Event::Code(text) => {
                let room = LONGEST.saturating_sub(self.name.chars().count());
                self.name.extend(text.chars().take(room));
                false
            }
            Event::SoftBreak | Event::HardBreak => {
                self.name.push(' ');
                false
            }
            Event::Start(tag) => !is_inline(tag) && !self.name.is_empty(),
            Event::End(tag) => matches!(tag, TagEnd::Item | TagEnd::Paragraph),
            _ => false,
        };
        ends.then(|| {
            let name = Some(self.name.trim()).filter(|name| !name.is_empty()).unwrap_or("Item");
            let (checked, name) = (if self.ticked { " checked=\"\"" } else { "" }, ammonia::clean_text(name));
            format!("<input disabled=\"\" type=\"checkbox\"{checked} aria-label=\"{name}\">")
        })
    }
}
