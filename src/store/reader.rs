//! Reading: a few read-only connections, each read in a short transaction of its own.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, SemaphorePermit};
use tracing::error;

use super::error::ReadError;
use super::open;

pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    scans: Semaphore,
}

impl Readers {
    pub fn new(path: PathBuf, scans_max: usize) -> Self {
        Self { path, idle: Mutex::new(Vec::new()), scans: Semaphore::new(scans_max) }
    }

    /// Waits until a long read may run; None when the store is closing.
    pub async fn scan_permit(&self) -> Option<SemaphorePermit<'_>> {
        self.scans.acquire().await.ok()
    }

    /// Runs `work` on a snapshot begun now: it sees every commit that was answered before.
    pub fn read<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, ReadError<E>> {
        let connection = self.take().map_err(|error| doubt(&error))?;
        begin(&connection).map_err(|error| doubt(&error))?;
        let result = work(&connection);
        // A read transaction has nothing to lose; a connection that can't end it is not used again.
        if end(&connection).is_ok() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        result.map_err(ReadError::Work)
    }

    /// Runs `work` without a transaction around it: for single statements, each of which sees every
    /// commit that was answered before.
    pub fn read_statement<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, ReadError<E>> {
        let connection = self.take().map_err(|error| doubt(&error))?;
        let result = work(&connection);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result.map_err(ReadError::Work)
    }

    pub fn close(&self) {
        self.scans.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn take(&self) -> Result<Connection, rusqlite::Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => open::reading(&self.path),
        }
    }
}

fn begin(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.prepare_cached("BEGIN DEFERRED")?.execute([]).map(|_| ())
}

fn end(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.prepare_cached("COMMIT")?.execute([]).map(|_| ())
}

fn doubt<E>(error: &rusqlite::Error) -> ReadError<E> {
    error!(%error, "the store could not be read");
    ReadError::InDoubt
}
