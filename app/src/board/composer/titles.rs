//! Splits typed or pasted text into titles.

use engine::limit;

use crate::ui::field::one_line;

/// The most cards that pasted lines create at once.
const MOST: usize = 100;

/// The lines of a text that are not blank.
pub(super) fn lines(text: &str) -> Vec<&str> {
    text.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// Several lines joined to one title.
pub(super) fn joined(text: &str) -> Vec<String> {
    vec![lines(text).join(" ")]
}

/// One title per line.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    let lines = lines(text);
    if lines.len() > MOST {
        return Err(format!("{} lines. Add at most {MOST} cards at once.", lines.len()));
    }
    Ok(lines.into_iter().map(str::to_owned).collect())
}

/// The titles if all are valid, or else why one is not.
pub(super) fn checked(titles: &[String]) -> Result<Vec<String>, String> {
    let check = |(at, title): (usize, &String)| {
        one_line(title, limit::TITLE, false)
            .map_err(|reason| if titles.len() > 1 { format!("Line {}: {reason}", at + 1) } else { reason })
    };
    titles.iter().enumerate().map(check).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_lines_are_one_card_or_one_each() {
        let pasted = " One\r\n\n  Two \nThree\n";
        assert_eq!(lines(pasted), ["One", "Two", "Three"]);
        assert_eq!(joined(pasted), ["One Two Three"]);
        assert_eq!(split(pasted), Ok(vec!["One".to_owned(), "Two".to_owned(), "Three".to_owned()]));
        assert!(split(&"x\n".repeat(MOST + 1)).is_err());
    }

    #[test]
    fn a_title_that_is_too_long_adds_nothing() {
        let titles = ["Fits".to_owned(), "x".repeat(700)];
        assert_eq!(checked(&titles), Err("Line 2: 700 characters. At most 500 fit.".to_owned()));
        assert_eq!(checked(&titles[1..]), Err("700 characters. At most 500 fit.".to_owned()));
        assert_eq!(checked(&titles[..1]), Ok(vec!["Fits".to_owned()]));
    }
}
