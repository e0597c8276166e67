//! The check boxes of task lists: where they stand in the text, and what each is called.

use pulldown_cmark::{Event, Parser, TagEnd};

use super::{OPTIONS, is_inline};

/// Characters of a check box's name.
const LONGEST: usize = 100;

/// Where the check boxes of a text stand, in bytes, in the order in which they are rendered.
pub(in crate::service) fn boxes(text: &str) -> Vec<u32> {
    let events = Parser::new_ext(text, OPTIONS).into_offset_iter();
    let boxes = events.filter(|(event, _)| matches!(event, Event::TaskListMarker(_)));
    boxes.filter_map(|(_, place)| u32::try_from(place.start).ok()).collect()
}

/// A check box that was written, and the text beside it so far.
pub(super) struct BoxName {
    /// Its place among the pieces.
    pub(super) piece: usize,
    ticked: bool,
    name: String,
}

impl BoxName {
    /// A check box, which is named by what follows.
    pub(super) const fn new(ticked: bool, piece: usize) -> Self {
        Self { piece, ticked, name: String::new() }
    }

    /// Hears what follows the box. Where the text beside it ends: the box with its name, as HTML.
    pub(super) fn hear(&mut self, event: &Event<'_>) -> Option<String> {
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
