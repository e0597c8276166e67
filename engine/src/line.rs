//! One line of text, such as a title or a name: the characters allowed in it, for page and server.
//!
//! Characters are classified by hand, because the tables of a Unicode library would be a large part of the page.
//! Joiners, direction marks and variation selectors are allowed inside a line: emoji and many scripts need them. A line
//! of nothing else is not, because it looks empty. Embeddings, overrides and isolates of direction are never allowed:
//! left open, they reorder the text beside the line on a page or in an e-mail.

/// Why a text is not a valid line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotALine {
    /// It has no visible character.
    Empty,
    /// It is too long.
    TooLong,
    /// It has a line break or another control character.
    Control,
    /// It has a character that changes the text direction.
    Direction,
}

/// The trimmed text, if it is a line of 1 to `max` characters, counted in Unicode scalar values.
///
/// # Errors
/// Why a text is not a valid line.
pub fn check(text: &str, max: usize) -> Result<&str, NotALine> {
    let line = trim(text);
    if line.chars().any(is_control) {
        Err(NotALine::Control)
    } else if line.chars().any(turns_direction) {
        Err(NotALine::Direction)
    } else if !is_visible(line) {
        Err(NotALine::Empty)
    } else if line.chars().count() > max {
        Err(NotALine::TooLong)
    } else {
        Ok(line)
    }
}

/// Turns typed or pasted text into a line: breaks and tabs become spaces, and characters that are not allowed are
/// dropped. `None` if nothing remains, or more than `max` characters.
pub fn from_typed(text: &str, max: usize) -> Option<String> {
    let kept = text.chars().filter_map(|c| match c {
        c if is_control(c) => c.is_whitespace().then_some(' '),
        c => (!turns_direction(c)).then_some(c),
    });
    let line: String = kept.collect();
    check(&line, max).ok().map(str::to_owned)
}

/// Trims white space, and characters that look like none, at both ends.
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'))
}

/// Whether a text has a visible character.
pub fn is_visible(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

/// Control characters, line breaks among them.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Embeddings, overrides and isolates, and the characters that end them.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that are drawn as nothing or as a space: `Default_Ignorable_Code_Point`, blanks that Unicode does not
/// count as white space, and noncharacters.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d159}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scripts_and_emoji_keep_their_joiners() {
        for line in [
            "👩‍👩‍👧‍👦 family",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "❤\u{fe0f}",
            "می\u{200c}خواهم",
            "क\u{94d}\u{200d}ष",
            "ภาษาไทย",
            "שלום\u{200f}!",
            "العربية",
            "e\u{301}",
            "a\u{ad}b",
            "\u{2800}⠓⠊",
        ] {
            assert_eq!(check(line, 500), Ok(line), "{line:?}");
            assert_eq!(from_typed(line, 500).as_deref(), Some(line));
        }
    }

    #[test]
    fn an_invisible_line_is_empty() {
        for text in [
            "",
            "  ",
            "\u{200b}",
            "\u{200b}\u{200d}\u{2060}",
            "\u{2800}",
            "\u{2800}\u{2800} ",
            "\u{ad}",
            "\u{200e}",
            "\u{feff}",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{fe0f}",
            "\u{e0041}",
            "\u{34f}",
            "\u{ffff}",
        ] {
            assert_eq!(check(text, 500), Err(NotALine::Empty), "{text:?}");
            assert_eq!(from_typed(text, 500), None, "{text:?}");
        }
    }

    #[test]
    fn breaks_and_direction_controls_are_refused_by_check_and_dropped_from_typed_text() {
        let control = Err(NotALine::Control);
        for (text, why, typed) in [
            ("a\nb", control, "a b"),
            ("a\r\nb", control, "a  b"),
            ("a\tb", control, "a b"),
            ("a\0b", control, "ab"),
            ("a\u{1b}[1mb", control, "a[1mb"),
            ("a\u{85}b", control, "a b"),
            ("a\u{2028}b", control, "a b"),
            ("a\u{7f}b", control, "ab"),
            ("exe.\u{202e}txt", Err(NotALine::Direction), "exe.txt"),
            ("\u{2068}Ada\u{2069}", Err(NotALine::Direction), "Ada"),
        ] {
            assert_eq!(check(text, 500), why, "{text:?}");
            assert_eq!(from_typed(text, 500).as_deref(), Some(typed), "{text:?}");
        }
    }

    #[test]
    fn it_is_trimmed_and_counted_in_scalar_values() {
        assert_eq!(check(" \u{200b}a b\u{a0}\n", 3), Ok("a b"));
        assert_eq!(check("🂡🂡🂡", 3), Ok("🂡🂡🂡"));
        assert_eq!(check("abcd", 3), Err(NotALine::TooLong));
        assert_eq!(from_typed("abcd", 3), None);
    }

    proptest! {
        #[test]
        fn check_accepts_every_typed_line(text in any::<String>(), max in 1_usize..40) {
            if let Some(line) = from_typed(&text, max) {
                prop_assert_eq!(check(&line, max), Ok(line.as_str()));
            }
        }
    }
}
