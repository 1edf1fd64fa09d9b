//! Credentials that were looked up, remembered until something about credentials changes: a login
//! storm or a provider's push asks for the same few again and again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::base::limits;
use crate::base::secret::TokenHash;

/// What hashes stand for, each with the version of the credentials under which it was looked up.
pub struct Remembered<T> {
    known: RwLock<HashMap<TokenHash, (u64, Arc<T>)>>,
}

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self { known: RwLock::default() }
    }
}

impl<T> Remembered<T> {
    /// What was remembered under this version and no other.
    pub fn find(&self, version: u64, hash: &TokenHash) -> Option<Arc<T>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).filter(|(then, _)| *then == version).map(|(_, value)| Arc::clone(value))
    }

    /// Remembers a look-up that was begun under `version`. Only credentials that are good come here, so
    /// guesses push nothing out.
    pub fn keep(&self, version: u64, hash: TokenHash, value: Arc<T>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if limits::CREDENTIALS_REMEMBERED_MAX <= known.len() && !known.contains_key(&hash) {
            known.clear();
        }
        known.insert(hash, (version, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: usize) -> TokenHash {
        TokenHash::of(&number.to_string())
    }

    #[test]
    fn another_version_forgets() {
        let remembered = Remembered::default();
        remembered.keep(1, hash(1), Arc::new("one"));
        assert_eq!(remembered.find(1, &hash(1)).as_deref(), Some(&"one"));
        assert_eq!(remembered.find(2, &hash(1)), None);
        assert_eq!(remembered.find(1, &hash(2)), None);
    }

    #[test]
    fn as_many_are_remembered_as_the_limit_says() {
        let remembered = Remembered::default();
        for number in 0..limits::CREDENTIALS_REMEMBERED_MAX {
            remembered.keep(1, hash(number), Arc::new(number));
        }
        assert!(remembered.find(1, &hash(0)).is_some());
        remembered.keep(1, hash(usize::MAX), Arc::new(0));
        assert!(remembered.find(1, &hash(0)).is_none());
        assert!(remembered.find(1, &hash(usize::MAX)).is_some());
    }
}
