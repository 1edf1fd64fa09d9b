//! The writer: one thread, one connection, many jobs in one transaction, one sync for all.

use std::fs::File;
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};
use ulid::Ulid;

use crate::base::id::{DirectoryId, EventId, Id, Kind};
use crate::base::limits;
use crate::base::time::{Clock, Timestamp};

use super::credentials_version::CredentialsVersion;
use super::directory::DirectoryTransaction;
use super::error::{OpenError, WriteError};
use super::open::{self, OpenOptions, Writing};
use super::queue::Queue;
use super::room::Room;

/// Work for the writer. It returns whether its changes are to be kept, and how to tell its caller.
pub type Job = Box<dyn FnOnce(&mut WriteTransaction<'_>) -> Done + Send>;

pub struct Done {
    kept: bool,
    reply: Box<dyn FnOnce(Outcome) + Send>,
}

impl Done {
    #[cfg(test)]
    pub fn for_test() -> Self {
        Self { kept: true, reply: Box::new(|_| {}) }
    }
}

/// What became of the transaction that a job was in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Committed,
    NotDone,
    Unknown,
}

/// Makes a job of `work`: its answer is sent when the commit is on disk. An error, too, waits for
/// the commit, since it may be due to a change of the same batch.
pub fn job<T, E, F>(work: F, reply: oneshot::Sender<Result<T, WriteError<E>>>) -> Job
where
    T: Send + 'static,
    E: Send + 'static,
    F: FnOnce(&mut WriteTransaction<'_>) -> Result<T, E> + Send + 'static,
{
    Box::new(move |tx| {
        let result = work(tx);
        Done {
            kept: result.is_ok(),
            reply: Box::new(move |outcome| {
                let answer = match (result, outcome) {
                    (Ok(value), Outcome::Committed) => Ok(value),
                    (Err(error), Outcome::Committed) => Err(WriteError::Work(error)),
                    // What was refused may have been so by a change that is lost.
                    (_, Outcome::NotDone) => Err(WriteError::Unavailable),
                    (_, Outcome::Unknown) => Err(WriteError::Unknown),
                };
                // A caller that went away is no concern of the writer.
                let _ = reply.send(answer);
            }),
        }
    })
}

/// One job's part of the running transaction.
pub struct WriteTransaction<'a> {
    pub(super) connection: &'a Connection,
    pub(super) now: Timestamp,
    pub(super) last_id: &'a mut Ulid,
    pub(super) events_written: &'a mut u64,
    pub(super) epoch: u32,
}

impl<'a> WriteTransaction<'a> {
    /// The moment of this job.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Changes one directory, in this transaction.
    pub(crate) fn directory(&mut self, id: DirectoryId) -> DirectoryTransaction<'_, 'a> {
        DirectoryTransaction::new(self, id)
    }

    /// A new identifier, greater than every one before it, whatever the clock says: ids sort in the
    /// order in which their things were made.
    pub(crate) fn new_id<K: Kind>(&mut self) -> Id<K> {
        let fresh = Id::<K>::new(self.now).ulid();
        let next = match *self.last_id < fresh {
            true => fresh,
            // Only after 2^80 of them in one millisecond would there be none left.
            false => Ulid(self.last_id.0 + 1),
        };
        *self.last_id = next;
        Id::from_ulid(next)
    }

    /// Tells those who wait for commits of this one, as an event would.
    pub(super) fn wake_waiters(&mut self) {
        *self.events_written += 1;
    }

    /// The id of an event that is written now.
    pub(super) fn next_event_id(&mut self) -> EventId {
        *self.events_written += 1;
        self.new_id()
    }
}

/// A writer that runs.
pub struct Started {
    pub thread: JoinHandle<()>,
    /// Changes with every commit that wrote events.
    pub committed: watch::Receiver<u64>,
    pub credentials_version: CredentialsVersion,
}

/// Starts the writer's thread.
pub fn start(
    Writing { mut connection, lock }: Writing,
    queue: Arc<Queue>,
    options: &OpenOptions,
    failed: CancellationToken,
) -> Result<Started, OpenError> {
    let last_id = open::last_event(&connection, &options.path)?;
    let epoch = open::epoch(&connection, &options.path)?;
    let (signal, committed) = watch::channel(0_u64);
    let credentials_version = CredentialsVersion::default();
    credentials_version.watch(&mut connection).map_err(|source| OpenError::Sqlite {
        path: options.path.clone(),
        doing: "watching the credentials",
        source,
    })?;
    let room = Room::new(&options.path, options.free_space_min);
    let mut writer = Writer {
        connection,
        clock: options.clock.clone(),
        last_id,
        epoch,
        signal,
        credentials_version: credentials_version.clone(),
        commits: 0,
        room,
        _lock: lock,
    };
    let on_exit = FailOnPanic { queue: Arc::clone(&queue), failed };
    let body = move || {
        let on_exit = on_exit;
        match writer.serve(&on_exit.queue) {
            Ended::Asked => std::mem::forget(on_exit),
            Ended::InDoubt => drop(on_exit),
        }
    };
    let thread = std::thread::Builder::new().name("rosterd-writer".into()).spawn(body);
    let thread = thread.map_err(|source| OpenError::Io {
        path: options.path.clone(),
        doing: "starting the writer",
        source,
    })?;
    Ok(Started { thread, committed, credentials_version })
}

/// Tells the process that the store can't go on, also when the writer panics.
struct FailOnPanic {
    queue: Arc<Queue>,
    failed: CancellationToken,
}

impl Drop for FailOnPanic {
    fn drop(&mut self) {
        self.failed.cancel();
        self.queue.abandon();
    }
}

enum Ended {
    Asked,
    InDoubt,
}

struct Writer {
    connection: Connection,
    clock: Clock,
    last_id: Ulid,
    epoch: u32,
    signal: watch::Sender<u64>,
    credentials_version: CredentialsVersion,
    commits: u64,
    room: Room,
    /// Given up after the connection is closed.
    _lock: File,
}

impl Writer {
    fn serve(&mut self, queue: &Queue) -> Ended {
        while let Some(batch) = queue.take_batch(limits::WRITES_PER_COMMIT_MAX) {
            if !self.room.is_enough() {
                // Dropping the jobs tells their callers that nothing was done.
                continue;
            }
            if let Err(commit_failed) = self.commit(batch) {
                error!(error = %commit_failed, "a commit's outcome is unknown: stopping, to start again from the file");
                return Ended::InDoubt;
            }
            self.commits += 1;
            if self.commits.is_multiple_of(open::TRUNCATE_EVERY_COMMITS) {
                open::truncate_large_wal(&self.connection);
            }
        }
        if let Err(error) = self.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
            warn!(%error, "the last checkpoint was not done; the next start does it");
        }
        Ended::Asked
    }

    /// Runs a batch in one transaction. The error is that of COMMIT alone: whatever fails before
    /// it is answered to the callers as not done.
    fn commit(&mut self, batch: Vec<Job>) -> Result<(), rusqlite::Error> {
        if let Err(error) = self.execute("BEGIN IMMEDIATE") {
            warn!(%error, "a transaction could not begin; its callers are asked to try again");
            // Dropping the jobs tells their callers that there is no answer.
            return Ok(());
        }
        let mut events_written = 0;
        let mut done = Vec::with_capacity(batch.len());
        for job in batch {
            match self.run(job, &mut events_written) {
                Ok(one) => done.push(one),
                Err(error) => {
                    warn!(%error, "a transaction was lost; its callers are asked to try again");
                    // SQLite rolls back by itself on some errors; then this one changes nothing.
                    let _ = self.execute("ROLLBACK");
                    reply(done, Outcome::NotDone);
                    return Ok(());
                }
            }
        }
        match self.execute("COMMIT") {
            Ok(()) => {
                self.credentials_version.publish();
                reply(done, Outcome::Committed);
                if 0 < events_written {
                    self.signal.send_modify(|count| *count += events_written);
                }
                Ok(())
            }
            Err(error) => {
                reply(done, Outcome::Unknown);
                Err(error)
            }
        }
    }

    fn run(&mut self, job: Job, events_written: &mut u64) -> Result<Done, rusqlite::Error> {
        self.execute("SAVEPOINT job")?;
        let events_before = *events_written;
        let mut tx = WriteTransaction {
            connection: &self.connection,
            now: self.clock.now(),
            last_id: &mut self.last_id,
            events_written,
            epoch: self.epoch,
        };
        let done = job(&mut tx);
        if !done.kept {
            *events_written = events_before;
            self.execute("ROLLBACK TO job")?;
        }
        self.execute("RELEASE job")?;
        Ok(done)
    }

    fn execute(&self, sql: &'static str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }
}

fn reply(done: Vec<Done>, outcome: Outcome) {
    for one in done {
        (one.reply)(outcome);
    }
}

#[cfg(test)]
mod tests;
