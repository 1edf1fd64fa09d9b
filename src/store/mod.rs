//! The SQLite file: one writer thread, a few readers, all the SQL there is.
//!
//! Two handles reach the data: a directory scope, whose SQL sees one directory ([`directory`]), and
//! the app scope, which reads across directories ([`app`]). Looking a credential up by its hash
//! ([`credentials`]) is the one query without either.
//!
//! Decided 2026-11: identifiers are kept as the 26 characters of their ULID. Integer surrogates
//! would be smaller, but a directory's rows could then not be read or joined by a person with
//! `sqlite3`; a measured need for less disk would change our mind.

pub mod app;
pub mod credentials;
mod credentials_version;
pub mod directory;
mod error;
pub mod inspect;
mod migrate;
mod open;
mod queue;
mod reader;
mod room;
mod rows;
mod writer;

pub use error::{OpenError, ReadError, Refusal, WriteError};
pub use open::OpenOptions;
pub use queue::QueueLimits;
pub use writer::WriteTransaction;

/// An error of SQLite: layers above pass it on without looking inside.
pub type Error = rusqlite::Error;

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::model::scope::{AppScope, DirectoryScope};
use credentials_version::CredentialsVersion;
use queue::{Lane, Queue};
use reader::Readers;

/// The open file. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    queue: Arc<Queue>,
    readers: Arc<Readers>,
    committed: watch::Receiver<u64>,
    credentials_version: CredentialsVersion,
    failed: CancellationToken,
}

impl Store {
    /// Opens the file, makes or migrates its schema, and starts the writer.
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the file can't be opened, is newer than this program, or has settings
    /// that could not be put in force.
    pub fn open(options: &OpenOptions) -> Result<(Self, StoreThread), OpenError> {
        let writing = open::writing(options)?;
        let queue = Arc::new(Queue::new(options.queue));
        let readers = Arc::new(Readers::new(options.path.clone(), options.readers));
        let failed = CancellationToken::new();
        let started = writer::start(writing, Arc::clone(&queue), options, failed.clone())?;
        let writer::Started { thread, committed, credentials_version } = started;
        let store = Self { queue, readers, committed, credentials_version, failed };
        Ok((store, StoreThread { thread: Some(thread) }))
    }

    /// Changes one directory, in one transaction that is shared with others but rolls back alone.
    /// The answer comes after the commit is on disk.
    ///
    /// # Errors
    ///
    /// What `work` returned, or [`WriteError`] when it was not done or its outcome is unknown.
    pub async fn write_directory<T, E, F>(&self, scope: &DirectoryScope, work: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut directory::DirectoryTransaction<'_, '_>) -> Result<T, E> + Send + 'static,
        E: From<rusqlite::Error>,
    {
        let directory = scope.directory();
        self.write(Lane::Directory(directory), move |tx| {
            work(&mut directory::DirectoryTransaction::new(tx, directory))
        })
        .await
    }

    /// Changes anything, for the app and the operator.
    ///
    /// # Errors
    ///
    /// As [`Store::write_directory`].
    pub async fn write_app<T, E, F>(&self, _scope: &AppScope, work: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + From<rusqlite::Error> + 'static,
        F: FnOnce(&mut app::AppTransaction<'_, '_>) -> Result<T, E> + Send + 'static,
    {
        self.write(Lane::App, move |tx| work(&mut app::AppTransaction::new(tx))).await
    }

    /// Writes what no caller waits for in his own name: request records, last use of tokens.
    pub(crate) async fn write_housekeeping<T, E, F>(&self, work: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + From<rusqlite::Error> + 'static,
        F: FnOnce(&mut WriteTransaction<'_>) -> Result<T, E> + Send + 'static,
    {
        self.write(Lane::Housekeeping, work).await
    }

    async fn write<T, E, F>(&self, lane: Lane, work: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + From<rusqlite::Error> + 'static,
        F: FnOnce(&mut WriteTransaction<'_>) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.queue.push(lane, writer::job(work, reply)).map_err(WriteError::Refused)?;
        answer.await.unwrap_or(Err(WriteError::Unknown))
    }

    /// Reads one directory on this thread: for look-ups that take microseconds.
    pub fn read_directory<T, E>(
        &self,
        scope: &DirectoryScope,
        work: impl FnOnce(&directory::DirectoryView<'_>) -> Result<T, E>,
    ) -> Result<T, ReadError<E>> {
        let directory = scope.directory();
        self.read(|connection| work(&directory::DirectoryView::new(connection, directory)))
    }

    /// Reads one directory on a thread of its own: for scans and large pages.
    pub async fn scan_directory<T, E, F>(&self, scope: &DirectoryScope, work: F) -> Result<T, ReadError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&directory::DirectoryView<'_>) -> Result<T, E> + Send + 'static,
    {
        let directory = scope.directory();
        self.scan(move |connection| work(&directory::DirectoryView::new(connection, directory))).await
    }

    /// Reads across directories on this thread: for look-ups that take microseconds.
    pub fn read_app<T, E>(
        &self,
        _scope: &AppScope,
        work: impl FnOnce(&app::AppView<'_>) -> Result<T, E>,
    ) -> Result<T, ReadError<E>> {
        self.read(|connection| work(&app::AppView::new(connection)))
    }

    /// Reads across directories on a thread of its own: for scans and large pages.
    pub async fn scan_app<T, E, F>(&self, _scope: &AppScope, work: F) -> Result<T, ReadError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&app::AppView<'_>) -> Result<T, E> + Send + 'static,
    {
        self.scan(move |connection| work(&app::AppView::new(connection))).await
    }

    /// Looks a credential up: the one read that no scope is needed for.
    pub(crate) fn read_credentials<T, E>(
        &self,
        work: impl FnOnce(&credentials::Credentials<'_>) -> Result<T, E>,
    ) -> Result<T, ReadError<E>> {
        if self.failed.is_cancelled() {
            return Err(ReadError::InDoubt);
        }
        self.readers.read_statement(|connection| work(&credentials::Credentials::new(connection)))
    }

    /// The number under which credentials may be remembered: another one means that some have
    /// changed. None when the store is in doubt: then nothing that is remembered counts.
    pub(crate) fn credentials_version(&self) -> Option<u64> {
        (!self.failed.is_cancelled()).then(|| self.credentials_version.current())
    }

    fn read<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, ReadError<E>> {
        if self.failed.is_cancelled() {
            return Err(ReadError::InDoubt);
        }
        self.readers.read(work)
    }

    async fn scan<T, E, F>(&self, work: F) -> Result<T, ReadError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        if self.failed.is_cancelled() {
            return Err(ReadError::InDoubt);
        }
        let _permit = self.readers.scan_permit().await;
        let readers = Arc::clone(&self.readers);
        let run = move || readers.read(work);
        tokio::task::spawn_blocking(run).await.unwrap_or(Err(ReadError::InDoubt))
    }

    /// Changes its number with every commit that wrote events: long polls and streams wait for it.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.committed.clone()
    }

    /// Cancelled when a commit's outcome is unknown or the writer died: the process must end and
    /// start again from the file.
    pub fn failed(&self) -> CancellationToken {
        self.failed.clone()
    }

    /// How many write jobs wait now.
    pub fn writes_queued(&self) -> usize {
        self.queue.len()
    }
}

/// The writer's thread; [`StoreThread::stop`] lets it finish what is queued.
pub struct StoreThread {
    thread: Option<std::thread::JoinHandle<()>>,
}

impl StoreThread {
    /// Refuses new writes, commits those queued, closes the file, and waits for all that.
    pub fn stop(mut self, store: &Store) {
        // The writer closes the file last: then SQLite folds the log away and removes it.
        store.readers.close();
        store.queue.close();
        if let Some(thread) = self.thread.take() {
            // A panic of the writer was reported when it happened.
            let _ = thread.join();
        }
    }
}
