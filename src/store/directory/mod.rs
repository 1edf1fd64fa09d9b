//! One directory's rows: every statement here names its directory.

mod alarms;
pub(super) mod brakes;
mod events;
pub(super) mod groups;
pub(super) mod held;
mod mappings;
mod members;
mod requests;
mod tokens;
pub(super) mod users;

pub use alarms::Raised;
pub use events::EventDraft;
pub use groups::{GroupRow, GroupWrite};
pub use held::{HeldRow, Waiting};
pub use mappings::{MappingRow, MappingVersion, RemapRow, RemapStep};
pub use members::Member;
pub use users::{UserRow, UserStatus, UserWrite};

use rusqlite::{CachedStatement, Connection};

use crate::base::id::{DirectoryId, Id, Kind};
use crate::base::time::Timestamp;
use crate::model::directory::Directory;

use super::app::directories::directory_with_schemas_version;
use super::writer::WriteTransaction;

/// Reads one directory.
pub struct DirectoryView<'c> {
    connection: &'c Connection,
    id: DirectoryId,
    /// The directory's id as the store keeps it.
    key: String,
}

impl<'c> DirectoryView<'c> {
    pub(super) fn new(connection: &'c Connection, id: DirectoryId) -> Self {
        Self { connection, id, key: id.ulid_text() }
    }

    pub fn id(&self) -> DirectoryId {
        self.id
    }

    /// The directory itself.
    pub fn directory(&self) -> Result<Option<Directory>, rusqlite::Error> {
        Ok(directory_with_schemas_version(self.connection, self.id)?.map(|(directory, _)| directory))
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'c>, rusqlite::Error> {
        self.connection.prepare_cached(sql)
    }
}

/// Changes one directory; reads through [`DirectoryTransaction::view`].
pub struct DirectoryTransaction<'t, 'w> {
    tx: &'t mut WriteTransaction<'w>,
    view: DirectoryView<'w>,
}

impl<'t, 'w> DirectoryTransaction<'t, 'w> {
    pub(super) fn new(tx: &'t mut WriteTransaction<'w>, directory: DirectoryId) -> Self {
        let view = DirectoryView::new(tx.connection, directory);
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

    pub fn view(&self) -> &DirectoryView<'w> {
        &self.view
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'w>, rusqlite::Error> {
        self.view.connection.prepare_cached(sql)
    }
}
