//! Devices that have signed in to an account before, recognised by a cookie (OWASP: device cookies).
//!
//! Failed sign-ins elsewhere slow strangers down, but must not lock the owner out. A browser gets a token when it
//! signs in, and keeps it after signing out. It grants no access: it names a device, whose attempts are counted
//! separately. IP addresses would not do, as neighbours share them and phones change them; nor would the list of
//! sessions, as it takes a query that unknown accounts would not.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use engine::Timestamp;
use rand::{TryRngCore as _, rngs::OsRng};
use sha2::{Digest as _, Sha256};

use crate::{jwt, secret::Secret, store::EmailKey};

/// How long a device is known, in seconds: a year.
pub(crate) const KNOWN_FOR: u64 = 365 * 24 * 60 * 60;
/// Accounts per browser.
const ACCOUNTS: usize = 4;
/// Separates tokens.
const BETWEEN: char = '~';
/// Most bytes of a cookie that are parsed.
const LONGEST: usize = 1024;
/// Separates these signatures from others by the same key.
const PURPOSE: &str = "known device";

/// The tokens of a browser, that of the most recent account first.
#[derive(Clone, Debug, Default)]
pub struct KnownDevices(Vec<String>);

impl KnownDevices {
    /// Parses a cookie without checking signatures.
    pub fn parse(cookie: &str) -> Self {
        if cookie.len() > LONGEST {
            return Self::default();
        }
        let plain = |token: &&str| {
            !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        };
        Self(cookie.split(BETWEEN).filter(plain).take(ACCOUNTS).map(str::to_owned).collect())
    }

    /// The cookie's value.
    pub fn to_cookie(&self) -> String {
        self.0.join(&BETWEEN.to_string())
    }

    /// The name of this device, if the account knows it.
    pub(super) fn name(&self, secret: &Secret, email: &str, now: Timestamp) -> Option<&str> {
        self.0.iter().find_map(|token| name(secret, token, email, now))
    }

    /// Adds an account that the browser has signed in to.
    pub(super) fn with(mut self, secret: &Secret, email: &str, now: Timestamp) -> Self {
        if let Some(index) = self.0.iter().position(|token| name(secret, token, email, now).is_some()) {
            // Keep the device's name, and with it its counted attempts.
            self.0.remove(index);
        }
        if let Some(token) = mint(secret, email, now) {
            self.0.insert(0, token);
        }
        self.0.truncate(ACCOUNTS);
        self
    }
}

/// `<name>.<end, in seconds since 1970>.<signature>`
fn mint(secret: &Secret, email: &str, now: Timestamp) -> Option<String> {
    let mut bytes = [0; 16];
    OsRng.try_fill_bytes(&mut bytes).ok()?;
    let name = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let end = seconds(now) + KNOWN_FOR;
    let signature = signature(secret, &name, end, email)?;
    Some(format!("{name}.{end}.{signature}"))
}

fn name<'a>(secret: &Secret, token: &'a str, email: &str, now: Timestamp) -> Option<&'a str> {
    let mut parts = token.split('.');
    let (name, end, signed) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    let rest = parts.next();
    // Compares hashes, so that the duration reveals nothing about the signature.
    let is_signed = Sha256::digest(signed) == Sha256::digest(signature(secret, name, end, email)?);
    (rest.is_none() && is_signed && seconds(now) < end).then_some(name)
}

fn signature(secret: &Secret, name: &str, end: u64, email: &str) -> Option<String> {
    jwt::signature(secret, &format!("{PURPOSE}\n{name}\n{end}\n{}", EmailKey::of(email)))
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.millis() / 1000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn secret(text: &str) -> Secret {
        let folder = tempfile::tempdir().unwrap();
        Secret::load(&Config { secret: Some(text.into()), ..Config::isolated(folder.path()) }).unwrap()
    }

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_device_is_known_to_its_account_only_and_for_a_year() {
        let secret = secret("one");
        let known = KnownDevices::default().with(&secret, "ann@example.org", NOW);
        let known = KnownDevices::parse(&known.to_cookie());
        assert!(known.name(&secret, " Ann@Example.org", NOW).is_some());
        assert_eq!(known.name(&secret, "bob@example.org", NOW), None);
        assert_eq!(known.name(&self::secret("two"), "ann@example.org", NOW), None);
        let year = i64::try_from(KNOWN_FOR * 1000).unwrap();
        assert!(known.name(&secret, "ann@example.org", NOW.plus(year - 1000)).is_some());
        assert_eq!(known.name(&secret, "ann@example.org", NOW.plus(year)), None);
    }

    #[test]
    fn a_browser_is_known_to_the_last_few_accounts() {
        let secret = secret("one");
        let email = |number: usize| format!("person{number}@example.org");
        let mut known = KnownDevices::default();
        for number in 0..6 {
            known = KnownDevices::parse(&known.with(&secret, &email(number), NOW).to_cookie());
        }
        let at: Vec<_> = (0..6).filter(|number| known.name(&secret, &email(*number), NOW).is_some()).collect();
        assert_eq!(at, [2, 3, 4, 5]);
        let again = known.clone().with(&secret, &email(3), NOW);
        assert_eq!((again.0.len(), again.0.first() == known.0.first()), (4, false));
        assert!(known.to_cookie().len() <= LONGEST);
    }

    #[test]
    fn invalid_tokens_name_no_device() {
        let secret = secret("one");
        for cookie in ["", "~~~", "a.b.c", "a..b", ".9999999999.", &"a".repeat(5000), "a.9999999999.é"] {
            let known = KnownDevices::parse(cookie);
            assert_eq!(known.name(&secret, "ann@example.org", NOW), None, "{cookie}");
        }
    }
}
