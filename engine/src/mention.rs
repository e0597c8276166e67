//! Explicit mentions in a comment's Markdown: `[@Name](user:<id>)`.
//!
//! Each identifies one person regardless of surrounding text, shared names and later renames. The author sees `@Name`.

use std::ops::Range;

use crate::{UserId, limit};

const BEGIN: &str = "[@";
const SCHEME: &str = "user:";
/// Bytes of a UUID with its hyphens.
const ID: usize = 36;
/// Longest name with its escapes, in characters. The search for a mention's end stops there.
const LONGEST: usize = 2 * limit::NAME;

/// An explicit mention in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenMention {
    /// The bytes from the `@` to the end of the name.
    pub place: Range<usize>,
    /// The user.
    pub user: UserId,
}

/// The user that a link's address names.
pub fn user_of(address: &str) -> Option<UserId> {
    address.strip_prefix(SCHEME)?.parse().ok()
}

/// The text as its author sees it.
pub fn plain(body: &str) -> String {
    decode(body).0
}

/// The text as its author sees it, and its explicit mentions, in order.
pub fn decode(body: &str) -> (String, Vec<ChosenMention>) {
    let (mut text, mut chosen, mut from) = (String::with_capacity(body.len()), Vec::new(), 0);
    for (at, _) in body.match_indices(BEGIN) {
        if at < from || is_escaped(&body[..at]) {
            continue;
        }
        if let Some((length, name, user)) = token(&body[at..]) {
            text.push_str(&body[from..at]);
            let begin = text.len();
            text.push('@');
            text.push_str(&name);
            chosen.push(ChosenMention { place: begin..text.len(), user });
            from = at + length;
        }
    }
    text.push_str(&body[from..]);
    (text, chosen)
}

/// The Markdown of a text with these explicit mentions, which are in order. One that does not match the text is left
/// out.
pub fn encode(text: &str, chosen: &[ChosenMention]) -> String {
    let (mut body, mut from) = (String::with_capacity(text.len()), 0);
    for ChosenMention { place, user } in chosen.iter().filter(|mention| !mention.place.is_empty()) {
        let name = text.get(place.clone()).and_then(|mention| mention.strip_prefix('@'));
        let (Some(name), Some(before)) = (name, text.get(from..place.start)) else { continue };
        body.push_str(before);
        body.push_str(BEGIN);
        for c in name.chars() {
            if c.is_ascii_punctuation() {
                body.push('\\');
            }
            body.push(c);
        }
        body.push_str(&format!("]({SCHEME}{user})"));
        from = place.end;
    }
    body.push_str(&text[from..]);
    body
}

/// The explicit mentions after an edit of the text. One whose name was edited is dropped.
pub fn follow(chosen: &[ChosenMention], before: &str, after: &str) -> Vec<ChosenMention> {
    let begin = common(before.char_indices().zip(after.chars()).map(|((at, a), b)| (at + a.len_utf8(), a == b)));
    let (rest_before, rest_after) = (&before[begin..], &after[begin..]);
    let ends = rest_before.char_indices().rev().zip(rest_after.chars().rev());
    let kept = common(ends.map(|((at, a), b)| (rest_before.len() - at, a == b)));
    let end = before.len() - kept;
    let moved = |place: &Range<usize>| {
        let shift = |at: usize| at + after.len() - before.len();
        match () {
            () if place.end <= begin => Some(place.clone()),
            () if place.start >= end => Some(shift(place.start)..shift(place.end)),
            () => None,
        }
    };
    let follow = |mention: &ChosenMention| Some(ChosenMention { place: moved(&mention.place)?, user: mention.user });
    chosen.iter().filter_map(follow).collect()
}

/// Number of equal bytes before the first difference.
fn common(steps: impl Iterator<Item = (usize, bool)>) -> usize {
    steps.take_while(|(_, same)| *same).last().map_or(0, |(bytes, _)| bytes)
}

/// The mention at the start of a text: its length in bytes, the name and the user.
fn token(text: &str) -> Option<(usize, String, UserId)> {
    let (mut name, mut chars) = (String::new(), text[BEGIN.len()..].char_indices());
    for _ in 0..=LONGEST {
        match chars.next()? {
            (at, ']') => {
                let rest = text[BEGIN.len() + at + 1..].strip_prefix('(')?.strip_prefix(SCHEME)?;
                let user = rest.get(..ID)?.parse().ok()?;
                rest[ID..].strip_prefix(')')?;
                let length = BEGIN.len() + at + "](".len() + SCHEME.len() + ID + ")".len();
                return (!name.is_empty()).then_some((length, name, user));
            }
            (_, '\\') => match chars.next()?.1 {
                c if c.is_ascii_punctuation() => name.push(c),
                c => name.extend(['\\', c]),
            },
            (_, '\n' | '[') => return None,
            (_, c) => name.push(c),
        }
    }
    None
}

fn is_escaped(before: &str) -> bool {
    before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn user(number: u128) -> UserId {
        UserId::new(Uuid::from_u128(number))
    }

    fn chosen(text: &str, names: &[(&str, u128)]) -> Vec<ChosenMention> {
        let mut from = 0;
        let find = |(name, number): &(&str, u128)| {
            let start = from + text[from..].find(name)?;
            from = start + name.len();
            Some(ChosenMention { place: start..from, user: user(*number) })
        };
        names.iter().filter_map(find).collect()
    }

    #[test]
    fn a_text_with_mentions_round_trips() {
        for (text, names) in [
            ("你好@李小龍你好", vec![("@李小龍", 1)]),
            ("@Bob and @Bob", vec![("@Bob", 1), ("@Bob", 2)]),
            (r"@A [b]\*c_d* `e` <f>", vec![(r"@A [b]\*c_d* `e` <f>", 3)]),
            ("no one", vec![]),
            ("@田中さん", vec![("@田中", 4)]),
        ] {
            let chosen = chosen(text, &names);
            assert_eq!(chosen.len(), names.len(), "{text}");
            assert_eq!(decode(&encode(text, &chosen)), (text.to_owned(), chosen), "{text}");
        }
        let id = user(1);
        assert_eq!(encode("Hi @Bob.", &chosen("Hi @Bob.", &[("@Bob", 1)])), format!("Hi [@Bob](user:{id})."));
        assert_eq!(user_of(&format!("user:{id}")), Some(id));
    }

    #[test]
    fn a_malformed_mention_stays_plain_text() {
        let id = user(1);
        for text in [
            "[@Bob]".to_owned(),
            "[@Bob](user:1)".to_owned(),
            format!("[@](user:{id})"),
            format!("[Bob](user:{id})"),
            format!("\\[@Bob](user:{id})"),
            format!("[@B\nob](user:{id})"),
            format!("[@Bob](user:{id}"),
            format!("[@{}](user:{id})", "a".repeat(LONGEST + 1)),
        ] {
            assert_eq!(decode(&text), (text.clone(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn an_edit_drops_the_mentions_whose_name_it_changes() {
        let before = "你好@李小龍, @Bob and @Bob";
        let all = chosen(before, &[("@李小龍", 1), ("@Bob", 2), ("@Bob", 3)]);
        for (after, left) in [
            ("你好!@李小龍, @Bob and @Bob", vec![1, 2, 3]),
            ("你好@李小龍さん, @Bob and @Bob", vec![1, 2, 3]),
            ("你好@李小, @Bob and @Bob", vec![2, 3]),
            ("你好@李小龍, and @Bob", vec![1, 3]),
            ("", vec![]),
            ("你好@李小龍, @Bob and @Bobs", vec![1, 2, 3]),
        ] {
            let followed = follow(&all, before, after);
            let users: Vec<_> = followed.iter().map(|mention| mention.user.uuid().as_u128()).collect();
            assert_eq!(users, left, "{after}");
            assert!(followed.iter().all(|mention| after[mention.place.clone()].starts_with('@')), "{after}");
        }
    }

    #[test]
    fn many_unfinished_mentions_are_read_in_linear_time() {
        let text = "[@".repeat(50_000) + &"[@a\\".repeat(50_000);
        let started = std::time::Instant::now();
        assert_eq!(decode(&text).1, []);
        assert!(started.elapsed().as_millis() < 1000, "{:?}", started.elapsed());
    }
}
