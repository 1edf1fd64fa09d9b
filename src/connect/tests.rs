//! Whole runs: from files in a folder to users and events in a store of its own.

use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::base::time::Clock;
use crate::model::connector::{Outcome, RunReport};
use crate::model::directory::DirectoryState;
use crate::service::app::connectors::{Verdict, decide_removals, list_runs, put_connector, read_connector};
use crate::service::app::directories::{NewDirectory, create_directory, read_directory};
use crate::service::record::Retention;
use crate::service::{AppCaller, Recorder};
use crate::store::directory::UserStatus;
use crate::store::{OpenOptions, Store, StoreThread};
use crate::web::client::ClientOptions;

/// A directory that pulls from `people.csv` in a folder.
struct Scene {
    connectors: Arc<Connectors>,
    context: Context,
    directory: DirectoryId,
    folder: TempDir,
    _thread: StoreThread,
}

const HEADER: &str = "id,login,name,state\n";

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let options = OpenOptions::new(folder.path().join("rosterd.db"), Clock::System);
        let (store, thread) = Store::open(&options).expect("opens");
        let (recorder, task) = Recorder::new();
        tokio::spawn(task.run(store.clone(), Clock::System, Retention::default()));
        let context = Context::new(store, Clock::System, "https://scim.example.com", recorder);
        let connectors = connectors(&context, &folder, [7; 32]);
        let operator = AppCaller::operator();
        let made = create_directory(&context, &operator, NewDirectory::named("Acme")).await.expect("made");
        let directory = made.directory.id;
        fs::create_dir(folder.path().join("hr")).expect("made");
        let settings = json!({
            "type": "file", "folder": "hr", "bearer": "hush-hush",
            "columns": {"externalId": "id", "userName": "login", "displayName": "name"},
            "active": {"column": "state", "values": ["active"]},
        });
        let checked = connectors.read(settings.as_object().expect("an object").clone()).expect("understood");
        let sealed = connectors.seal(directory, checked).expect("sealed");
        put_connector(&context, &operator, directory, sealed).await.expect("put");
        Self { connectors, context, directory, folder, _thread: thread }
    }

    fn write(&self, text: &str) {
        fs::write(self.folder.path().join("hr/people.csv"), text).expect("written");
    }

    /// A file of so many, each active but for those named.
    fn people(numbers: impl Iterator<Item = usize>, gone: &[usize]) -> String {
        let row = |at: usize| {
            let state = if gone.contains(&at) { "left" } else { "active" };
            format!("{at},p{at}@example.com,Person {at},{state}\n")
        };
        HEADER.to_owned() + &numbers.map(row).collect::<String>()
    }

    async fn pull(&self) -> RunReport {
        self.connectors.pull(self.directory).await;
        let runs = list_runs(&self.context, &AppCaller::operator(), self.directory).expect("runs");
        runs.into_iter().next().expect("a run")
    }

    fn active(&self) -> usize {
        let scope = crate::model::scope::DirectoryScope::new(self.directory);
        let read = |view: &crate::store::directory::DirectoryView<'_>| -> Result<usize, crate::store::Error> {
            Ok(view.users_with_status_after(UserStatus::Active, None, 1_000)?.len())
        };
        self.context.store.read_directory(&scope, read).expect("read")
    }
}

fn connectors(context: &Context, folder: &TempDir, key: [u8; 32]) -> Arc<Connectors> {
    let options = ConnectorOptions {
        client: Client::new(&ClientOptions::default()).expect("a client"),
        key: Ok(SealingKey::new(key)),
        folder: Some(folder.path().to_owned()),
        patience: RunPatience::Moments,
    };
    Connectors::new(context.clone(), options)
}

#[tokio::test]
async fn an_unchanged_file_changes_nothing_and_a_reordered_one_neither() {
    let scene = Scene::new().await;
    scene.write(&Scene::people(0..30, &[]));
    let first = scene.pull().await;
    assert_eq!((first.outcome, first.counts.users_created, scene.active()), (Outcome::Complete, 30, 30));
    scene.write(&Scene::people((0..30).rev(), &[]));
    let second = scene.pull().await;
    let counts = second.counts;
    let changes =
        [counts.users_created, counts.users_updated, counts.users_deactivated, counts.users_removed];
    assert_eq!((second.outcome, changes), (Outcome::Complete, [0; 4]));
}

#[tokio::test]
async fn a_cut_file_removes_nobody_and_a_whole_one_does() {
    let scene = Scene::new().await;
    scene.write(&Scene::people(0..30, &[]));
    scene.pull().await;
    let whole = Scene::people(0..28, &[3]);
    scene.write(whole.trim_end());
    let cut = scene.pull().await;
    assert_eq!((cut.outcome, cut.counts.users_removed), (Outcome::Partial, 0));
    assert!(cut.error.is_some() && cut.hint.is_some());
    // What it says in as many words is believed all the same.
    assert_eq!((cut.counts.users_deactivated, scene.active()), (1, 29));
    // The control: with its last line break the same file removes who is not in it.
    scene.write(&whole);
    let complete = scene.pull().await;
    assert_eq!((complete.outcome, complete.counts.users_removed, scene.active()), (Outcome::Complete, 2, 27));
}

#[tokio::test]
async fn an_empty_listing_removes_nobody() {
    let scene = Scene::new().await;
    scene.write(&Scene::people(0..3, &[]));
    scene.pull().await;
    scene.write(HEADER);
    let empty = scene.pull().await;
    assert_eq!((empty.outcome, scene.active()), (Outcome::Partial, 3));
}

#[tokio::test]
async fn a_wave_of_removals_waits_for_a_person() {
    let scene = Scene::new().await;
    scene.write(&Scene::people(0..30, &[]));
    scene.pull().await;
    scene.write(&Scene::people(0..24, &[]));
    let held = scene.pull().await;
    assert_eq!((held.outcome, held.counts.waiting, scene.active()), (Outcome::Complete, 6, 30));
    let operator = AppCaller::operator();
    decide_removals(&scene.context, &operator, scene.directory, Verdict::Approve).await.expect("approved");
    let approved = scene.pull().await;
    assert_eq!((approved.counts.users_removed, scene.active()), (6, 24));
    let again = decide_removals(&scene.context, &operator, scene.directory, Verdict::Approve).await;
    assert!(matches!(again, Err(AppFailure::Conflict { code: "nothing_waits", .. })));
}

#[tokio::test]
async fn who_left_in_a_wave_and_is_said_to_have_left_does_not_wait() {
    let scene = Scene::new().await;
    scene.write(&Scene::people(0..30, &[]));
    scene.pull().await;
    let gone: Vec<usize> = (0..20).collect();
    scene.write(&Scene::people(0..30, &gone));
    let run = scene.pull().await;
    assert_eq!((run.counts.users_deactivated, run.counts.waiting, scene.active()), (20, 0, 10));
}

#[tokio::test]
async fn two_who_swap_names_with_others_are_both_served() {
    let scene = Scene::new().await;
    scene.write("id,login,name,state\n1,ann@x.org,Ann,active\n2,bob@x.org,Bob,active\n");
    scene.pull().await;
    // Bob takes the name that Ann gives up: whichever is asked for first.
    scene.write("id,login,name,state\n2,ann@x.org,Bob,active\n1,anna@x.org,Ann,active\n");
    let run = scene.pull().await;
    assert_eq!((run.counts.users_updated, run.counts.refused), (2, 0), "{run:?}");
}

#[tokio::test]
async fn secrets_are_sealed_and_another_key_does_not_open_them() {
    let scene = Scene::new().await;
    scene.write(&Scene::people(0..3, &[]));
    let operator = AppCaller::operator();
    let kept = read_connector(&scene.context, &operator, scene.directory).expect("kept");
    assert_eq!(kept.settings.get("bearer"), Some(&Value::from(settings::SEALED)));
    assert!(!String::from_utf8_lossy(&kept.credentials).contains("hush"));
    let other = connectors(&scene.context, &scene.folder, [8; 32]);
    other.pull(scene.directory).await;
    let runs = list_runs(&scene.context, &operator, scene.directory).expect("runs");
    let error = runs.first().and_then(|run| run.error.clone()).unwrap_or_default();
    assert!(error.contains("another key"), "{error}");
    let found = read_directory(&scene.context, &operator, scene.directory).await.expect("read");
    assert_eq!(found.directory.state, DirectoryState::Linked, "a key of ours says nothing of the provider");
    assert_eq!(scene.pull().await.outcome, Outcome::Complete);
}
