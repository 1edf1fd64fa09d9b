//! Across directories: for the app's API, the operator and delivery alone.

pub mod alarms;
pub mod connectors;
pub mod credentials;
pub mod directories;
pub mod events;
pub mod groups;
pub mod health;
mod held;
mod mappings;
pub mod organizations;
mod preview;
pub mod requests;
mod select;
pub mod users;

use rusqlite::{CachedStatement, Connection};

use crate::base::id::{DirectoryId, Id, Kind};
use crate::base::text::fold;
use crate::base::time::Timestamp;

use super::directory::{DirectoryTransaction, DirectoryView};
use super::writer::WriteTransaction;

/// Reads across directories.
pub struct AppView<'c> {
    connection: &'c Connection,
}

impl<'c> AppView<'c> {
    pub(super) fn new(connection: &'c Connection) -> Self {
        Self { connection }
    }

    /// Reads one of the directories.
    pub fn directory_view(&self, id: DirectoryId) -> DirectoryView<'c> {
        DirectoryView::new(self.connection, id)
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'c>, rusqlite::Error> {
        self.connection.prepare_cached(sql)
    }
}

/// Changes anything.
pub struct AppTransaction<'t, 'w> {
    tx: &'t mut WriteTransaction<'w>,
    view: AppView<'w>,
}

impl<'t, 'w> AppTransaction<'t, 'w> {
    pub(super) fn new(tx: &'t mut WriteTransaction<'w>) -> Self {
        let view = AppView::new(tx.connection);
        Self { tx, view }
    }

    /// The moment of this transaction.
    pub fn now(&self) -> Timestamp {
        self.tx.now
    }

    /// A new identifier, greater than every one before it.
    pub fn new_id<K: Kind>(&mut self) -> Id<K> {
        self.tx.new_id()
    }

    pub fn view(&self) -> &AppView<'w> {
        &self.view
    }

    /// Changes one of the directories, in this transaction.
    pub fn directory(&mut self, id: DirectoryId) -> DirectoryTransaction<'_, 'w> {
        DirectoryTransaction::new(self.tx, id)
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'w>, rusqlite::Error> {
        self.view.connection.prepare_cached(sql)
    }
}

/// Whether a text has the part searched for, which is folded; no search is found everywhere.
fn contains(text: &str, search: Option<&str>) -> bool {
    search.is_none_or(|search| fold(text).contains(search))
}
