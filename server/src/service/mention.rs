//! Finds mentions in a text: `@Full Name` or `@address`, of members only. A chosen mention contains its user's id
//! ([`engine::mention`]).

use std::{collections::HashSet, ops::Range};

use engine::{Member, UserId};
use unicode_normalization::UnicodeNormalization as _;

/// A mention in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention<'a> {
    /// From the `@` to the end of the name.
    pub(super) place: Range<usize>,
    /// The members it names: several if they share the name.
    pub(super) members: Vec<&'a Member>,
}

/// The sorted names and addresses of members, so that a text is compared with all common prefixes at once.
pub(super) struct Names<'a> {
    members: &'a [Member],
    chosen: HashSet<UserId>,
    names: Vec<Name>,
}

/// A case-folded name, and the index of its member.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name(Vec<Folded>, usize);

/// A case-folded character.
type Folded = [char; 3];

impl<'a> Names<'a> {
    /// The names of `members`. If several share a name, only those that were `chosen` count.
    pub(super) fn new(members: &'a [Member], chosen: &[UserId]) -> Self {
        let both = members.iter().enumerate().flat_map(|(at, member)| {
            // Unlike texts, names of earlier builds may not be composed.
            [&member.name, &member.email].map(|name| Name(name.nfc().map(fold).collect(), at))
        });
        let mut names: Vec<Name> = both.filter(|name| !name.0.is_empty()).collect();
        names.sort_unstable();
        Self { members, chosen: chosen.iter().copied().collect(), names }
    }

    /// A member by id.
    pub(super) fn member(&self, user: UserId) -> Option<&'a Member> {
        self.members.iter().find(|member| member.user_id == user)
    }

    /// All mentions in a text, in order. The longest matching name wins; if several members share it, the chosen ones
    /// among them, or all. The name of a chosen member may stand within other letters.
    pub(super) fn find(&self, text: &str) -> Vec<Mention<'a>> {
        let mut found: Vec<Mention<'a>> = Vec::new();
        for (at, _) in text.match_indices('@') {
            let inside = found.last().is_some_and(|mention| at < mention.place.end);
            let before = text[..at].chars().next_back();
            if inside || before.is_some_and(|before| before.is_ascii_alphanumeric() || matches!(before, '_' | '@')) {
                continue;
            }
            // In scripts without spaces, a letter before the `@` is no part of an address.
            let begins = before.is_none_or(|before| !is_word(before) || is_unspaced(before));
            if let Some((length, members)) = self.longest(&text[at + 1..], begins) {
                found.push(Mention { place: at..at + 1 + length, members });
            }
        }
        found
    }

    /// The longest name at the beginning of a text: its length in bytes, and its members. Within a longer word, only
    /// names of chosen members.
    fn longest(&self, text: &str, begins: bool) -> Option<(usize, Vec<&'a Member>)> {
        let (mut alike, mut rest, mut longest) = (&self.names[..], text.chars(), None);
        for depth in 0.. {
            let Some(wanted) = rest.next().map(fold) else { break };
            let wanted = Some(&wanted);
            let from = alike.partition_point(|name| name.0.get(depth) < wanted);
            let to = alike.partition_point(|name| name.0.get(depth) <= wanted);
            alike = &alike[from..to];
            if alike.is_empty() {
                break;
            }
            // Names that end here sort first.
            let whole = alike.partition_point(|name| name.0.len() == depth + 1);
            let chosen = || alike[..whole].iter().any(|name| self.chosen.contains(&self.members[name.1].user_id));
            if whole > 0 && (begins && ends(rest.as_str()) || chosen()) {
                longest = Some((text.len() - rest.as_str().len(), &alike[..whole]));
            }
        }
        let (length, names) = longest?;
        let mut places: Vec<usize> = names.iter().map(|name| name.1).collect();
        places.dedup();
        let mut named: Vec<&Member> = places.into_iter().map(|at| &self.members[at]).collect();
        if named.iter().any(|member| self.chosen.contains(&member.user_id)) {
            named.retain(|member| self.chosen.contains(&member.user_id));
        }
        Some((length, named))
    }
}

fn fold(c: char) -> Folded {
    let mut folded = ['\0'; 3];
    for (to, lower) in folded.iter_mut().zip(c.to_lowercase()) {
        *to = lower;
    }
    folded
}

/// Whether a name ends before this text.
fn ends(rest: &str) -> bool {
    let mut rest = rest.chars();
    let goes_on = match rest.next() {
        // `@Ann-Marie` is not Ann, nor is `@ann@example.org.uk` somebody at example.org.
        Some('-' | '.' | '@') => rest.next().is_some_and(is_word),
        next => next.is_some_and(is_word),
    };
    !goes_on
}

/// Whether a letter belongs to a script without spaces between words, or with particles attached to them.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use engine::Role;
    use uuid::Uuid;

    use super::*;

    fn member(number: u128, name: &str, email: &str) -> Member {
        let user_id = UserId::new(Uuid::from_u128(number));
        Member { user_id, name: name.into(), email: email.into(), role: Role::Editor, former: false, place: None }
    }

    fn people() -> Vec<Member> {
        vec![
            member(1, "Ann", "ann@example.org"),
            member(2, "Ann Lee", "lee@example.org"),
            member(3, "Bob", "bob@example.org"),
            member(4, "Bob", "bob@example.com"),
            // As an earlier build may have stored it.
            member(5, "Jo\u{308}rg Groß", "joerg@example.org"),
        ]
    }

    /// The users that each mention names, by number, and its text.
    fn found(text: &str, chosen: &[u128]) -> Vec<(String, Vec<u128>)> {
        let chosen: Vec<UserId> = chosen.iter().map(|number| UserId::new(Uuid::from_u128(*number))).collect();
        let people = people();
        let read = |mention: Mention<'_>| {
            let numbers = mention.members.iter().map(|member| member.user_id.uuid().as_u128()).collect();
            (text[mention.place].to_owned(), numbers)
        };
        Names::new(&people, &chosen).find(text).into_iter().map(read).collect()
    }

    fn one(text: &str) -> Option<(String, Vec<u128>)> {
        found(text, &[]).pop()
    }

    #[test]
    fn the_longest_name_wins_in_any_case() {
        assert_eq!(one("hi @ann"), Some(("@ann".into(), vec![1])));
        assert_eq!(one("hi @ANN LEE!"), Some(("@ANN LEE".into(), vec![2])));
        assert_eq!(one("hi @Ann Leeds"), Some(("@Ann".into(), vec![1])));
        assert_eq!(one("(@jörg groß)"), Some(("@jörg groß".into(), vec![5])));
        assert_eq!(found("@Ann, @Ann Lee's @Ann.", &[]).len(), 3);
    }

    #[test]
    fn an_address_names_its_owner() {
        assert_eq!(one("see @Bob@example.com."), Some(("@Bob@example.com".into(), vec![4])));
        assert_eq!(one("see @lee@example.org"), Some(("@lee@example.org".into(), vec![2])));
    }

    #[test]
    fn of_members_who_share_a_name_the_chosen_ones_count_or_all() {
        assert_eq!(found("@Bob", &[]), [("@Bob".to_owned(), vec![3, 4])]);
        assert_eq!(found("@Bob", &[4]), [("@Bob".to_owned(), vec![4])]);
        assert_eq!(found("@Ann", &[4]), [("@Ann".to_owned(), vec![1])], "chosen, but not named");
    }

    #[test]
    fn a_chosen_member_is_found_within_other_letters() {
        let people = [
            member(1, "李小龍", "lee@example.org"),
            member(2, "田中", "t@example.org"),
            member(3, "محمد", "m@example.org"),
        ];
        let named = |text: &str, chosen: &[u128]| -> Vec<u128> {
            let chosen: Vec<UserId> = chosen.iter().map(|number| UserId::new(Uuid::from_u128(*number))).collect();
            let found = Names::new(&people, &chosen).find(text);
            found.iter().flat_map(|mention| &mention.members).map(|member| member.user_id.uuid().as_u128()).collect()
        };
        assert_eq!(named("你好@李小龍", &[]), [1], "typed, where no spaces are written");
        assert_eq!(named("你好@李小龍你好, @田中さん و@محمد", &[1, 2, 3]), [1, 2, 3]);
        assert_eq!(named("@田中さん و@محمد mail@田中", &[]), []);
        assert_eq!(named("mail@田中", &[2]), []);
    }

    #[test]
    fn common_prefixes_are_compared_once() {
        let prefix = "a".repeat(70);
        let people: Vec<Member> =
            (0..1000).map(|n| member(n, &format!("{prefix}{n:03}"), &format!("{n}@example.org"))).collect();
        let text = format!("@{prefix}x ").repeat(140) + &format!("@{prefix}777, @{}", prefix.to_uppercase());
        let names = Names::new(&people, &[]);
        let started = std::time::Instant::now();
        let found = names.find(&text);
        let numbers: Vec<_> = found.iter().map(|mention| mention.members[0].user_id.uuid().as_u128()).collect();
        assert_eq!(numbers, [777]);
        // Comparing with each of a thousand names takes seconds in a test build.
        assert!(started.elapsed().as_millis() < 500, "{:?}", started.elapsed());
    }

    #[test]
    fn a_name_that_is_an_address_too_names_its_member_once() {
        let people = [member(1, "ann@example.org", "ann@example.org"), member(2, "", "ben@example.org")];
        let found = Names::new(&people, &[]).find("@ann@example.org @");
        assert_eq!((found.len(), found[0].members.len()), (1, 1));
    }

    #[test]
    fn lookalikes_are_no_mentions() {
        for text in [
            "",
            "@",
            "@@Ann",
            "@ Ann",
            "mail@Ann",
            "@Annette",
            "@Ann-Marie",
            "@Ann_1",
            "@ann@example.org.uk",
            "@Nobody",
            "@stranger@example.org",
            "Ann",
        ] {
            assert_eq!(one(text), None, "{text}");
        }
    }
}
