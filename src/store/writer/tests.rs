//! What becomes of jobs that share a transaction when one fails, panics, or the commit does.

use std::sync::mpsc;

use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::WriteTransaction;
use crate::base::time::Clock;
use crate::store::{OpenError, OpenOptions, ReadError, Refusal, Store, StoreThread, WriteError};

type Answer = Result<(), WriteError<Refused>>;

/// What a job says no with.
#[derive(Debug)]
struct Refused;

impl From<rusqlite::Error> for Refused {
    fn from(_: rusqlite::Error) -> Self {
        Self
    }
}

struct Scene {
    store: Store,
    thread: StoreThread,
    folder: TempDir,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, thread) = Store::open(&options(&folder)).expect("opens");
    Scene { store, thread, folder }
}

fn options(folder: &TempDir) -> OpenOptions {
    OpenOptions::new(folder.path().join("rosterd.db"), Clock::System)
}

impl Scene {
    /// Runs jobs that are certain to share a transaction.
    async fn together(&self, jobs: Vec<fn(&mut WriteTransaction<'_>) -> Result<(), Refused>>) -> Vec<Answer> {
        let (go, wait) = mpsc::channel::<()>();
        let (started, running) = mpsc::channel::<()>();
        let first = self.queue(move |_| {
            let _ = started.send(());
            let _ = wait.recv();
            Ok(())
        });
        tokio::task::spawn_blocking(move || running.recv()).await.expect("joined").expect("runs");
        let mut answers = Vec::new();
        for job in jobs {
            let queued = self.store.writes_queued();
            answers.push(self.queue(job));
            while self.store.writes_queued() == queued {
                tokio::task::yield_now().await;
            }
        }
        go.send(()).expect("the first one waits");
        first.await.expect("joined").expect("done");
        let mut came = Vec::new();
        for answer in answers {
            came.push(answer.await.expect("joined"));
        }
        came
    }

    fn queue(
        &self,
        job: impl FnOnce(&mut WriteTransaction<'_>) -> Result<(), Refused> + Send + 'static,
    ) -> JoinHandle<Answer> {
        let store = self.store.clone();
        tokio::spawn(async move { store.write_housekeeping(job).await })
    }

    /// What the jobs left, read by whoever opens the file next.
    fn left(self) -> Vec<String> {
        self.thread.stop(&self.store);
        let (store, thread) = Store::open(&options(&self.folder)).expect("opens");
        let names = store.read(|connection| -> Result<Vec<String>, rusqlite::Error> {
            let mut found = connection.prepare("SELECT name FROM settings WHERE name <> 'epoch' ORDER BY name")?;
            found.query_map([], |row| row.get(0))?.collect()
        });
        let names = names.expect("read");
        thread.stop(&store);
        names
    }
}

fn note(tx: &mut WriteTransaction<'_>, name: &str) -> Result<(), Refused> {
    Ok(tx.connection.execute("INSERT INTO settings (name, value) VALUES (?1, '')", [name]).map(drop)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_rolls_back_alone() {
    let scene = scene();
    let answers = scene
        .together(vec![
            |tx| note(tx, "a"),
            |tx| note(tx, "b").and(Err(Refused)),
            |tx| note(tx, "a"),
            |tx| note(tx, "c"),
        ])
        .await;
    let [Ok(()), Err(WriteError::Work(_)), Err(WriteError::Work(_)), Ok(())] = &answers[..] else {
        panic!("{answers:?}");
    };
    assert_eq!(scene.left(), ["a", "c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_transaction_is_nobodys_answer() {
    let scene = scene();
    let answers = scene
        .together(vec![
            |tx| note(tx, "a"),
            |tx| note(tx, "a"),
            // As SQLite does by itself when the disk fails.
            |tx| Ok(tx.connection.execute_batch("ROLLBACK")?),
            |tx| note(tx, "b"),
        ])
        .await;
    // The second one, too, was refused by what is not there.
    for answer in &answers {
        assert!(matches!(answer, Err(WriteError::Unavailable | WriteError::Unknown)), "{answers:?}");
    }
    assert!(matches!(scene.together(vec![|tx| note(tx, "c")]).await[..], [Ok(())]), "it goes on");
    assert_eq!(scene.left(), ["c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_is_unknown_to_all_and_ends_the_store() {
    let scene = scene();
    let answers = scene
        .together(vec![
            |tx| note(tx, "a"),
            |tx| note(tx, "a"),
            |tx| {
                Ok(tx.connection.execute_batch(
                    "PRAGMA defer_foreign_keys = ON;
                     INSERT INTO extension_schemas (directory_id, urn, resource_type, body) VALUES ('x', 'y', 'User', '{}')",
                )?)
            },
        ])
        .await;
    for answer in &answers {
        assert!(matches!(answer, Err(WriteError::Unknown)), "{answers:?}");
    }
    ended(&scene).await;
    assert_eq!(scene.left(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_panics_keeps_nothing_and_ends_the_store() {
    let scene = scene();
    let answers = scene.together(vec![|tx| note(tx, "a"), |_| panic!("on purpose"), |tx| note(tx, "b")]).await;
    for answer in &answers {
        assert!(matches!(answer, Err(WriteError::Unknown)), "{answers:?}");
    }
    ended(&scene).await;
    assert_eq!(scene.left(), [""; 0]);
}

/// Nothing is read or written any more.
async fn ended(scene: &Scene) {
    scene.store.failed().cancelled().await;
    let read = scene.store.read(|_| -> Result<(), rusqlite::Error> { Ok(()) });
    assert!(matches!(read, Err(ReadError::InDoubt)), "{read:?}");
    let written: Answer = scene.store.write_housekeeping(|_| Ok(())).await;
    let is_refused = matches!(written, Err(WriteError::Refused(Refusal::Stopping) | WriteError::Unknown));
    assert!(is_refused, "{written:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_one_writer() {
    let scene = scene();
    assert!(matches!(Store::open(&options(&scene.folder)), Err(OpenError::InUse { .. })));
    assert!(matches!(scene.together(vec![|tx| note(tx, "a")]).await[..], [Ok(())]), "the first one goes on");
    assert_eq!(scene.left(), ["a"]);
}
