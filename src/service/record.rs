//! Request records: those of changes are written with the change itself, all others soon after.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use crate::base::id::{DirectoryId, RequestId, TokenId};
use crate::base::limits;
use crate::base::time::{Clock, Timestamp};
use crate::model::request_record::{RecordedBody, RequestRecord};
use crate::scim::dialect::Rule;
use crate::scim::field::mentions_password;
use crate::store::{Store, WriteError, WriteTransaction};

/// How long records that nobody waits for are gathered before they are written together.
const GATHER_MILLIS: u64 = 20;
/// How long an answer waits for its record at most.
const WAIT_MAX: Duration = Duration::from_secs(2);
const BATCH_MAX: usize = 512;
/// How often old records are looked for, and how many are removed at a time.
const PRUNE_EVERY: Duration = Duration::from_secs(60);
const PRUNED_PER_COMMIT: usize = 1_000;

/// Stands in a record where a secret was.
const REMOVED: &str = "[removed]";

/// Where a change comes from: the request's id and its record, complete but for the outcome.
#[derive(Debug, Clone)]
pub struct Origin {
    pub request_id: RequestId,
    pub record: RequestRecord,
    /// When the request arrived, for its duration.
    pub received: Instant,
}

impl Origin {
    /// The record of a request that was done.
    pub fn succeeded(&self, status: u16, resource_id: Option<String>, rules: &[Rule], dropped: Option<&str>) -> RequestRecord {
        let mut record = self.record.clone();
        record.status = status;
        record.resource_id = resource_id;
        record.note_rules(rules.iter().map(|rule| rule.name()));
        if let Some(dropped) = dropped {
            record.note_detail(dropped);
        }
        record.duration_micros = micros(self.received);
        record
    }
}

/// Microseconds since a moment.
pub fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Takes records without making anyone wait. Cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    notes: mpsc::Sender<Note>,
    reads: Arc<ReadAllowance>,
    dropped: Arc<AtomicU64>,
}

struct Note {
    what: Noted,
    /// Told when the note is on disk.
    waiting: Option<oneshot::Sender<()>>,
}

enum Noted {
    Record(Box<RequestRecord>),
    TokenUsed(DirectoryId, TokenId, Timestamp),
}

/// What the recorder's task needs; [`RecorderTask::run`] ends when all recorders are dropped.
pub struct RecorderTask {
    notes: mpsc::Receiver<Note>,
}

impl Recorder {
    pub fn new() -> (Self, RecorderTask) {
        let (sender, receiver) = mpsc::channel(limits::RECORDS_QUEUED_MAX);
        let recorder = Self { notes: sender, reads: Arc::default(), dropped: Arc::default() };
        (recorder, RecorderTask { notes: receiver })
    }

    /// Keeps a record of a request that changed nothing. The error of someone who proved who he is
    /// can be found from the moment he reads it: this waits until the record is written. Successful
    /// reads and failed proofs beyond [`limits::READ_RECORDS_PER_SEC_MAX`] are counted instead.
    pub async fn record(&self, record: RequestRecord) {
        let is_error = 400 <= record.status && record.status != 401;
        if is_error {
            return self.keep(record).await;
        }
        if !self.reads.take() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let what = Noted::Record(Box::new(record));
        if self.notes.try_send(Note { what, waiting: None }).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Keeps a record, however many there are, and waits until it is written.
    pub async fn keep(&self, record: RequestRecord) {
        self.note_and_wait(Noted::Record(Box::new(record))).await;
    }

    /// Notes when a token was last used.
    pub fn token_used(&self, directory: DirectoryId, token: TokenId, at: Timestamp) {
        // The next request brings another note.
        let _ = self.notes.try_send(Note { what: Noted::TokenUsed(directory, token, at), waiting: None });
    }

    /// Notes that a token was used for the first time, and waits until that is written: who has just
    /// set a connection up looks for it.
    pub async fn token_first_used(&self, directory: DirectoryId, token: TokenId, at: Timestamp) {
        self.note_and_wait(Noted::TokenUsed(directory, token, at)).await;
    }

    async fn note_and_wait(&self, what: Noted) {
        let (waiting, written) = oneshot::channel();
        let note = async {
            self.notes.send(Note { what, waiting: Some(waiting) }).await.ok()?;
            written.await.ok()
        };
        if !matches!(tokio::time::timeout(WAIT_MAX, note).await, Ok(Some(()))) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts records that were not kept. Whoever holds the count doesn't keep the recorder alive.
    pub fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }
}

/// How many successful reads may still be recorded in this second.
#[derive(Default)]
struct ReadAllowance {
    second_and_count: AtomicU64,
}

impl ReadAllowance {
    fn take(&self) -> bool {
        let second = u64::try_from(Timestamp::millis(Clock::System.now())).unwrap_or(0) / 1_000;
        let start = second << 32;
        let current = self.second_and_count.load(Ordering::Relaxed);
        if current >> 32 != second {
            self.second_and_count.store(start + 1, Ordering::Relaxed);
            return true;
        }
        let count = self.second_and_count.fetch_add(1, Ordering::Relaxed) & u64::from(u32::MAX);
        count < u64::from(limits::READ_RECORDS_PER_SEC_MAX)
    }
}

impl RecorderTask {
    /// Writes records until the last recorder is gone, and removes what is kept no longer.
    pub async fn run(mut self, store: Store, clock: Clock, keep: Retention) {
        let mut pruned = Instant::now();
        let mut batch = Vec::new();
        loop {
            // Without anything to write there is still something to remove now and then.
            match tokio::time::timeout(PRUNE_EVERY, self.notes.recv_many(&mut batch, BATCH_MAX)).await {
                Ok(0) => return,
                Ok(_) => {
                    self.gather(&mut batch).await;
                    write(&store, std::mem::take(&mut batch)).await;
                }
                Err(_) => {}
            }
            if PRUNE_EVERY <= pruned.elapsed() {
                pruned = Instant::now();
                prune(&store, clock.now(), keep).await;
            }
        }
    }
}

async fn write(store: &Store, batch: Vec<Note>) {
    let count = batch.len();
    let (whats, waiting): (Vec<Noted>, Vec<_>) = batch.into_iter().map(|note| (note.what, note.waiting)).unzip();
    let written = store
        .write_housekeeping(move |tx| -> Result<(), crate::store::Error> {
            whats.iter().try_for_each(|what| match what {
                Noted::Record(record) => match record.directory_id {
                    Some(directory) => tx.directory(directory).record_request(record),
                    None => Ok(()),
                },
                Noted::TokenUsed(directory, token, at) => tx.directory(*directory).token_used(*token, *at),
            })
        })
        .await;
    match written {
        Ok(()) => waiting.into_iter().flatten().for_each(|waiting| {
            // Whoever waited may have given up.
            let _ = waiting.send(());
        }),
        Err(_) => warn!(count, "request records could not be written"),
    }
}

impl RecorderTask {
    /// Waits a moment for more notes, unless somebody waits for one that is there.
    async fn gather(&mut self, batch: &mut Vec<Note>) {
        let deadline = tokio::time::Instant::now() + Duration::from_millis(GATHER_MILLIS);
        while batch.len() < BATCH_MAX && batch.iter().all(|note| note.waiting.is_none()) {
            match tokio::time::timeout_at(deadline, self.notes.recv()).await {
                Ok(Some(note)) => batch.push(note),
                Ok(None) | Err(_) => return,
            }
        }
    }
}

/// How long things are kept; None for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    pub requests: Option<Duration>,
    pub events: Option<Duration>,
}

async fn prune(store: &Store, now: Timestamp, keep: Retention) {
    let before = |keep: Duration| now.plus_millis(-i64::try_from(keep.as_millis()).unwrap_or(i64::MAX));
    if let Some(before) = keep.requests.map(before) {
        while let Ok(PRUNED_PER_COMMIT) = removed(store, move |tx| tx.prune_requests(before, PRUNED_PER_COMMIT)).await {}
    }
    if let Some(before) = keep.events.map(before) {
        while let Ok(PRUNED_PER_COMMIT) = removed(store, move |tx| tx.prune_events(before, PRUNED_PER_COMMIT)).await {}
    }
}

async fn removed(
    store: &Store,
    work: impl FnOnce(&mut WriteTransaction<'_>) -> Result<usize, crate::store::Error> + Send + 'static,
) -> Result<usize, WriteError<crate::store::Error>> {
    store.write_housekeeping(work).await
}

/// A JSON body for the record: passwords taken out, cut at [`limits::RECORDED_BODY_BYTES_MAX`].
pub fn recorded_body(body: &Value, bytes: usize) -> RecordedBody {
    let mut shown = body.clone();
    remove_passwords(&mut shown);
    let mut text = shown.to_string();
    let is_truncated = limits::RECORDED_BODY_BYTES_MAX < text.len();
    if is_truncated {
        text.truncate(text.floor_char_boundary(limits::RECORDED_BODY_BYTES_MAX));
    }
    RecordedBody { text, bytes: u64::try_from(bytes).unwrap_or(u64::MAX), is_truncated }
}

/// Takes out what may be a password: its attribute, wherever it is, and the value of an operation
/// whose path ends in it. The depth of a body is bounded when it is parsed.
fn remove_passwords(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(remove_passwords),
        Value::Object(object) => {
            let writes_password = object.iter().any(|(key, value)| {
                key.eq_ignore_ascii_case("path") && value.as_str().is_some_and(mentions_password)
            });
            for (key, value) in object.iter_mut() {
                if names_password(key) || (writes_password && key.eq_ignore_ascii_case("value")) {
                    *value = Value::String(REMOVED.into());
                } else {
                    remove_passwords(value);
                }
            }
        }
        // JSON within a text, a filter, a path with brackets.
        Value::String(text) if mentions_password(text) && text.contains(['{', '"']) => {
            *value = Value::String(REMOVED.into());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A query for the record: one that speaks of a password is left out whole.
pub fn recorded_query(query: &str) -> String {
    if mentions_password(query) { REMOVED.to_owned() } else { query.to_owned() }
}

fn names_password(name: &str) -> bool {
    name.to_ascii_lowercase().trim_end().ends_with("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_taken_out_wherever_they_are() {
        let body = serde_json::json!({
            "userName": "a", "Password": "hush",
            "Operations": [
                {"op": "replace", "path": "password", "value": "hush"},
                {"op": "replace", "value": {"urn:ietf:params:scim:schemas:core:2.0:User:password": "hush"}},
                {"op": "replace", "path": "title", "value": "kept"},
                {"op": "replace", "path": "password.value", "value": "hush"},
                {"op": "replace", "path": "password[value eq \"hush\"]"},
                {"op": "replace", "value": "{\"Password\": \"hush\"}"},
                {"op": "replace", "value": ["{\"password\": \"hush\""]},
            ],
            "filter": "password eq \"hush\"",
        });
        let text = recorded_body(&body, 10).text;
        assert!(!text.contains("hush"), "{text}");
        assert!(text.contains("kept"));
        assert_eq!(recorded_query("filter=passWord+eq+%22hush%22"), REMOVED);
        assert_eq!(recorded_query("filter=title+pr"), "filter=title+pr");
    }

    #[test]
    fn a_body_is_kept_up_to_its_limit_and_cut_beyond() {
        let fits = Value::String("x".repeat(limits::RECORDED_BODY_BYTES_MAX - 2));
        assert!(!recorded_body(&fits, 1).is_truncated);
        let long = Value::String("é".repeat(limits::RECORDED_BODY_BYTES_MAX));
        let cut = recorded_body(&long, 1);
        assert!(cut.is_truncated && cut.text.len() <= limits::RECORDED_BODY_BYTES_MAX);
    }
}
