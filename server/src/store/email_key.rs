//! A normalised form of e-mail addresses: letter case and Unicode form don't matter.
//!
//! SQL cannot compute it, so the server stores it beside each address, and fills it in for accounts of earlier builds.

use std::fmt;

use engine::line;
use unicode_normalization::UnicodeNormalization as _;

/// The key of an address. No two accounts share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EmailKey(String);

impl EmailKey {
    /// The key of an address as typed or stored.
    pub(crate) fn of(address: &str) -> Self {
        let address = line::trim(address);
        let Some((local, domain)) = address.rsplit_once('@') else { return Self(fold(address)) };
        let domain = fold(domain);
        // `bücher.example` and `xn--bcher-kva.example` are one domain.
        let domain = idna::domain_to_ascii(&domain).unwrap_or(domain);
        Self(format!("{}@{domain}", fold(local)))
    }
}

impl fmt::Display for EmailKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Removes case and compatibility forms. Upper case comes first, because it joins ß with SS and ς with σ.
fn fold(text: &str) -> String {
    let once = |text: &str| text.nfkd().collect::<String>().to_uppercase().to_lowercase();
    // Case mapping may compose and decompose again; the second pass reaches a fixed point.
    once(&once(text)).nfkc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_and_unicode_form_do_not_distinguish_addresses() {
        for (one, other) in [
            ("ada@example.org", " ADA@Example.ORG "),
            ("josé@example.org", "JOSE\u{301}@example.org"),
            ("ada@example.org", "\u{ff41}\u{ff44}\u{ff41}@example.org"),
            ("ada@example.org", "ada@ex\u{ff41}mple.org"),
            ("kelvin@example.org", "\u{212a}elvin@example.org"),
            ("strasse@example.org", "stra\u{df}e@example.org"),
            ("οδός@example.org", "ΟΔΌΣ@example.org"),
            ("office@example.org", "o\u{fb03}ce@example.org"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@bücher.example", "ada@BU\u{308}CHER.example"),
            ("\u{130}@example.org", "i\u{307}@example.org"),
        ] {
            assert_eq!(EmailKey::of(one), EmailKey::of(other), "{one} {other}");
        }
    }

    #[test]
    fn different_addresses_have_different_keys() {
        for (one, other) in [
            ("ada@example.org", "adam@example.org"),
            ("ada@example.org", "ada@example.com"),
            ("jose@example.org", "josé@example.org"),
            ("a.da@example.org", "ada@example.org"),
            ("ada+x@example.org", "ada@example.org"),
            ("аda@example.org", "ada@example.org"),
            ("ada@b@example.org", "ada@example.org"),
        ] {
            assert_ne!(EmailKey::of(one), EmailKey::of(other), "{one} {other}");
        }
    }

    proptest! {
        #[test]
        fn every_case_and_form_of_a_text_has_the_same_key(text in "\\PC{0,12}") {
            let key = fold(&text);
            prop_assert_eq!(&fold(&key), &key, "folding twice");
            for other in [
                text.nfc().collect(),
                text.nfd().collect(),
                text.nfkc().collect(),
                text.nfkd().collect(),
                // Decomposed first: upper case turns the iota below a letter into a letter, and the marks after it
                // change sides.
                text.nfd().collect::<String>().to_uppercase(),
                text.to_lowercase(),
            ] as [String; 6] {
                prop_assert_eq!(fold(&other), key.clone(), "{:?}", other);
            }
        }
    }
}
