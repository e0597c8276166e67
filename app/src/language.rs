//! The language of the reader's browser.

/// The reader's language, as `Intl` takes it. In the browser only.
///
/// A browser on a machine without a locale reports `C` (WebKitGTK), which is not a language tag: `Intl` throws.
pub(crate) fn language() -> String {
    let reported = leptos::prelude::window().navigator().language();
    reported.filter(|tag| is_well_formed(tag)).unwrap_or_else(|| "en".to_owned())
}

/// Whether a tag is well-formed: a language of 2, 3 or 5 to 8 letters, then parts of 2 to 8 letters or digits.
/// Extensions (`en-u-hc-h23`) are rejected: browsers report none here.
fn is_well_formed(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    matches!(language.len(), 2..=3 | 5..=8)
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| matches!(part.len(), 2..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::is_well_formed;

    #[test]
    fn only_language_tags_are_handed_to_the_browser() {
        for tag in ["en", "de-AT", "zh-Hant-TW", "es-419", "gsw"] {
            assert!(is_well_formed(tag), "{tag}");
        }
        for tag in ["C", "POSIX-", "en_US", "", "-", "en-", "c.UTF-8", "日本"] {
            assert!(!is_well_formed(tag), "{tag}");
        }
    }
}
