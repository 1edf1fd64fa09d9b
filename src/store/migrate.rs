//! Brings the file's schema up to what this program knows, in one transaction, after a backup.

use std::cmp::Ordering;
use std::fs;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::Connection;
use tracing::info;

use super::error::OpenError;

/// Marks a file as ours: the bytes of `rstr`.
const APPLICATION_ID: i64 = 0x7273_7472;

/// Each step brings the file from the version of its index to the next one.
const STEPS: &[&str] = &[
    include_str!("migrations/001_first.sql"),
    include_str!("migrations/002_mapping.sql"),
    include_str!("migrations/003_lifecycle.sql"),
    include_str!("migrations/004_connectors.sql"),
];

/// Refuses a file that another program made.
pub fn check_owner(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let owner = pragma(connection, path, "application_id")?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|source| OpenError::Sqlite { path: path.into(), doing: "reading it", source })?;
    match (owner, tables) {
        (APPLICATION_ID, _) | (0, 0) => Ok(()),
        _ => Err(OpenError::Foreign { path: path.into() }),
    }
}

/// Refuses a file that this program can't read as it is.
pub fn check_readable(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    check_owner(connection, path)?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found = pragma(connection, path, "user_version")?;
    match found.cmp(&known) {
        Ordering::Greater => Err(OpenError::Newer { path: path.into(), found, known }),
        Ordering::Less => Err(OpenError::Older { path: path.into(), found, known }),
        Ordering::Equal => Ok(()),
    }
}

pub fn run(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    run_steps(connection, path, STEPS)
}

fn run_steps(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), OpenError> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let found = pragma(connection, path, "user_version")?;
    if known < found {
        return Err(OpenError::Newer { path: path.into(), found, known });
    }
    if found == known {
        return Ok(());
    }
    let at = |doing| move |source| OpenError::Sqlite { path: path.into(), doing, source };
    if 0 < found {
        copy_before(connection, path, known)?;
    }
    let tx = connection.transaction().map_err(at("beginning a migration"))?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(step).map_err(at("migrating it"))?;
    }
    if found == 0 {
        tx.execute("INSERT INTO settings (name, value) VALUES ('epoch', '1')", [])
            .map_err(at("migrating it"))?;
    }
    tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {known};"))
        .map_err(at("migrating it"))?;
    tx.commit().map_err(at("migrating it"))
}

/// Keeps the file as it is beside it, for its owner alone. What an earlier attempt left is replaced.
fn copy_before(connection: &Connection, path: &Path, known: i64) -> Result<(), OpenError> {
    const DOING: &str = "copying it before its schema changes";
    let io = |source| OpenError::Io { path: path.into(), doing: DOING, source };
    let copy = path.with_extension(format!("before-schema-{known}.db"));
    let part = path.with_extension("before-schema.part");
    info!(copy = %copy.display(), "copying the file before its schema changes");
    match fs::remove_file(&part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error)),
        Ok(()) | Err(_) => {}
    }
    // SQLite fills an empty file, and leaves it its mode.
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(io)?;
    connection.execute("VACUUM INTO ?1", [part.to_string_lossy()]).map_err(|source| OpenError::Sqlite {
        path: path.into(),
        doing: DOING,
        source,
    })?;
    file.sync_all().map_err(io)?;
    fs::rename(&part, &copy).map_err(io)
}

fn pragma(connection: &Connection, path: &Path, name: &'static str) -> Result<i64, OpenError> {
    connection
        .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
        .map_err(|source| OpenError::Sqlite { path: path.into(), doing: "reading its version", source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_file_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rosterd.db");
        let mut connection = Connection::open(&path).expect("opens");
        run(&mut connection, &path).expect("made");
        connection.execute_batch("PRAGMA user_version = 99").expect("set");
        assert!(matches!(run(&mut connection, &path), Err(OpenError::Newer { found: 99, .. })));
    }

    #[test]
    fn an_older_file_is_not_read_until_it_is_brought_up_to_date() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rosterd.db");
        let mut connection = Connection::open(&path).expect("opens");
        run_steps(&mut connection, &path, &STEPS[..1]).expect("made");
        connection
            .execute_batch(
                "INSERT INTO organizations (id, name, created_at, updated_at) VALUES ('o', 'O', 1, 1);
                 INSERT INTO directories (id, organization_id, external_key, name, provider, state, on_deactivate,
                                          created_at, updated_at)
                 VALUES ('d', 'o', 'd', 'D', 'okta', 'linked', 'keep', 1, 1);",
            )
            .expect("filled");
        assert!(matches!(check_readable(&connection, &path), Err(OpenError::Older { found: 1, .. })));
        run(&mut connection, &path).expect("brought up to date");
        assert!(check_readable(&connection, &path).is_ok());
        let brake: (String, i64) = connection
            .query_row("SELECT mode, silence_after_secs FROM brakes WHERE directory_id = 'd'", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .expect("a directory of before has a brake");
        assert_eq!(brake, ("alarm".to_owned(), 93_600));
    }

    #[test]
    fn a_step_that_fails_leaves_the_old_schema_and_a_copy() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rosterd.db");
        let mut connection = Connection::open(&path).expect("opens");
        run_steps(&mut connection, &path, &STEPS[..1]).expect("made");
        let broken = ["", "CREATE TABLE late (x INTEGER) STRICT; SELECT no_such_function();"];
        assert!(run_steps(&mut connection, &path, &broken).is_err());
        assert_eq!(pragma(&connection, &path, "user_version").expect("read"), 1);
        let late: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'late'", [], |row| row.get(0))
            .expect("read");
        assert_eq!(late, 0);
        let copy = folder.path().join("rosterd.before-schema-2.db");
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&copy).expect("a copy"));
        assert_eq!(mode & 0o777, 0o600, "the copy is no more open than the file");
        assert!(run_steps(&mut connection, &path, &["", "CREATE TABLE late (x INTEGER) STRICT;"]).is_ok());
    }

    #[test]
    fn a_file_of_another_program_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("other.db");
        let connection = Connection::open(&path).expect("opens");
        connection.execute_batch("CREATE TABLE theirs (x)").expect("made");
        assert!(matches!(check_owner(&connection, &path), Err(OpenError::Foreign { .. })));
    }
}
