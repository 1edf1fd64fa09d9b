//! What can go wrong with the file.

use std::fmt;
use std::path::PathBuf;

/// The file can't be used.
#[derive(Debug)]
pub enum OpenError {
    Sqlite { path: PathBuf, doing: &'static str, source: rusqlite::Error },
    Io { path: PathBuf, doing: &'static str, source: std::io::Error },
    /// Made by a newer program.
    Newer { path: PathBuf, found: i64, known: i64 },
    /// Made by an older program, where it is only read.
    Older { path: PathBuf, found: i64, known: i64 },
    /// A file of another program.
    Foreign { path: PathBuf },
    /// SQLite doesn't do what we need.
    Setting { name: &'static str, wanted: String, found: String },
    /// Others than the owner may read or write it.
    Permissions { path: PathBuf, mode: u32 },
    /// Another process has it open for writing.
    InUse { path: PathBuf },
    /// There is no file to look at.
    NotThere { path: PathBuf },
    /// The data folder says that the file was there, but it is gone.
    Missing { path: PathBuf },
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path, doing, source } => write!(f, "{}: {doing}: {source}", path.display()),
            Self::Io { path, doing, source } => write!(f, "{}: {doing}: {source}", path.display()),
            Self::Newer { path, found, known } => write!(
                f,
                "{} was written by a newer rosterd (schema {found}; this program knows up to {known}): \
                 start that version, or restore a backup from before the upgrade",
                path.display()
            ),
            Self::Older { path, found, known } => write!(
                f,
                "{} was written by an older rosterd (schema {found}; this program reads {known}): \
                 start this version's daemon on it once, which brings it up to date",
                path.display()
            ),
            Self::Foreign { path } => write!(f, "{} is not a rosterd file: name another data folder", path.display()),
            Self::Setting { name, wanted, found } => {
                write!(f, "SQLite's {name} is {found}, but {wanted} is needed for durable writes")
            }
            Self::Permissions { path, mode } => write!(
                f,
                "{} may be read or written by others (mode {mode:04o}): run chmod go-rwx on it",
                path.display()
            ),
            Self::InUse { path } => write!(
                f,
                "{} is in use by another rosterd: stop that one first, or name another data folder",
                path.display()
            ),
            Self::NotThere { path } => {
                write!(f, "there is no {}: name the data folder of a daemon", path.display())
            }
            Self::Missing { path } => write!(
                f,
                "{} is missing though the folder had one: restore a backup, or remove the file `store.made` \
                 beside it to start with nothing",
                path.display()
            ),
        }
    }
}

impl std::error::Error for OpenError {}

/// A write that brought no answer of its own.
#[derive(Debug)]
pub enum WriteError<E> {
    /// The work itself said no; nothing of it was kept.
    Work(E),
    /// It was not even queued.
    Refused(Refusal),
    /// The store can't write now; nothing was kept.
    Unavailable,
    /// The commit failed in a way that leaves open whether it is on disk.
    Unknown,
}

/// Why a write was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// This directory has too many writes waiting: 429.
    DirectoryBusy,
    /// All together have too many: 503.
    StoreBusy,
    /// The store is stopping: 503.
    Stopping,
}

/// A read that brought no answer of its own.
#[derive(Debug)]
pub enum ReadError<E> {
    Work(E),
    /// The file could not be read, or its last commit is in doubt: 503, never an empty answer.
    InDoubt,
}
