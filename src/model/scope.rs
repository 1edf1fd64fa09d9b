//! Scopes: what a holder may reach in the store. Only `service::authenticate` makes them.

use crate::base::id::DirectoryId;

/// Reaches the rows of one directory and no other.
#[derive(Debug, Clone)]
pub struct DirectoryScope {
    directory: DirectoryId,
}

impl DirectoryScope {
    pub(crate) fn new(directory: DirectoryId) -> Self {
        Self { directory }
    }

    pub fn directory(&self) -> DirectoryId {
        self.directory
    }
}

/// Reaches all directories: for the app's API, the operator and delivery.
#[derive(Debug, Clone)]
pub struct AppScope(());

impl AppScope {
    pub(crate) fn new() -> Self {
        Self(())
    }
}
