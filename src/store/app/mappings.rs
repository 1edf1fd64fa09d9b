//! Runs over all users of a directory, across directories.

use crate::base::id::DirectoryId;

use super::super::rows::id_at;
use super::AppView;

impl AppView<'_> {
    /// Directories whose users are still to be mapped again, the first that began first.
    pub fn unfinished_remaps(&self) -> Result<Vec<DirectoryId>, rusqlite::Error> {
        self.prepare(
            "SELECT directory_id FROM remaps WHERE finished_at IS NULL ORDER BY started_at, directory_id",
        )?
        .query_map([], |row| id_at(row, 0))?
        .collect()
    }
}
