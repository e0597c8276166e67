//! Signed claims: JSON Web Tokens (RFC 7519) with HMAC-SHA256, and no other algorithm; and signatures of other texts,
//! such as the seed of an invitation.
//!
//! Our own, since the common library brings RSA along, which nothing here needs.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::secret::Secret;

/// Longest accepted token in bytes: ours have some hundreds.
const LONGEST: usize = 4096;
/// How far the clock of another process may be ahead, in seconds.
const CLOCK_SKEW: u64 = 5;

/// The header of every token.
#[derive(Serialize, Deserialize)]
struct Header {
    typ: String,
    alg: String,
}

/// Claims with an audience: a token for one purpose is invalid for others.
pub(crate) trait Claims: Serialize + DeserializeOwned {
    /// The purpose of tokens with these claims.
    const AUDIENCE: &'static str;

    /// The audience that these claims name.
    fn audience(&self) -> &str;

    /// When the token is valid; `None` if it never expires.
    fn validity(&self) -> Option<Validity>;
}

/// When a token is valid, according to its claims, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Validity {
    /// When it was signed (`iat`).
    pub(crate) issued_at: u64,
    /// When it expires (`exp`).
    pub(crate) expires_at: u64,
    /// Longest permitted lifetime in seconds.
    pub(crate) longest: u64,
}

impl Validity {
    /// Whether it is valid at `now`, by the verifier's clock: a signer whose clock is ahead must not extend the
    /// lifetime.
    fn holds_at(self, now: u64) -> bool {
        let Self { issued_at, expires_at, longest } = self;
        let life = expires_at.checked_sub(issued_at);
        issued_at <= now.saturating_add(CLOCK_SKEW) && now < expires_at && life.is_some_and(|life| life <= longest)
    }
}

/// Signs claims.
pub(crate) fn sign(secret: &Secret, claims: &impl Claims) -> String {
    let header = Header { typ: "JWT".to_owned(), alg: "HS256".to_owned() };
    // Claims are structs, which always serialise; an empty token is invalid.
    let (Ok(header), Ok(claims)) = (serde_json::to_vec(&header), serde_json::to_vec(claims)) else {
        return String::new();
    };
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let Some(signature) = signature(secret, &signed) else { return String::new() };
    format!("{signed}.{signature}")
}

/// This server's signature of a text.
pub(crate) fn signature(secret: &Secret, signed: &str) -> Option<String> {
    Some(BASE64_URL_SAFE_NO_PAD.encode(mac(secret, signed)?.finalize().into_bytes()))
}

/// The claims of a token that this server signed for this audience, if it is valid at `now`, in seconds since 1970.
pub(crate) fn verify<C: Claims>(secret: &Secret, token: &str, now: u64) -> Option<C> {
    if token.len() > LONGEST {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    // In constant time. Nothing is parsed before the signature is checked.
    mac(secret, signed)?.verify_slice(&decode(signature)?).ok()?;
    let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
    let claims: C = serde_json::from_slice(&decode(claims)?).ok()?;
    let good = claims.validity().is_none_or(|validity| validity.holds_at(now));
    (header.alg == "HS256" && claims.audience() == C::AUDIENCE && good).then_some(claims)
}

fn mac(secret: &Secret, signed: &str) -> Option<Hmac<Sha256>> {
    // HMAC accepts keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.bytes()).ok()?;
    mac.update(signed.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Ticket {
        sub: String,
        aud: String,
        exp: u64,
    }

    impl Claims for Ticket {
        const AUDIENCE: &'static str = "test";

        fn audience(&self) -> &str {
            &self.aud
        }

        fn validity(&self) -> Option<Validity> {
            Some(Validity { issued_at: 40, expires_at: self.exp, longest: 60 })
        }
    }

    fn secret(text: &str) -> Secret {
        let folder = tempfile::tempdir().unwrap();
        Secret::load(&Config { secret: Some(text.into()), ..Config::isolated(folder.path()) }).unwrap()
    }

    fn ticket(aud: &str) -> Ticket {
        Ticket { sub: "ann".into(), aud: aud.into(), exp: 100 }
    }

    fn read(token: &str) -> Option<Ticket> {
        verify(&secret("one"), token, 50)
    }

    #[test]
    fn own_tokens_are_valid_until_they_expire() {
        let token = sign(&secret("one"), &ticket("test"));
        assert_eq!(read(&token), Some(ticket("test")));
        assert_eq!(verify::<Ticket>(&secret("one"), &token, 99), Some(ticket("test")));
        assert_eq!(verify::<Ticket>(&secret("one"), &token, 100), None, "it ends");
        assert_eq!(verify::<Ticket>(&secret("two"), &token, 50), None, "another key");
        assert_eq!(read(&sign(&secret("one"), &ticket("other"))), None, "another audience");
    }

    #[test]
    fn the_verifier_limits_the_lifetime() {
        let good = |iat, exp, now| Validity { issued_at: iat, expires_at: exp, longest: 60 }.holds_at(now);
        assert!(good(100, 160, 100) && good(100, 160, 159) && !good(100, 160, 160), "from its beginning to its end");
        assert!(good(100, 160, 100 - CLOCK_SKEW) && !good(100, 160, 99 - CLOCK_SKEW), "from a clock that runs ahead");
        assert!(!good(100, 161, 100) && !good(0, u64::MAX, 100), "longer than any may");
        assert!(!good(100, 99, 98) && !good(u64::MAX, u64::MAX, 100), "turned around, or never begun");
    }

    #[test]
    fn a_token_of_the_former_library_is_valid() {
        // By jsonwebtoken 11.1, with this key: links in old letters must keep working.
        let earlier = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4iLCJhdWQiOiJ0ZXN0IiwiZXhwIjoxMDB9.00oFt0rzgU380cGBH5ERRy23M5Z8MoBJqVKA7n7AcPA";
        assert_eq!(read(earlier), Some(ticket("test")));
    }

    #[test]
    fn no_part_of_it_can_be_changed() {
        let token = sign(&secret("one"), &ticket("test"));
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            // Two letters may encode the same last bits; base64 accepts only one of them.
            assert!(other == token || read(&other).is_none(), "byte {at}");
        }
        let (signed, _) = token.rsplit_once('.').unwrap();
        for bad in ["", ".", "..", "a.b.c", &format!("{signed}."), signed, &format!("{token}."), &"a".repeat(5000)] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn another_algorithm_is_refused_even_with_the_right_key() {
        for alg in ["none", "HS512", "RS256"] {
            let encode = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
            let header = encode(format!(r#"{{"typ":"JWT","alg":"{alg}"}}"#));
            let signed = format!("{header}.{}", encode(serde_json::to_string(&ticket("test")).unwrap()));
            let signature = mac(&secret("one"), &signed).unwrap().finalize().into_bytes();
            let token = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
            assert_eq!(read(&token), None, "{alg}");
        }
    }
}
