//! Finds and completes mentions while they are typed. Positions in a text are in UTF-16 units, as in the browser.

use engine::{Member, UserId, mention::ChosenMention, sorted::sort_by_key};

use crate::ui::field::folded;

/// Longer names are not searched for, in UTF-16 units.
const LONGEST: usize = 40;
/// How many members are offered.
const OFFERED: usize = 6;

/// An `@` with what was typed after it, up to the caret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    /// The position of the `@`.
    pub(super) at: usize,
    /// The text after it.
    pub(super) name: String,
}

impl Begun {
    /// The mention that ends at the caret, if there is one: its `@` begins a word, and its name is on one line.
    pub(super) fn before(text: &str, caret: usize) -> Option<Self> {
        let units: Vec<u16> = text.encode_utf16().take(caret).collect();
        let from = units.len().saturating_sub(LONGEST + 1);
        let at = from + units[from..].iter().rposition(|unit| *unit == u16::from(b'@'))?;
        let name = String::from_utf16(&units[at + 1..]).ok()?;
        let begins_word = at == 0 || char::from_u32(units[at - 1].into()).is_none_or(|c| !c.is_ascii_alphanumeric());
        let fits = !name.contains('\n') && !name.starts_with(' ') && !name.ends_with("  ");
        (begins_word && fits).then_some(Self { at, name })
    }

    /// The members who match: first those whose name begins so, the author last.
    pub(super) fn offer(&self, members: &[Member], me: UserId) -> Vec<Member> {
        let typed = folded(self.name.trim_end());
        let rank = |member: &Member| {
            let name = folded(&member.name);
            let later = || name.split(' ').any(|word| word.starts_with(&typed));
            match () {
                () if name.starts_with(&typed) => Some(0),
                () if later() => Some(1),
                () if folded(&member.email).starts_with(&typed) => Some(2),
                () => None,
            }
        };
        let mut offered: Vec<(i32, &Member)> =
            members.iter().filter(|member| !member.former).filter_map(|member| Some((rank(member)?, member))).collect();
        sort_by_key(&mut offered, |(rank, member)| (member.user_id == me, *rank));
        // A complete name has been chosen already.
        let chosen = offered.len() == 1 && self.name.ends_with(' ');
        let offered = offered.into_iter().filter(|_| !chosen).take(OFFERED);
        offered.map(|(_, member)| member.clone()).collect()
    }

    /// The text with the name completed, the mention in it, and the new position of the caret.
    pub(super) fn complete(&self, text: &str, caret: usize, member: &Member) -> (String, ChosenMention, usize) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let caret = caret.min(units.len());
        let rest = &units[caret..];
        let rest = rest.strip_prefix(&[u16::from(b' ')]).unwrap_or(rest);
        let closes = |unit: &u16| char::from_u32((*unit).into()).is_some_and(|c| c.is_ascii_punctuation());
        let space = if rest.first().is_some_and(closes) { "" } else { " " };
        let mut whole = units[..self.at].to_vec();
        whole.extend(format!("@{}{space}", member.name).encode_utf16());
        let end = whole.len();
        whole.extend(rest);
        // Valid: cut at the `@` and at the caret, which the browser never puts inside a surrogate pair.
        let text = String::from_utf16_lossy(&whole);
        let start = byte_of(&text, self.at);
        let place = start..start + "@".len() + member.name.len();
        (text, ChosenMention { place, user: member.user_id }, end)
    }
}

/// The byte offset of a position in UTF-16 units.
pub(super) fn byte_of(text: &str, units: usize) -> usize {
    let mut left = units;
    let before = text.chars().take_while(|c| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    });
    before.map(char::len_utf8).sum()
}

#[cfg(test)]
mod tests {
    use engine::Role;
    use uuid::Uuid;

    use super::*;

    fn member(n: u128, name: &str, former: bool) -> Member {
        let email = format!("{n}@example.org");
        Member {
            user_id: UserId::new(Uuid::from_u128(n)),
            name: name.to_owned(),
            email,
            role: Role::Editor,
            former,
            place: None,
        }
    }

    fn begun(text: &str) -> Option<String> {
        Begun::before(text, text.encode_utf16().count()).map(|begun| begun.name)
    }

    fn offered(typed: &str) -> Vec<String> {
        let members = [
            member(1, "Ada Lovelace", false),
            member(2, "Grace Hopper", false),
            member(3, "Adam Grace", false),
            member(4, "Ada Former", true),
        ];
        let begun = Begun { at: 0, name: typed.to_owned() };
        begun.offer(&members, UserId::new(Uuid::from_u128(9))).into_iter().map(|member| member.name).collect()
    }

    #[test]
    fn an_at_sign_at_the_start_of_a_word_begins_a_mention() {
        assert_eq!(begun("Hi @gr"), Some("gr".to_owned()));
        assert_eq!(begun("@"), Some(String::new()));
        assert_eq!(begun("(@ada lo"), Some("ada lo".to_owned()));
        for text in ["ada@example", "@ada\nand", "no", "@ hello", "@ada  "] {
            assert_eq!(begun(text), None, "{text}");
        }
        // What follows the caret does not count.
        assert_eq!(Begun::before("é😀 @ad and @gr", 7).map(|begun| begun.at), Some(4));
    }

    #[test]
    fn names_starting_with_the_text_come_first() {
        assert_eq!(offered("a"), ["Ada Lovelace", "Adam Grace"]);
        assert_eq!(offered("GRACE"), ["Grace Hopper", "Adam Grace"]);
        assert_eq!(offered("2@ex"), ["Grace Hopper"]);
        assert_eq!(offered("").len(), 3);
        assert!(offered("zoe").is_empty() && offered("Ada Lovelace ").is_empty());
    }

    #[test]
    fn the_author_is_never_offered_first() {
        let members = [member(1, "Ann", false), member(2, "Anna", false), member(3, "Joanna Ann", false)];
        let me = UserId::new(Uuid::from_u128(1));
        for typed in ["", "a", "ann"] {
            let begun = Begun { at: 0, name: typed.to_owned() };
            let offered: Vec<_> = begun.offer(&members, me).into_iter().map(|member| member.name).collect();
            assert_eq!(offered, ["Anna", "Joanna Ann", "Ann"], "{typed}");
        }
    }

    #[test]
    fn choosing_a_name_replaces_the_typed_text() {
        for (text, caret, name, whole, at) in [
            ("😀 @gr, please", 6, "Grace Hopper", "😀 @Grace Hopper, please", 16),
            ("@gr please", 3, "Grace", "@Grace please", 7),
            ("你好@李", 4, "李小龍", "你好@李小龍 ", 7),
        ] {
            let begun = Begun::before(text, caret).unwrap();
            let (text, chosen, caret) = begun.complete(text, caret, &member(1, name, false));
            assert_eq!((text.as_str(), caret), (whole, at));
            assert_eq!(text[chosen.place], format!("@{name}"));
        }
    }
}
