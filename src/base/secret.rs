//! Secrets: random bytes, tokens that can be recognised, hashes, constant-time comparison.

use std::fmt;

use aws_lc_rs::{constant_time, digest, rand};
use zeroize::Zeroize;

/// Text that must never be logged: `Debug` hides it, and it is wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The clear text; name every use of this in review.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// The SHA-256 of a token: what the store keeps. Tokens have 256 random bits, so a slow hash
/// would protect nothing and cost every request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    pub fn of(token: &str) -> Self {
        let mut bytes = [0_u8; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        Self(bytes)
    }

    /// Compares in a time that doesn't depend on where the two differ.
    pub fn matches(&self, other: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.0, other).is_ok()
    }
}

/// Random bytes from the operating system's generator, by way of aws-lc-rs (which needs no
/// `/dev/urandom`: the static binary runs in an empty root).
///
/// # Panics
///
/// When the system gives no randomness: going on would make guessable ids and tokens.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    assert!(rand::fill(&mut bytes).is_ok(), "the operating system gave no random bytes");
    bytes
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_CHARS: usize = 43;
const CHECKSUM_CHARS: usize = 6;

/// A new token: `prefix`, 43 base62 characters (256 random bits) and 6 of CRC-32, so that a leaked
/// one is recognised and a mistyped one refused before the store is asked.
pub fn new_token(prefix: &str) -> Secret {
    let mut text = String::with_capacity(prefix.len() + RANDOM_CHARS + CHECKSUM_CHARS);
    text.push_str(prefix);
    while text.len() < prefix.len() + RANDOM_CHARS {
        // 248 is the largest multiple of 62 in a byte: bytes above it would make some characters likelier.
        for byte in random_bytes::<64>().into_iter().filter(|byte| *byte < 248) {
            if text.len() < prefix.len() + RANDOM_CHARS {
                text.push(char::from(BASE62[usize::from(byte % 62)]));
            }
        }
    }
    let checksum = checksum(&text);
    text.push_str(&checksum);
    Secret::new(text)
}

/// Whether the text has the form of a token with this prefix, checksum included.
pub fn is_well_formed(token: &str, prefix: &str) -> bool {
    token.is_ascii()
        && token.len() == prefix.len() + RANDOM_CHARS + CHECKSUM_CHARS
        && token.starts_with(prefix)
        && token[token.len() - CHECKSUM_CHARS..] == checksum(&token[..token.len() - CHECKSUM_CHARS])
}

fn checksum(text: &str) -> String {
    let mut rest = u64::from(crc32(text.as_bytes()));
    let mut digits = [b'0'; CHECKSUM_CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[usize::try_from(rest % 62).unwrap_or(0)];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// CRC-32 (IEEE 802.3), bit by bit: a token has 60 characters, a table would be longer than this.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_token_is_well_formed_and_a_changed_one_is_not() {
        let token = new_token("rosterd_scim_");
        assert!(is_well_formed(token.reveal(), "rosterd_scim_"));
        assert!(!is_well_formed(token.reveal(), "sk_"));
        let mut changed = token.reveal().to_owned();
        let last = changed.pop();
        changed.push(if last == Some('0') { '1' } else { '0' });
        assert!(!is_well_formed(&changed, "rosterd_scim_"));
    }

    #[test]
    fn crc32_has_the_published_check_value() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn debug_never_shows_the_secret() {
        assert_eq!(format!("{:?}", Secret::new("hush")), "[secret]");
    }
}
