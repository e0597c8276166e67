//! People as initials on a colour of their own.

use engine::{Member, UserId};
use leptos::prelude::*;

/// How many hue classes (`hue-0` …) the style sheet has.
const HUES: u32 = 12;

/// The hue class of a person: the same one in every browser.
pub fn hue(user: UserId) -> &'static str {
    const CLASSES: [&str; HUES as usize] =
        ["hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7", "hue-8", "hue-9", "hue-10", "hue-11"];
    // FNV-1a: the low bits of a UUIDv7 are random, but those of demo data need not be.
    let hash = user
        .uuid()
        .as_bytes()
        .iter()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    CLASSES[((hash >> 8) % HUES) as usize]
}

/// Up to two initials: of the first and of the last word of a name.
pub fn initials(name: &str) -> String {
    let initial = |word: &str| word.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().to_string());
    let mut words = name.split_whitespace().filter_map(initial);
    let first = words.next().unwrap_or_else(|| "?".to_owned());
    let last = words.next_back().unwrap_or_default();
    first + &last
}

/// A member's name, with a word for those who have left.
pub fn member_label(member: &Member) -> String {
    if member.former { format!("{} (former member)", member.name) } else { member.name.clone() }
}

/// A person's initials. The name is the title and what assistive technology reads.
#[component]
pub fn Avatar(
    /// Who.
    user: UserId,
    /// Their name.
    #[prop(into)]
    name: String,
    /// Whether the name stands beside it in text, so that the avatar is decoration.
    #[prop(optional)]
    decorative: bool,
    /// More classes, such as `avatar-small`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let text = initials(&name);
    let class = format!("avatar {} {class}", hue(user));
    if decorative {
        view! { <span class=class aria-hidden="true">{text}</span> }.into_any()
    } else {
        view! { <span class=class role="img" aria-label=name.clone() title=name>{text}</span> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ada Lovelace"), "AL");
        assert_eq!(initials("Jean  Luc van Damme"), "JD");
        assert_eq!(initials("élodie"), "É");
        assert_eq!(initials("  "), "?");
    }
}
