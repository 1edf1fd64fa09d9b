//! Seals secrets with a key that is kept outside the database.

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::secret::{Secret, random_bytes};

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
/// Comes first in everything sealed, so that another way may be told apart one day.
const FORM: u8 = 1;

/// The key. Nothing shows it.
pub struct SealingKey(LessSafeKey);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[sealing key]")
    }
}

/// The file of the key can't be used.
#[derive(Debug)]
pub enum KeyError {
    Io {
        path: PathBuf,
        source: io::Error,
    },
    /// Others than the owner may read or write it.
    Permissions {
        path: PathBuf,
        mode: u32,
    },
    /// It is not 32 bytes in base64.
    Form {
        path: PathBuf,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => {
                write!(f, "the key that seals credentials, {}: {source}", path.display())
            }
            Self::Permissions { path, mode } => write!(
                f,
                "the key that seals credentials, {}, may be read or written by others (mode {mode:04o}): run \
                 chmod go-rwx on it",
                path.display()
            ),
            Self::Form { path } => write!(
                f,
                "{} does not hold a key: it must be 32 random bytes in base64 (openssl rand -base64 32)",
                path.display()
            ),
        }
    }
}

impl std::error::Error for KeyError {}

/// What was sealed can't be opened: with another key, for another purpose, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOpened;

impl fmt::Display for NotOpened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the credentials were sealed with another key: put the file back that secrets.key_file named then, or \
             enter the credentials again",
        )
    }
}

impl std::error::Error for NotOpened {}

impl SealingKey {
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        #[expect(clippy::expect_used, reason = "the only error is a wrong length, which the type excludes")]
        let key = UnboundKey::new(&AES_256_GCM_SIV, &bytes).expect("a key of 32 bytes");
        Self(LessSafeKey::new(key))
    }

    /// Reads the key; makes it, for the owner alone, when there is no file.
    ///
    /// # Errors
    ///
    /// [`KeyError`].
    pub fn load_or_make(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::Io { path: path.to_owned(), source };
        let text = match fs::read_to_string(path) {
            Ok(text) => Secret::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::make(path).map_err(failed),
            Err(error) => return Err(failed(error)),
        };
        let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::Permissions { path: path.to_owned(), mode });
        }
        let bytes = STANDARD.decode(text.reveal().trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self::new).ok_or_else(|| KeyError::Form { path: path.to_owned() })
    }

    fn make(path: &Path) -> io::Result<Self> {
        let bytes = random_bytes::<KEY_BYTES>();
        let part = path.with_extension("part");
        match fs::remove_file(&part) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        file.write_all(STANDARD.encode(bytes).as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)?;
        Ok(Self::new(bytes))
    }

    /// Seals a text for one purpose: what is sealed for one row can't be moved to another.
    ///
    /// # Panics
    ///
    /// When the text is longer than the algorithm takes (gigabytes).
    pub fn seal(&self, purpose: &str, text: &str) -> Vec<u8> {
        let nonce = random_bytes::<NONCE_BYTES>();
        let mut sealed = text.as_bytes().to_vec();
        let done = self.0.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(purpose.as_bytes()),
            &mut sealed,
        );
        assert!(done.is_ok(), "a secret of {} bytes can't be sealed", text.len());
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(FORM);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`SealingKey::seal`] made for the same purpose.
    ///
    /// # Errors
    ///
    /// [`NotOpened`].
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Secret, NotOpened> {
        let [FORM, rest @ ..] = sealed else { return Err(NotOpened) };
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES).ok_or(NotOpened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened)?;
        let mut text = sealed.to_vec();
        let opened =
            self.0.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text).map_err(|_| NotOpened)?;
        std::str::from_utf8(opened).map(Secret::new).map_err(|_| NotOpened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_with_the_same_key_and_purpose_alone() {
        let key = SealingKey::new([1; 32]);
        let sealed = key.seal("connector 1", "hush");
        assert!(!sealed.windows(4).any(|bytes| bytes == b"hush"));
        assert_eq!(key.open("connector 1", &sealed), Ok(Secret::new("hush")));
        assert_eq!(key.open("connector 2", &sealed), Err(NotOpened));
        assert_eq!(SealingKey::new([2; 32]).open("connector 1", &sealed), Err(NotOpened));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open("connector 1", &changed), Err(NotOpened), "byte {at}");
        }
        assert_eq!(key.open("connector 1", &[]), Err(NotOpened));
        assert_ne!(sealed, key.seal("connector 1", "hush"), "each time with a nonce of its own");
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_and_refused_when_others_may_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret.key");
        let sealed = SealingKey::load_or_make(&path).expect("made").seal("p", "hush");
        let mode = fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert!(SealingKey::load_or_make(&path).expect("read").open("p", &sealed).is_ok());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        assert!(matches!(SealingKey::load_or_make(&path), Err(KeyError::Permissions { mode: 0o640, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        fs::write(&path, "short").expect("written");
        assert!(matches!(SealingKey::load_or_make(&path), Err(KeyError::Form { .. })));
    }
}
