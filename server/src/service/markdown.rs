//! Renders comments and descriptions from Markdown to safe HTML.
//!
//! In three steps, each of which would stop most attacks alone: HTML in the text is escaped, only known tags are
//! written, and the output is parsed like a browser would, and sanitised.

mod address;
mod task_list;

use std::{borrow::Cow, collections::HashSet, ops::Range, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use engine::{Member, UserId, mention};
use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};

use super::mention::Names;
use task_list::BoxName;

pub(super) use task_list::boxes;

/// Nesting of quotes and lists; deeper levels are shown at this one.
const DEPTH: usize = 16;
/// Events per text: the longest prose has far fewer, a table of empty cells may have more.
const PIECES: usize = 20_000;
/// Bytes of HTML per text, or twice the length of a long text. Markup expands, and each reader is sent all of it.
const BYTES: usize = 96 * 1024;

/// Extensions of CommonMark.
const OPTIONS: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH).union(Options::ENABLE_TASKLISTS);

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(cleaner);

/// A rendered text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prose {
    /// HTML.
    pub(super) html: String,
    /// The mentioned members, each once.
    pub(super) mentioned: Vec<UserId>,
}

/// The text has more markup than permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMuch;

/// Renders a text. It may mention any of `members`; if several share a name, those that were `chosen`.
pub(super) fn render(text: &str, members: &[Member], chosen: &[UserId]) -> Result<Prose, TooMuch> {
    let names = Names::new(members, chosen);
    let bytes = BYTES.max(2 * text.len());
    let mut writer =
        Writer { names: &names, pieces: Vec::new(), open: Vec::new(), mentioned: Vec::new(), spans: 0, named: None };
    let shown = Parser::new_ext(text, OPTIONS).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    for event in TextMergeStream::new(shown) {
        writer.take(event);
        if writer.pieces.len() > PIECES || writer.spans > bytes {
            return Err(TooMuch);
        }
    }
    let mut html = String::with_capacity(text.len() * 2);
    html::push_html(&mut html, writer.pieces.into_iter());
    // The tag suffices: pages keep the line breaks of previously rendered texts.
    let html = CLEANER.clean(&html).to_string().replace("<br>\n", "<br>");
    if html.len() > bytes {
        return Err(TooMuch);
    }
    Ok(Prose { html, mentioned: writer.mentioned })
}

/// The plain words of a text, for quotations.
pub(super) fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for event in Parser::new_ext(text, OPTIONS) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                words.push_str(&shown(text))
            }
            // Keeps separate things separate.
            Event::SoftBreak | Event::HardBreak | Event::Rule | Event::End(TagEnd::TableCell) => words.push(' '),
            Event::Start(tag) if !is_inline(&tag) => words.push(' '),
            _ => {}
        }
    }
    words
}

const fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
}

/// A text as its author sees it: where Markdown is shown verbatim, a mention is its name.
fn shown(text: CowStr<'_>) -> CowStr<'_> {
    if text.contains("[@") { mention::plain(&text).into() } else { text }
}

/// Turns each Markdown event into events to write.
struct Writer<'a> {
    names: &'a Names<'a>,
    pieces: Vec<Event<'a>>,
    open: Vec<Open<'a>>,
    mentioned: Vec<UserId>,
    /// Bytes of mentions and check box labels. A shared name writes all its members each time.
    spans: usize,
    /// The check box whose label is being read.
    named: Option<BoxName>,
}

/// An open tag.
struct Open<'a> {
    /// The end tag; `None` if the tag is not written.
    end: Option<TagEnd>,
    /// Whether links and mentions are disabled inside.
    verbatim: bool,
    /// Its text has been written already.
    written_out: bool,
    /// An image's address, and the number of events before it.
    image: Option<(CowStr<'a>, usize)>,
}

impl<'a> Writer<'a> {
    fn take(&mut self, event: Event<'a>) {
        if let Some(tag) = self.named.as_mut().and_then(|named| named.read(&event)) {
            self.write_box(tag);
        }
        match event {
            Event::TaskListMarker(ticked) => {
                self.named = Some(BoxName::new(ticked, self.pieces.len()));
                self.pieces.push(Event::TaskListMarker(ticked));
            }
            Event::Start(tag) => self.begin(tag),
            Event::End(_) => self.end(),
            _ if self.open.last().is_some_and(|open| open.written_out) => {}
            Event::Text(text) if self.is_verbatim() => self.pieces.push(Event::Text(shown(text))),
            Event::Code(text) => self.pieces.push(Event::Code(shown(text))),
            // As people expect in comments.
            Event::SoftBreak => self.pieces.push(Event::HardBreak),
            Event::Text(text) => self.prose(&text),
            other => self.pieces.push(other),
        }
    }

    fn begin(&mut self, tag: Tag<'a>) {
        let verbatim = self.is_verbatim();
        if self.open.last().is_some_and(|open| open.written_out) {
            self.open.push(Open { end: None, verbatim, written_out: true, image: None });
            return;
        }
        if let Tag::Link { dest_url, .. } = &tag
            && let Some(user) = mention::user_of(dest_url)
        {
            let member = self.names.member(user).filter(|_| !verbatim);
            if let Some(member) = member {
                self.mention(&[member]);
            }
            // A mention of a non-member leaves only the name.
            self.open.push(Open { end: None, verbatim: true, written_out: member.is_some(), image: None });
            return;
        }
        let (mut image, mut written) = (None, self.open.len() < DEPTH);
        // The sanitised address; empty if it is invalid, and then the tag is not written.
        let mut read = |dest_url: &CowStr<'a>| {
            let address = address::of(dest_url);
            written &= address.is_some();
            CowStr::from(address.map_or_else(String::new, Cow::into_owned))
        };
        let tag = match tag {
            Tag::HtmlBlock => Tag::Paragraph,
            // Shown as links: loading an image would tell its server who reads this, and when.
            Tag::Image { dest_url, title, id, .. } => {
                let address = read(&dest_url);
                written &= !verbatim;
                image = Some((dest_url, self.pieces.len() + usize::from(written)));
                Tag::Link { link_type: LinkType::Inline, dest_url: address, title, id }
            }
            // The link of an e-mail address has no scheme yet.
            Tag::Link { link_type, dest_url, title, id } if link_type != LinkType::Email => {
                Tag::Link { link_type, dest_url: read(&dest_url), title, id }
            }
            tag => tag,
        };
        let verbatim = verbatim || matches!(tag, Tag::Link { .. } | Tag::CodeBlock(_));
        self.open.push(Open { end: written.then(|| tag.to_end()), verbatim, written_out: false, image });
        if written {
            self.pieces.push(Event::Start(tag));
        }
    }

    fn end(&mut self) {
        let Some(Open { end, image, .. }) = self.open.pop() else { return };
        if let Some((address, before)) = image
            && self.pieces.len() == before
        {
            self.pieces.push(Event::Text(address));
        }
        self.pieces.extend(end.map(Event::End));
    }

    /// Writes text with its links and mentions.
    fn prose(&mut self, text: &str) {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url]);
        let links = finder.links(text).filter(|link| {
            let scheme = link.as_str().split(':').next().unwrap_or_default();
            scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
        });
        let mut at = 0;
        for link in links {
            self.words(&text[at..link.start()]);
            let address = CowStr::from(link.as_str().to_owned());
            let (link_type, title, id) = (LinkType::Autolink, CowStr::from(""), CowStr::from(""));
            self.pieces.push(Event::Start(Tag::Link { link_type, dest_url: address.clone(), title, id }));
            self.pieces.push(Event::Text(address));
            self.pieces.push(Event::End(TagEnd::Link));
            at = link.end();
        }
        self.words(&text[at..]);
    }

    /// Writes text with its mentions.
    fn words(&mut self, text: &str) {
        let mut at = 0;
        for mention in self.names.find(text) {
            let Range { start, end } = mention.place;
            self.text(&text[at..start]);
            if !self.mention(&mention.members) {
                return;
            }
            at = end;
        }
        self.text(&text[at..]);
    }

    /// Writes a mention of members who share a name. False if that exceeds the limit.
    fn mention(&mut self, members: &[&Member]) -> bool {
        let ids: Vec<String> = members.iter().map(|member| member.user_id.to_string()).collect();
        let name = members.first().map_or("", |member| &member.name);
        let (ids, name) = (ids.join(" "), ammonia::clean_text(name));
        let span = format!(r#"<span class="mention" data-user-id="{ids}">@{name}</span>"#);
        self.spans += span.len();
        if self.spans > BYTES {
            return false;
        }
        self.pieces.push(Event::InlineHtml(span.into()));
        for member in members {
            if !self.mentioned.contains(&member.user_id) {
                self.mentioned.push(member.user_id);
            }
        }
        true
    }

    fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.pieces.push(Event::Text(text.to_owned().into()));
        }
    }

    /// Writes a check box with its label.
    fn write_box(&mut self, tag: String) {
        self.spans += tag.len();
        let written = self.named.take().and_then(|named| self.pieces.get_mut(named.piece));
        if let Some(written) = written {
            *written = Event::InlineHtml(tag.into());
        }
    }

    fn is_verbatim(&self) -> bool {
        self.open.last().is_some_and(|open| open.verbatim)
    }
}

/// A sanitiser that permits exactly what [`render`] writes.
fn cleaner() -> Builder<'static> {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "input",
        "li",
        "ol",
        "p",
        "pre",
        "span",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut cleaner = Builder::empty();
    cleaner
        .tags(HashSet::from(tags))
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("span", ["data-user-id"])
        // These scroll, also by keyboard.
        .set_tag_attribute_value("pre", "tabindex", "0")
        .set_tag_attribute_value("table", "tabindex", "0")
        .add_allowed_classes("span", ["mention"])
        .add_tag_attribute_values("input", "type", ["checkbox"])
        .add_tag_attribute_values("input", "disabled", [""])
        .add_tag_attribute_values("input", "checked", [""])
        // The text beside it is not its label.
        .add_tag_attributes("input", ["aria-label"])
        .set_tag_attribute_value("a", "target", "_blank")
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(HashSet::from(address::SCHEMES))
        .url_relative(UrlRelative::Custom(Box::new(path)));
    cleaner
}

/// An address without a scheme is a path of this server.
fn path(address: &str) -> Option<Cow<'_, str>> {
    address::is_path(address).then_some(Cow::Borrowed(address))
}

#[cfg(test)]
mod tests;
