//! Group commit alone: callers hand rows to one writing thread, which commits whatever has queued.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, TransactionBehavior, params};

const SCHEMA: &str = include_str!("../../src/store/migrations/001_first.sql");
const DOCUMENT_BYTES: usize = 1_500;
const VIEW_BYTES: usize = 400;
const EVENT_BYTES: usize = 2_200;
const JOBS_PER_COMMIT_MAX: usize = 512;
const DIRECTORY: &str = "01HQ0000000000000000000000";

/// One create that a caller waits for.
struct Job {
    number: u64,
    done: SyncSender<()>,
}

/// Measures for so long with so many callers, and prints one JSON line.
pub fn run(folder: &str, callers: &str, seconds: &str) -> io::Result<()> {
    let callers: u64 = callers.parse().map_err(io::Error::other)?;
    let seconds: u64 = seconds.parse().map_err(io::Error::other)?;
    let path = Path::new(folder).join("limits.db");
    let connection = open(&path).map_err(io::Error::other)?;
    let (sender, receiver) = sync_channel::<Job>(8_192);
    let writer = thread::spawn(move || write_all(connection, &receiver));
    let stop = Arc::new(AtomicBool::new(false));
    let made = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let waiting: Vec<_> = (0..callers)
        .map(|caller| {
            let (sender, stop, made) = (sender.clone(), stop.clone(), made.clone());
            thread::spawn(move || call(caller, &sender, &stop, &made))
        })
        .collect();
    drop(sender);
    thread::sleep(Duration::from_secs(seconds));
    stop.store(true, Ordering::Relaxed);
    for caller in waiting {
        caller.join().map_err(|_| io::Error::other("a caller panicked"))?;
    }
    let took = began.elapsed().as_secs_f64();
    let batches =
        writer.join().map_err(|_| io::Error::other("the writer panicked"))?.map_err(io::Error::other)?;
    let made = made.load(Ordering::Relaxed);
    println!(
        "{{\"per_second\":{:.0},\"batch\":{:.1},\"made\":{made}}}",
        made as f64 / took,
        made as f64 / batches.max(1) as f64
    );
    fs::remove_file(path)
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;
         PRAGMA secure_delete = ON;",
    )?;
    connection.execute_batch(SCHEMA)?;
    connection.execute_batch(&format!(
        "INSERT INTO organizations (id, name, created_at, updated_at) VALUES ('o', 'o', 0, 0);
         INSERT INTO directories (id, organization_id, external_key, name, provider, state, on_deactivate,
             created_at, updated_at) VALUES ('{DIRECTORY}', 'o', 'k', 'k', 'generic', 'linked', 'keep', 0, 0);
         INSERT INTO sequences (directory_id, organization_id, last) VALUES ('{DIRECTORY}', 'o', 0);"
    ))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// One caller: hands over a create, waits for its commit, and again.
fn call(caller: u64, sender: &SyncSender<Job>, stop: &AtomicBool, made: &AtomicU64) {
    let (done, committed) = sync_channel(1);
    let mut number = caller << 40;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        if sender.send(Job { number, done: done.clone() }).is_err() || committed.recv().is_err() {
            return;
        }
        made.fetch_add(1, Ordering::Relaxed);
    }
}

/// The writer: one transaction and one sync for whatever has queued; gives the number of batches.
fn write_all(mut connection: Connection, jobs: &Receiver<Job>) -> rusqlite::Result<u64> {
    let (document, view, event) =
        ("d".repeat(DOCUMENT_BYTES), "v".repeat(VIEW_BYTES), "e".repeat(EVENT_BYTES));
    let mut batches = 0;
    while let Ok(first) = jobs.recv() {
        let mut batch = vec![first];
        while batch.len() < JOBS_PER_COMMIT_MAX {
            let Ok(next) = jobs.try_recv() else { break };
            batch.push(next);
        }
        let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in &batch {
            let savepoint = transaction.savepoint()?;
            create(&savepoint, job.number, &document, &view, &event)?;
            savepoint.commit()?;
        }
        transaction.commit()?;
        batches += 1;
        for job in batch {
            job.done.send(()).unwrap_or_default();
        }
    }
    Ok(batches)
}

/// The rows that one create of a user costs.
fn create(rows: &Connection, number: u64, document: &str, view: &str, event: &str) -> rusqlite::Result<()> {
    let id = format!("01HQ{number:022}");
    let name = format!("user{number}@example.com");
    rows.prepare_cached(
        "INSERT INTO users (directory_id, id, status, visible, user_name, user_name_folded, external_id,
             display_folded, version, created_at, last_modified, updated_at, view, document)
         VALUES (?1, ?2, 0, 1, ?3, ?3, ?2, ?3, 1, ?4, ?4, ?4, ?5, ?6)",
    )?
    .execute(params![DIRECTORY, id, name, number as i64, view, document])?;
    for kind in 0..2 {
        rows.prepare_cached("INSERT INTO user_emails VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![DIRECTORY, name, kind, id])?;
    }
    let sequence: i64 = rows
        .prepare_cached("UPDATE sequences SET last = last + 1 WHERE directory_id = ?1 RETURNING last")?
        .query_row([DIRECTORY], |row| row.get(0))?;
    rows.prepare_cached(
        "INSERT INTO events (id, directory_id, organization_id, epoch, sequence, name, created_at, request_id, body)
         VALUES (?1, ?2, 'o', 1, ?3, 'dsync.user.created', ?4, ?1, ?5)",
    )?
    .execute(params![id, DIRECTORY, sequence, number as i64, event])?;
    rows.prepare_cached(
        "INSERT OR REPLACE INTO requests (directory_id, id, token_id, received_at, duration_micros, method, path,
             query, status, rules, resource_id, client_address, user_agent, body, body_bytes, body_cut, response_bytes)
         VALUES (?1, ?2, ?2, ?3, ?3, 'POST', '/scim/v2/k/Users', '', 201, '[]', ?2, '127.0.0.1', 'bench', ?4, ?5, 0, 0)",
    )?
    .execute(params![DIRECTORY, id, number as i64, document, document.len() as i64])?;
    Ok(())
}
