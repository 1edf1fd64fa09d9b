//! Opens the file with the settings that our promises rest on, and checks that they are in force.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use tracing::warn;
use ulid::Ulid;

use crate::base::time::Clock;

use super::error::OpenError;
use super::migrate;
use super::queue::QueueLimits;

/// SQLite before this loses a commit in a race of checkpoint and write.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// A write-ahead log beyond this is cut back when no reader needs it.
const WAL_BYTES_KEPT: u64 = 64 * 1024 * 1024;
/// How often the log's size is looked at.
pub const TRUNCATE_EVERY_COMMITS: u64 = 1_000;
const STATEMENTS_CACHED: usize = 128;

/// What the store is opened with.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    pub path: PathBuf,
    /// Long reads at a time.
    pub readers: usize,
    pub queue: QueueLimits,
    pub clock: Clock,
    /// Bytes of free disk below which nothing is written.
    pub free_space_min: u64,
}

impl OpenOptions {
    pub fn new(path: impl Into<PathBuf>, clock: Clock) -> Self {
        Self { path: path.into(), readers: 4, queue: QueueLimits::default(), clock, free_space_min: 0 }
    }
}

/// The one connection that writes. The lock goes last.
pub struct Writing {
    pub connection: Connection,
    pub lock: File,
}

/// The writer's connection: migrated, durable, checked.
pub fn writing(options: &OpenOptions) -> Result<Writing, OpenError> {
    let path = &options.path;
    assert!(
        SQLITE_VERSION_MIN <= rusqlite::version_number(),
        "this build has SQLite {}, which can lose commits",
        rusqlite::version()
    );
    let lock = lock(path)?;
    make_file(path)?;
    let at = |doing| move |source| OpenError::Sqlite { path: path.clone(), doing, source };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(at("opening"))?;
    migrate::check_owner(&connection, path)?;
    connection
        .execute_batch(
            "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             PRAGMA wal_autocheckpoint = 1000; PRAGMA journal_size_limit = 67108864;
             PRAGMA secure_delete = ON;",
        )
        .map_err(at("setting up durable writes"))?;
    harden(&connection).map_err(at("setting up"))?;
    check(&connection, path)?;
    migrate::run(&mut connection, path)?;
    Ok(Writing { connection, lock })
}

/// Two writers would give out the same numbers: the second one is refused before it opens the file.
/// The lock ends with the process, however that ends.
fn lock(path: &Path) -> Result<File, OpenError> {
    let io = |source| OpenError::Io { path: path.into(), doing: "locking it", source };
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let lock = options.open(path.with_file_name("store.lock")).map_err(io)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.into() }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

/// A connection that can only read.
pub fn reading(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA busy_timeout = 2000; PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0;")?;
    harden(&connection)?;
    Ok(connection)
}

fn harden(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.execute_batch(
        "PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // Plans must not depend on bound values: else a cached statement is parsed again at each use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_EXPR_DEPTH, 200)?;
    connection.set_limit(Limit::SQLITE_LIMIT_COMPOUND_SELECT, 10)?;
    connection.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 2_000)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(())
}

fn check(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let expected = [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("mmap_size", "0")];
    for (name, wanted) in expected {
        let found = connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
            .map_err(|source| OpenError::Sqlite { path: path.into(), doing: "reading its settings", source })?;
        let found = match found {
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        if found != wanted {
            return Err(OpenError::Setting { name, wanted: wanted.into(), found });
        }
    }
    Ok(())
}

/// Makes the file with mode 0600, or checks that no one else may touch the one that is there. A
/// marker beside it remembers that it was made, so that a lost file is never replaced by an empty one.
fn make_file(path: &Path) -> Result<(), OpenError> {
    let io = |doing: &'static str| move |source: io::Error| OpenError::Io { path: path.into(), doing, source };
    let marker = path.with_file_name("store.made");
    match fs::metadata(path) {
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(OpenError::Permissions { path: path.into(), mode });
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if marker.exists() {
                return Err(OpenError::Missing { path: path.into() });
            }
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true).mode(0o600).open(path).map_err(io("making it"))?;
        }
        Err(error) => return Err(io("looking at it")(error)),
    }
    if !marker.exists() {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600).open(&marker).map_err(io("marking it as made"))?;
    }
    Ok(())
}

/// Cuts the write-ahead log back when it has grown and no reader needs it.
pub fn truncate_large_wal(connection: &Connection) {
    let Some(path) = connection.path() else { return };
    // A look at the size opens nothing: opening the file here would drop SQLite's locks on it.
    let grown = fs::metadata(format!("{path}-wal")).is_ok_and(|wal| WAL_BYTES_KEPT < wal.len());
    if grown && let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        warn!(%error, "the write-ahead log could not be cut back");
    }
}

/// The id of the last event, after which the next ones must sort.
pub fn last_event(connection: &Connection, path: &Path) -> Result<Ulid, OpenError> {
    let text: Option<String> = connection
        .query_row("SELECT max(id) FROM events", [], |row| row.get(0))
        .map_err(|source| OpenError::Sqlite { path: path.into(), doing: "reading the last event", source })?;
    Ok(text.and_then(|text| Ulid::from_string(&text).ok()).unwrap_or(Ulid(0)))
}

/// The epoch of event sequences: a restore starts a new one.
pub fn epoch(connection: &Connection, path: &Path) -> Result<u32, OpenError> {
    connection
        .query_row("SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'epoch'", [], |row| row.get(0))
        .map_err(|source| OpenError::Sqlite { path: path.into(), doing: "reading the epoch", source })
}
