//! Maps a press on the rendered description to a position in its source.
//!
//! Letters and digits are compared in order: both texts have them, and little else is in both. Where the source has
//! extra letters (an address, the name of a language), the search looks for the position from which it continues like
//! the rendered text.

/// How many letters have to match there. Fewer, where no position matches that many.
const AGREE: [usize; 3] = [6, 4, 2];
/// How far ahead the source is searched, in letters.
const REACH: usize = 4_000;

/// The position in `source`, in UTF-16 units, that corresponds to the end of the first `before` characters of `shown`.
pub(super) fn place(source: &str, shown: &str, before: usize) -> u32 {
    if source == shown {
        return units(source.chars().take(before));
    }
    let letters: Vec<char> = shown.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let pressed: Vec<char> = shown.chars().take(before).collect();
    let required = pressed.iter().filter(|letter| letter.is_alphanumeric()).count();
    let text: Vec<char> = source.chars().collect();
    let places: Vec<usize> = (0..text.len()).filter(|at| text[*at].is_alphanumeric()).collect();
    let agrees = |from: usize, at: usize, most: usize| {
        let (rest, there) = (letters.iter().skip(from).take(most), places.iter().skip(at).map(|at| &text[*at]));
        let required = letters.len().saturating_sub(from).min(most);
        rest.zip(there).filter(|(one, other)| one == other).count() == required
    };
    let find = |from: usize, at: usize| {
        let end = places.len().min(at + REACH);
        AGREE.into_iter().find_map(|most| (at..end).find(|at| agrees(from, *at, most)))
    };
    let mut at = 0;
    let mut end = 0;
    for (index, letter) in letters.iter().enumerate().take(required) {
        let follows = places.get(at).is_some_and(|place| text[*place] == *letter);
        // Within a word, letters follow each other. After markup there may be letters that are not rendered.
        let within = at > 0 && places.get(at).is_some_and(|place| places[at - 1] + 1 == *place);
        if !follows || !within {
            match find(index, at) {
                Some(found) => at = found,
                // A character that the source spells differently.
                None if !follows => continue,
                None => {}
            }
        }
        end = places[at] + 1;
        at += 1;
    }
    let tail: Vec<char> = pressed.iter().rev().take_while(|letter| !letter.is_alphanumeric()).copied().collect();
    let begins_line = end == 0 || tail.contains(&'\n');
    let next = find(required, at).filter(|_| required < letters.len());
    if let Some(next) = next.filter(|_| begins_line) {
        end = places[next];
    } else {
        // What follows the last letter, as far as both texts agree, with the markup between.
        for letter in tail.into_iter().rev() {
            let limit = next.map_or(text.len(), |next| places[next]);
            match (end..limit).find(|at| text[*at] == letter) {
                Some(found) => end = found + 1,
                None => break,
            }
        }
    }
    units(text.into_iter().take(end))
}

fn units(text: impl Iterator<Item = char>) -> u32 {
    text.map(|letter| letter.len_utf16() as u32).sum()
}

#[cfg(test)]
mod tests {
    use super::place;

    /// The source with a bar at the caret, after a press at the bar of the rendered text.
    fn caret(source: &str, shown: &str) -> String {
        let before = shown.chars().position(|letter| letter == '|').expect("a bar");
        let at = place(source, &shown.replacen('|', "", 1), before) as usize;
        let units: Vec<u16> = source.encode_utf16().collect();
        let text = |units: &[u16]| String::from_utf16(units).expect("whole characters");
        format!("{}|{}", text(&units[..at]), text(&units[at..]))
    }

    #[test]
    fn plain_text_is_its_own_source() {
        assert_eq!(caret("one two", "one |two"), "one |two");
        assert_eq!(caret("one\ntwo 🙂 three", "one\ntwo 🙂| three"), "one\ntwo 🙂| three");
        assert_eq!(caret("one", "|one"), "|one");
        assert_eq!(caret("one", "one|"), "one|");
    }

    #[test]
    fn markup_is_skipped() {
        let source = "# Head\n\nSome **bold** and *other* words.\n\n- first\n- second";
        assert_eq!(caret(source, "He|ad\nSome bold and other words.\nfirst\nsecond"), source.replace("Head", "He|ad"));
        assert_eq!(caret(source, "|Head\nSome bold and other words.\nfirst\nsecond"), source.replace("Head", "|Head"));
        assert_eq!(caret(source, "Head\nSome bo|ld and other words.\nfirst\nsecond"), source.replace("bold", "bo|ld"));
        assert_eq!(caret(source, "Head\nSome bold |and other words.\nfirst\nsecond"), source.replace("and", "|and"));
        assert_eq!(
            caret(source, "Head\nSome bold and other words.|\nfirst\nsecond"),
            source.replace("words.", "words.|")
        );
        assert_eq!(
            caret(source, "Head\nSome bold and other words.\n|first\nsecond"),
            source.replace("first", "|first")
        );
        assert_eq!(caret(source, "Head\nSome bold and other words.\nfirst\nsecond|"), format!("{source}|"));
    }

    #[test]
    fn hidden_text_is_skipped() {
        let source = "See [Docs](https://example.com/and/that) and then.\n\n```rust\nlet x = 1;\n```\n\n- [x] done";
        let shown = "See Docs and then.\nlet x = 1;\ndone";
        assert_eq!(caret(source, &shown.replace("and", "a|nd")), source.replace(" and", " a|nd"));
        assert_eq!(caret(source, &shown.replace("x =", "x| =")), source.replace("x =", "x| ="));
        assert_eq!(caret(source, &shown.replace("done", "do|ne")), source.replace("done", "do|ne"));
    }

    #[test]
    fn letters_of_other_scripts_count() {
        let source = "**ภาษาไทย** และ *العربية* 漢字";
        assert_eq!(caret(source, "ภาษาไทย และ العربية 漢|字"), source.replace("漢字", "漢|字"));
    }

    #[test]
    fn any_rendered_text_has_a_position() {
        for (source, shown) in [("", "|"), ("", "abc|"), ("&amp;", "&|"), ("***", "|"), ("a", "b|")] {
            let before = shown.chars().position(|letter| letter == '|').expect("a bar");
            assert!(place(source, &shown.replace('|', ""), before) as usize <= source.encode_utf16().count());
        }
    }
}
