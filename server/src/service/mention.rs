//! Whom a text names: `@Full Name` or `@address`, of members only.

use std::ops::Range;

use engine::{Member, UserId};
use unicode_normalization::UnicodeNormalization as _;

/// A place of a text that names somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mention<'a> {
    /// From the `@` to the end of the name.
    pub(super) place: Range<usize>,
    /// Whom it names: several where they have the same name.
    pub(super) members: Vec<&'a Member>,
}

/// All mentions in a text, in order. The longest name that stands there counts; where several members have it, those
/// of them that were `chosen`, or all.
pub(super) fn find<'a>(text: &str, members: &'a [Member], chosen: &[UserId]) -> Vec<Mention<'a>> {
    let mut found: Vec<Mention<'a>> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let inside = found.last().is_some_and(|mention| at < mention.place.end);
        if inside || text[..at].chars().next_back().is_some_and(|before| is_word(before) || before == '@') {
            continue;
        }
        if let Some((length, members)) = longest(&text[at + 1..], members, chosen) {
            found.push(Mention { place: at..at + 1 + length, members });
        }
    }
    found
}

fn longest<'a>(text: &str, members: &'a [Member], chosen: &[UserId]) -> Option<(usize, Vec<&'a Member>)> {
    let (mut longest, mut named) = (0, Vec::new());
    for member in members {
        // Names of earlier builds may not be composed, as texts are.
        let composed = |name: &String| name.nfc().collect::<String>();
        let lengths = [&member.name, &member.email].map(|name| prefix(text, &composed(name)).unwrap_or_default());
        let length = lengths.into_iter().max().unwrap_or_default();
        if length > longest {
            (longest, named) = (length, vec![member]);
        } else if length > 0 && length == longest {
            named.push(member);
        }
    }
    if named.iter().any(|member| chosen.contains(&member.user_id)) {
        named.retain(|member| chosen.contains(&member.user_id));
    }
    (longest > 0).then_some((longest, named))
}

/// How many bytes of a text a name takes that it begins with, whatever its case, and that ends there.
fn prefix(text: &str, name: &str) -> Option<usize> {
    let mut rest = text.chars();
    for wanted in name.chars() {
        let found = rest.next()?;
        if found != wanted && !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    let length = text.len() - rest.as_str().len();
    let goes_on = match rest.next() {
        // `@Ann-Marie` is not Ann, nor is `@ann@example.org.uk` somebody at example.org.
        Some('-' | '.' | '@') => rest.next().is_some_and(is_word),
        next => next.is_some_and(is_word),
    };
    (!goes_on).then_some(length)
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
        Member { user_id, name: name.into(), email: email.into(), role: Role::Editor, former: false }
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

    /// The numbers of the people that each mention names, and what it says.
    fn found(text: &str, chosen: &[u128]) -> Vec<(String, Vec<u128>)> {
        let chosen: Vec<UserId> = chosen.iter().map(|number| UserId::new(Uuid::from_u128(*number))).collect();
        let people = people();
        let read = |mention: Mention<'_>| {
            let numbers = mention.members.iter().map(|member| member.user_id.uuid().as_u128()).collect();
            (text[mention.place].to_owned(), numbers)
        };
        find(text, &people, &chosen).into_iter().map(read).collect()
    }

    fn one(text: &str) -> Option<(String, Vec<u128>)> {
        found(text, &[]).pop()
    }

    #[test]
    fn the_longest_name_counts_in_any_case() {
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
    fn of_several_with_a_name_the_chosen_ones_count_or_all() {
        assert_eq!(found("@Bob", &[]), [("@Bob".to_owned(), vec![3, 4])]);
        assert_eq!(found("@Bob", &[4]), [("@Bob".to_owned(), vec![4])]);
        assert_eq!(found("@Ann", &[4]), [("@Ann".to_owned(), vec![1])], "chosen, but not named");
    }

    #[test]
    fn what_only_looks_like_a_mention_is_none() {
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
