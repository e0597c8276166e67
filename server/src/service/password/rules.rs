//! Rules for new passwords: long, without rules of composition, not on a list of common ones, and not one's own name
//! or address. After NIST SP 800-63B.

use engine::{ApiError, limit};
use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::{Score, zxcvbn};

/// Characters that are looked up. A password this long is not common because a part of it is.
const LOOKED_UP: usize = 64;
/// Shortest part of a name or address that is searched for, in bytes.
const WORD: usize = 3;
/// Characters other than digits that a password needs besides the user's own words.
const BESIDE: usize = 4;

/// Checks whether a user with this name and address may choose a password.
///
/// # Errors
/// `invalid` for its length, and `weak_password`.
pub(super) fn check(password: &str, name: &str, email: &str) -> Result<(), ApiError> {
    let (min, max) = (limit::PASSWORD_MIN, limit::PASSWORD_MAX);
    let normal: String = password.nfkc().collect();
    let typed = password.chars().count();
    // Composition shortens some texts and lengthens a few: neither makes a password longer.
    if typed.min(normal.chars().count()) < min || typed > max {
        return Err(refused("invalid", &format!("Use {min} to {max} characters.")));
    }
    let own = own_words(name, email);
    if is_own(&normal, &own) {
        return Err(refused("weak_password", "Don't use your name or e-mail address as the password."));
    }
    let known: Vec<&str> = own.iter().map(String::as_str).chain(["lockstep"]).collect();
    let looked_up: String = normal.chars().take(LOOKED_UP).collect();
    if zxcvbn(&looked_up, &known).score() < Score::Two {
        return Err(refused("weak_password", "This password is easy to guess. Try a few unrelated words."));
    }
    Ok(())
}

fn refused(code: &'static str, message: &str) -> ApiError {
    ApiError::new(422, code, message.to_owned()).on("password")
}

/// The parts of a name and an address, longest first, in the form of [`plain`].
fn own_words(name: &str, email: &str) -> Vec<String> {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let parts = [name, local].into_iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<String> = parts.chain([name, email, local, domain]).map(plain).collect();
    words.retain(|word| word.len() >= WORD);
    words.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    words.dedup();
    words
}

/// Whether a password is little more than the user's own words.
fn is_own(password: &str, own: &[String]) -> bool {
    let plain = plain(password);
    let rest = own.iter().fold(plain.clone(), |rest, word| rest.replace(word.as_str(), ""));
    rest.len() < plain.len() && rest.chars().filter(|c| !c.is_numeric()).count() < BESIDE
}

/// Letters and digits only, in lower case.
fn plain(text: &str) -> String {
    text.nfkc().collect::<String>().to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(password: &str) -> Option<String> {
        let checked = check(password, "Ada Lovelace", "countess@lovelace-family.example");
        checked.err().map(|error| {
            assert_eq!(error.field.as_deref(), Some("password"));
            error.code.into_owned()
        })
    }

    #[test]
    fn length_is_counted_in_characters_however_they_are_composed() {
        for short in ["", "nine char", "zq8#Lw!0p", &"e\u{301}".repeat(5), "\u{fdfa}", &"🂡".repeat(9)] {
            assert_eq!(code(short).as_deref(), Some("invalid"), "{short}");
        }
        assert_eq!(code(&format!("ze{}", "q8 blue fish ".repeat(20))).as_deref(), Some("invalid"), "too long");
        assert_eq!(code("zq8#Lw!0pV"), None);
        assert_eq!(code("пять слов о море"), None);
    }

    #[test]
    fn common_passwords_are_refused() {
        for common in [
            "1234567890",
            "0987654321",
            "password123",
            "Password123!",
            "P@ssw0rd123",
            "passwordpassword",
            "qwertyuiop",
            "qwerty12345",
            "1q2w3e4r5t",
            "1qaz2wsx3edc",
            "asdfghjkl;",
            "aaaaaaaaaa",
            "abcabcabcabc",
            "abcdefghijkl",
            "iloveyou123",
            "letmein1234",
            "administrator",
            "welcome123",
            "lockstep123",
            "2026-01-01",
            "ｐａｓｓｗｏｒｄ１２３",
            &"a".repeat(200),
        ] {
            assert_eq!(code(common).as_deref(), Some("weak_password"), "{common}");
        }
    }

    #[test]
    fn the_users_own_name_and_address_are_refused() {
        for own in [
            "countess@lovelace-family.example",
            "Ada Lovelace",
            "adalovelace1815",
            "LOVELACE-1815",
            "lovelace.ada!!!",
            "countess_countess",
            "lovelacefamily",
        ] {
            assert_eq!(code(own).as_deref(), Some("weak_password"), "{own}");
        }
        assert_eq!(
            check("Ольга Иванова", "Ольга Иванова", "o@b.example").map_err(|e| e.code.into_owned()),
            Err("weak_password".into())
        );
    }

    #[test]
    fn plain_words_without_digits_or_capitals_are_accepted() {
        for good in ["correct horse", "another horse", "lockstep-demo", "ada likes wooden trains", "a password for two"]
        {
            assert_eq!(code(good), None, "{good}");
        }
    }
}
