//! People as initials on a colour.

use engine::{Colleague, Member, UserId};
use leptos::prelude::*;

/// How many hue classes (`hue-0` …) the style sheet has.
const HUES: usize = 12;
const CLASSES: [&str; HUES] =
    ["hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7", "hue-8", "hue-9", "hue-10", "hue-11"];

/// The hue class of the member at a place of a project.
///
/// Neighbouring places are far apart on the colour wheel, and twelve members have twelve hues. A place is the lowest
/// that was free when its member joined, and theirs for as long as they stay.
fn hue_at(index: usize) -> &'static str {
    // 5 and 12 have no common factor.
    CLASSES[index * 5 % HUES]
}

/// The hue class of a user with no known project: the same in every browser.
fn hue_of_stranger(user: UserId) -> &'static str {
    // FNV-1a: the low bits of a UUIDv7 are random, but those of demo data need not be.
    let hash = user
        .uuid()
        .as_bytes()
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    CLASSES[(hash >> 8) as usize % HUES]
}

/// The hue class of a user in a project with these members.
pub(crate) fn hue(members: &[Member], user: UserId) -> &'static str {
    hues(members).find(|(other, _)| *other == user).map_or_else(|| hue_of_stranger(user), |(_, hue)| hue)
}

/// The hue classes of the members whose place is known.
fn hues(members: &[Member]) -> impl Iterator<Item = (UserId, &'static str)> {
    members.iter().enumerate().filter_map(|(index, member)| {
        // An older server does not send the place. For members, the index is close to the order of joining.
        let place = member.place.map(|place| place as usize).or((!member.former).then_some(index))?;
        Some((member.user_id, hue_at(place)))
    })
}

/// The hues of the people on a page: by their places in its project, or, on a page of no single project, in the oldest
/// project that they share with the reader. Provided in the context.
#[derive(Clone, Copy)]
pub struct Hues(Signal<Vec<(UserId, &'static str)>>);

impl Hues {
    /// Provides the hues of a project's members in the context.
    pub(crate) fn provide(members: Signal<Vec<Member>>) {
        let all = move |_: Option<&Vec<_>>| members.with(|all| hues(all).collect::<Vec<_>>());
        provide_context(Self(Memo::new(all).into()));
    }

    /// Provides the hues on a page of no single project in the context.
    pub(crate) fn provide_shared(colleagues: &[Colleague]) {
        let hue = |Colleague { user_id, place }: &Colleague| (*user_id, hue_at(*place as usize));
        provide_context(Self(Signal::stored(colleagues.iter().map(hue).collect())));
    }

    /// Tracks the hue class of a user.
    fn of(self, user: UserId) -> Option<&'static str> {
        self.0.with(|all| all.iter().find(|(other, _)| *other == user).map(|(_, hue)| *hue))
    }
}

/// Up to two initials: of the first and the last word of a name, or of a member's label.
pub fn initials(name: &str) -> String {
    let name = name.strip_suffix(FORMER).unwrap_or(name);
    let initial = |word: &str| word.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().to_string());
    let mut words = name.split_whitespace().filter_map(initial);
    let first = words.next().unwrap_or_else(|| "?".to_owned());
    let last = words.next_back().unwrap_or_default();
    first + &last
}

/// The note after the name of a former member.
const FORMER: &str = " (former member)";

/// A member's name, with a note for former members.
pub fn member_label(member: &Member) -> String {
    if member.former { format!("{}{FORMER}", member.name) } else { member.name.clone() }
}

/// A person's initials. The name is the tooltip and the accessible name.
#[component]
pub fn Avatar(
    /// The user.
    user: UserId,
    /// Their name.
    #[prop(into)]
    name: String,
    /// Whether the name is beside it as text, so that the avatar is decorative.
    #[prop(optional)]
    decorative: bool,
    /// Whether it stands for the name in a control whose label is the name: the initials are drawn by CSS, so that the
    /// label need not contain them as text.
    #[prop(optional)]
    picture: bool,
    /// More CSS classes, such as `avatar-small`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let text = initials(&name);
    let hues = use_context::<Hues>();
    let class = move || {
        let hue = hues.and_then(|hues| hues.of(user)).unwrap_or_else(|| hue_of_stranger(user));
        format!("avatar {hue} {class}")
    };
    if picture {
        view! { <span class=class aria-hidden="true" data-initials=text></span> }.into_any()
    } else if decorative {
        view! { <span class=class aria-hidden="true">{text}</span> }.into_any()
    } else {
        view! { <span class=class role="img" aria-label=name.clone() title=name>{text}</span> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn twelve_people_have_twelve_hues() {
        assert_eq!((0..HUES).map(hue_at).collect::<HashSet<_>>().len(), HUES);
        assert_eq!(hue_at(0), hue_at(HUES));
    }

    #[test]
    fn members_keep_their_hue_when_another_leaves() {
        let member = |n: u128, place: Option<u32>, former: bool| Member {
            user_id: UserId::new(uuid::Uuid::from_u128(n)),
            name: String::new(),
            email: String::new(),
            role: engine::Role::Editor,
            former,
            place,
        };
        let all = [member(1, Some(0), false), member(2, Some(1), false), member(3, Some(2), false)];
        let user = |n: u128| UserId::new(uuid::Uuid::from_u128(n));
        let without = [all[0].clone(), all[2].clone(), Member { former: true, ..all[1].clone() }];
        for n in 1..=3 {
            assert_eq!(hue(&all, user(n)), hue(&without, user(n)), "also of who has left, on their cards");
        }
        let older = [member(1, None, false), member(3, None, false), member(2, None, true)];
        assert_eq!((hue(&older, user(1)), hue(&older, user(3))), (hue_at(0), hue_at(1)));
        assert_eq!(hue(&older, user(2)), hue_of_stranger(user(2)));
    }

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("Jean  Luc van Damme"), "JD");
        assert_eq!(initials("élodie"), "É");
        assert_eq!(initials("  "), "?");
        assert_eq!(initials("Ben Book (former member)"), "BB");
    }
}
