//! Counts the commits that changed what credentials stand for. What was looked up under one number
//! is still true while the number is the same.
//!
//! Invariant: the number goes up after the commit is on disk and before anyone is told of it, so
//! whoever was answered that a token is revoked never meets a look-up from before.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rusqlite::Connection;

/// Tables that a look-up of a credential reads. Each has row ids: SQLite tells of no other rows.
const TABLES: [&str; 4] = ["tokens", "access_tokens", "app_keys", "directories"];

/// Shared by the writer, which counts, and those who look up. Cheap to clone.
#[derive(Clone, Default)]
pub struct CredentialsVersion {
    committed: Arc<AtomicU64>,
    is_changing: Arc<AtomicBool>,
}

impl CredentialsVersion {
    /// Notices every row of [`TABLES`] that the connection changes.
    pub fn watch(&self, connection: &mut Connection) -> Result<(), rusqlite::Error> {
        let is_changing = Arc::clone(&self.is_changing);
        connection.update_hook(Some(move |_, _: &str, table: &str, _| {
            if TABLES.contains(&table) {
                is_changing.store(true, Ordering::Relaxed);
            }
        }))
    }

    /// Call it between a commit and its answers.
    pub fn publish(&self) {
        if self.is_changing.swap(false, Ordering::Relaxed) {
            self.committed.fetch_add(1, Ordering::Release);
        }
    }

    pub fn current(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }
}
